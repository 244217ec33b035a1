package com.barnebys.analytics.hit;

import static com.barnebys.analytics.hit.Signing.hmac;
import static com.barnebys.analytics.hit.Signing.hmacSigned;
import static com.barnebys.analytics.hit.Signing.md5;
import static com.barnebys.analytics.hit.Signing.signed;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.hit.LinkExplanation.Difference;
import com.barnebys.analytics.hit.LinkExplanation.Finding;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinkExplanationTest {
    private static final SecretRing RING = SecretRing.of(new Secret(Signing.SECRET), List.of(new Secret("previous")));
    private static final long NOW = 1_795_456_868L;
    private static final String HOST = "https://t.example";
    private static final String QUERY = "p=1&k=click&url=https%3A%2F%2Fshop.example%2Flot%2F7&d1=a%20b&a=1";
    private static final String COLLECT = HOST + "/r/collect?" + QUERY + "&s=" + md5("/r/collect?" + QUERY);
    private static final String ROOT = HOST + "/?" + QUERY + "&s=" + md5("/?" + QUERY);
    private static final String COLLECT_HMAC =
            HOST + "/r/collect?" + QUERY + "&s=" + hmac(Signing.SECRET, "/r/collect?" + QUERY);

    /** @param corrected null: signed anew, the new link is only checked */
    record Damaged(String link, String corrected, Cause... causes) {
        static final String ANEW = "";
    }

    static Stream<Damaged> damaged() {
        String upper = md5("/r/collect?" + QUERY).toUpperCase(Locale.ROOT);
        String signature = md5("/?" + QUERY);
        String plus = QUERY.replace("%20", "+");
        String collectPlus = HOST + signed("/r/collect?" + plus);
        return Stream.of(
                // copied
                new Damaged(COLLECT.replace("&", "&amp;"), COLLECT, Cause.HTML_ESCAPED),
                new Damaged(ROOT.replace("&", "&amp;"), ROOT, Cause.HTML_ESCAPED),
                new Damaged(ROOT.replace("&", "&#38;"), ROOT, Cause.HTML_ESCAPED),
                new Damaged(COLLECT.replace("&a=", "\n&a="), COLLECT, Cause.LINE_BROKEN),
                new Damaged(COLLECT.replace("&a=", "=\r\n&a="), COLLECT, Cause.LINE_BROKEN),
                new Damaged(COLLECT.replace("=", "=3D"), COLLECT, Cause.LINE_BROKEN),
                new Damaged(COLLECT + ").", COLLECT, Cause.SIGNATURE_SURROUNDED),
                new Damaged(ROOT + "%22%3E", ROOT, Cause.SIGNATURE_SURROUNDED),
                new Damaged(COLLECT_HMAC + ".", COLLECT_HMAC, Cause.SIGNATURE_SURROUNDED),
                // the signature
                new Damaged(HOST + "/r/collect?" + QUERY + "&s=" + upper, COLLECT, Cause.UPPER_CASE),
                new Damaged(ROOT.replace(signature, signature.toUpperCase(Locale.ROOT)), ROOT, Cause.UPPER_CASE),
                new Damaged(ROOT + "&s=0", ROOT, Cause.SIGNATURE_TWICE),
                new Damaged(ROOT + "&s=" + signature, ROOT, Cause.SIGNATURE_TWICE),
                new Damaged(COLLECT.replace("p=1", "p=1&s=0"), COLLECT, Cause.SIGNATURE_TWICE),
                // parameters
                new Damaged(ROOT + "&fbclid=1&x=2", ROOT, Cause.PARAMETERS_BEHIND),
                new Damaged(
                        HOST + "/r/collect?s=" + md5("/r/collect?" + QUERY) + "&" + QUERY,
                        COLLECT,
                        Cause.SIGNATURE_NOT_LAST),
                new Damaged(COLLECT.replace("&a=", "&utm_source=x&utm_medium=y&a="), COLLECT, Cause.PARAMETER_ADDED),
                new Damaged(COLLECT.replace("&a=", "&session=x&a="), COLLECT, Cause.PARAMETER_ADDED),
                new Damaged(ROOT.replace("&s=", "&x=1&y=2&z=3&s="), ROOT, Cause.PARAMETER_ADDED),
                new Damaged(COLLECT.replace("p=1&k=click", "k=click&p=1"), COLLECT, Cause.ORDER),
                new Damaged(ROOT.replace("p=1&k=click", "k=click&p=1"), ROOT, Cause.ORDER),
                new Damaged(
                        HOST + "/?a=1&d1=a%20b&k=click&p=1&url=https%3A%2F%2Fshop.example%2Flot%2F7&s=" + signature,
                        ROOT,
                        Cause.ORDER),
                // encodings
                new Damaged(COLLECT.replace("%20", "+"), COLLECT, Cause.SPACES),
                new Damaged(collectPlus.replace("+", "%20"), collectPlus, Cause.SPACES),
                new Damaged(COLLECT.replace("%", "%25"), COLLECT, Cause.DOUBLE_ENCODED),
                new Damaged(
                        HOST + signed("/r/collect?p=1&k=view&d1=a%2520b").replace("%2520", "%20"),
                        HOST + signed("/r/collect?p=1&k=view&d1=a%2520b"),
                        Cause.DECODED),
                new Damaged(COLLECT.replace("%3A", ":").replace("%2F", "/"), COLLECT, Cause.RE_ENCODED),
                new Damaged(COLLECT.replace("%3A", "%3a").replace("%2F", "%2f"), COLLECT, Cause.RE_ENCODED),
                new Damaged(
                        HOST + signed("/r/collect?p=1&k=view&d1=it's").replace("'", "%27"),
                        HOST + signed("/r/collect?p=1&k=view&d1=it's"),
                        Cause.RE_ENCODED),
                new Damaged(
                        HOST + signed("/r/collect?p=1&k=view&d1=%c3%a5").replace("%c3%a5", "å"),
                        HOST + signed("/r/collect?p=1&k=view&d1=%c3%a5"),
                        Cause.RE_ENCODED),
                new Damaged(
                        HOST + signed("/r/collect?p=1&k=view&d1=%E5").replace("%E5", "å"),
                        HOST + signed("/r/collect?p=1&k=view&d1=%E5"),
                        Cause.RE_ENCODED),
                new Damaged(
                        HOST + "/r/collect?p=1&k=view&d1=%C3%A5&s=" + md5("/r/collect?p=1&k=view&d1=å"),
                        Damaged.ANEW,
                        Cause.RE_ENCODED),
                // fragments
                new Damaged(
                        HOST
                                + signed("/r/collect?p=1&k=click&url=https://shop.example/%23top")
                                        .replace("%23", "#"),
                        HOST + signed("/r/collect?p=1&k=click&url=https://shop.example/%23top"),
                        Cause.FRAGMENT),
                new Damaged(HOST + signed("/?p=1&k=click&url=https://shop.example/#top"), Damaged.ANEW, Cause.FRAGMENT),
                // paths
                new Damaged(COLLECT.replace("/r/", "//r/"), COLLECT, Cause.PATH_CHANGED),
                new Damaged(COLLECT.replace("/collect?", "/collect/?"), COLLECT, Cause.PATH_CHANGED),
                new Damaged(COLLECT.replace("collect?", "collec%74?"), COLLECT, Cause.PATH_CHANGED),
                new Damaged(COLLECT.replace("/r/collect?", "/R/Collect?"), COLLECT, Cause.PATH_CHANGED),
                new Damaged(COLLECT.replace("/r/collect?", "/" + "?"), COLLECT, Cause.OTHER_ROUTE),
                new Damaged(ROOT.replace("/?", "/r/collect?"), ROOT, Cause.OTHER_ROUTE),
                // builders' mistakes
                new Damaged(
                        COLLECT.replaceAll("s=.{32}$", "s=" + md5(HOST + "/r/collect?" + QUERY)),
                        Damaged.ANEW,
                        Cause.HOST_SIGNED),
                new Damaged(
                        ROOT.replaceAll("s=.{32}$", "s=" + md5(HOST + "/?" + QUERY)), Damaged.ANEW, Cause.HOST_SIGNED),
                new Damaged(HOST + "/x?" + QUERY + "&s=" + md5("/x?" + QUERY), Damaged.ANEW, Cause.PATH_SIGNED),
                new Damaged(HOST + "/?" + QUERY + "&s=" + md5(QUERY), Damaged.ANEW, Cause.PREFIX_NOT_SIGNED),
                new Damaged(HOST + "/?" + QUERY + "&s=" + md5("?" + QUERY), Damaged.ANEW, Cause.PREFIX_NOT_SIGNED),
                // two at once
                new Damaged(
                        ROOT.replace("&", "&amp;") + "&amp;fbclid=1",
                        ROOT,
                        Cause.HTML_ESCAPED,
                        Cause.PARAMETERS_BEHIND),
                new Damaged(
                        HOST
                                + (signed("/?p=1&k=view&d1=it's") + "&fbclid=1")
                                        .replace("?p=1&", "?p=1&x=2&")
                                        .replace("&", "&amp;"),
                        HOST + signed("/?p=1&k=view&d1=it's"),
                        Cause.HTML_ESCAPED,
                        Cause.PARAMETERS_BEHIND,
                        Cause.PARAMETER_ADDED),
                new Damaged(
                        COLLECT.replace("/collect?", "/collect/?").replace("%20", "+"),
                        COLLECT,
                        Cause.PATH_CHANGED,
                        Cause.SPACES),
                new Damaged(
                        COLLECT.replace("p=1&k=click", "k=click&p=1").replace("%20", "+"),
                        COLLECT,
                        Cause.SPACES,
                        Cause.ORDER));
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void damageIsNamedAndUndone(Damaged damaged) {
        LinkExplanation explanation = explain(damaged.link());

        assertThat(explanation.isValid()).isFalse();
        assertThat(explanation.causes()).extracting(Finding::cause).containsExactlyInAnyOrder(damaged.causes());
        assertThat(explanation.isSignedAnew()).isEqualTo(damaged.corrected().equals(Damaged.ANEW));
        if (!explanation.isSignedAnew()) {
            assertThat(explanation.corrected()).isEqualTo(damaged.corrected());
        }
        assertThat(explain(String.valueOf(explanation.corrected())).isValid()).isTrue();
        isSilentAboutTheSecret(explanation);
    }

    static Stream<Damaged> unproven() {
        String foreign = "&s=" + md5("of another house", "/?p=1&k=view");
        return Stream.of(
                new Damaged(HOST + "/?p=1&k=view" + foreign, "", Cause.NO_MATCH),
                new Damaged(HOST + "/r/collect?p=1&k=view" + foreign, "", Cause.NO_MATCH),
                new Damaged(COLLECT.replace("p=1", "p=2"), "", Cause.NO_MATCH),
                new Damaged(ROOT.replace("lot%2F7", "lot%2F8"), "", Cause.NO_MATCH),
                new Damaged(COLLECT_HMAC.replace("p=1", "p=2"), "", Cause.NO_MATCH),
                new Damaged(COLLECT.substring(0, COLLECT.length() - 1), "", Cause.SIGNATURE_MALFORMED),
                new Damaged(COLLECT + "0", "", Cause.SIGNATURE_MALFORMED),
                new Damaged(HOST + "/?p=1&k=view&s=", "", Cause.SIGNATURE_MALFORMED),
                new Damaged(HOST + "/?p=1&k=view", "", Cause.SIGNATURE_MISSING),
                new Damaged(
                        HOST + "/?p=1&amp;k=view" + foreign.replace("&", "&amp;"),
                        "",
                        Cause.HTML_ESCAPED,
                        Cause.NO_MATCH),
                new Damaged(HOST + "/r/collect", "", Cause.SIGNATURE_MISSING),
                new Damaged(HOST, "", Cause.SIGNATURE_MISSING),
                new Damaged(HOST + "/r/collect?_h=event&p=1&c=x&a=y", "", Cause.CONVERSION_EVENT),
                new Damaged("t.example/?p=1", "", Cause.NOT_A_LINK),
                new Damaged("", "", Cause.NOT_A_LINK),
                new Damaged("mailto:a@b", "", Cause.NOT_A_LINK),
                new Damaged(signed("/?p=1&k=events"), "", Cause.VALUE_REFUSED),
                new Damaged(signed("/r/collect?p=1"), "", Cause.VALUE_REFUSED),
                new Damaged(signed("/?p=1"), "", Cause.VALUE_REFUSED),
                new Damaged(signed("/?p=1&k=view&url=x"), "", Cause.VALUE_REFUSED),
                new Damaged(hmacSigned("/?p=1&k=view&exp=1"), "", Cause.VALUE_REFUSED));
    }

    @ParameterizedTest
    @MethodSource("unproven")
    void whereNothingMatchesNothingIsCorrected(Damaged damaged) {
        LinkExplanation explanation = explain(damaged.link());

        assertThat(explanation.isValid()).isFalse();
        // One more digit behind a signature is cut off again, and then it matches.
        if (damaged.link().equals(COLLECT + "0")) {
            assertThat(explanation.causes()).extracting(Finding::cause).containsExactly(Cause.SIGNATURE_SURROUNDED);
            return;
        }
        assertThat(explanation.causes()).extracting(Finding::cause).containsExactly(damaged.causes());
        assertThat(explanation.corrected()).isNull();
        assertThat(explanation.difference()).isNull();
        isSilentAboutTheSecret(explanation);
    }

    private static void isSilentAboutTheSecret(LinkExplanation explanation) {
        assertThat(explanation.toString()).doesNotContain("\"test").doesNotContain("previous");
        explanation.readings().forEach(reading -> assertThat(reading.formula()).contains("(SECRET"));
    }

    @Test
    void everyCauseHasItsCase() {
        Set<Cause> seen = EnumSet.noneOf(Cause.class);
        damaged().forEach(damaged -> seen.addAll(List.of(damaged.causes())));
        unproven().forEach(damaged -> seen.addAll(List.of(damaged.causes())));

        assertThat(seen).containsExactlyInAnyOrder(Cause.values());
    }

    @Test
    void aValidLinkIsExplainedToo() {
        LinkExplanation explanation =
                explain(HOST + "/x?p=1&k=view&d1=a+b&s=" + md5("previous", "/?p=1&k=view&d1=a%20b"));

        assertThat(explanation.isValid()).isTrue();
        assertThat(explanation.causes()).isEmpty();
        assertThat(explanation.target()).startsWith("/x?p=1");
        assertThat(explanation.readings())
                .extracting(LinkExplanation.Reading::rule, LinkExplanation.Reading::keyPosition)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(SignatureRule.RAW, -1),
                        org.assertj.core.groups.Tuple.tuple(SignatureRule.CANONICAL, 1));
        assertThat(explanation.readings().get(1).formula()).isEqualTo("md5(SECRET + \"/?p=1&k=view&d1=a%20b\")");
        assertThat(explanation.readings().get(0).expected()).isEqualTo(md5("/?p=1&k=view&d1=a+b"));
    }

    @Test
    void theFirstDifferenceIsShown() {
        LinkExplanation explanation = explain(COLLECT.replace("a%20b", "a+b"));

        int at = "/r/collect?p=1&k=click&url=https%3A%2F%2Fshop.example%2Flot%2F7&d1=a".length();
        assertThat(explanation.difference()).isEqualTo(new Difference(at, "%20b&a=1", "+b&a=1"));
    }

    @Test
    void aRepairedLinkMayStillBeRefused() {
        LinkExplanation explanation =
                explain(hmacSigned("/r/collect?p=1&k=view&d1=a+b&exp=1").replace("+", "%20"));

        assertThat(explanation.causes())
                .containsExactly(
                        new Finding(Cause.SPACES, "+ was signed, %20 was sent"),
                        new Finding(Cause.VALUE_REFUSED, "Link expired"));
    }

    @Test
    void theSearchIsBounded() {
        String many = "/?p=1&k=view" + "&x=%2541+".repeat(900) + "&s=" + "0".repeat(32);
        String some = "/?p=1&k=view" + "&x=%2541+".repeat(36) + "&S=" + "A".repeat(32) + "&s=" + "0".repeat(32);

        assertThat(explain(many).causes()).containsExactly(new Finding(Cause.NO_MATCH, ""));
        assertThat(explain(some).causes()).containsExactly(new Finding(Cause.NO_MATCH, ""));
    }

    @Test
    void anythingCanBeExplainedAndWhatIsCorrectedIsTaken() {
        Random random = new Random(3);
        List<Damaged> all = damaged().toList();
        for (int round = 0; round < 25; round++) {
            StringBuilder link =
                    new StringBuilder(all.get(random.nextInt(all.size())).link());
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = random.nextInt(link.length());
                switch (random.nextInt(3)) {
                    case 0 -> link.deleteCharAt(at);
                    case 1 -> link.insert(at, "%&=#+;?/s \n\uD83D\u00E5$\\".charAt(random.nextInt(15)));
                    default -> link.setCharAt(at, (char) random.nextInt(128));
                }
            }
            LinkExplanation explanation = explain(link.toString());

            assertThat(explanation.isValid()).isEqualTo(explanation.causes().isEmpty());
            assertThat(explanation.target()).matches("[!-~]*");
            String corrected = explanation.corrected();
            if (corrected != null && explanation.causes().stream().noneMatch(c -> c.cause() == Cause.VALUE_REFUSED)) {
                assertThat(explain(corrected).isValid())
                        .as("%s of %s", corrected, link)
                        .isTrue();
            }
        }
    }

    /** The explanation's own reading of a link and the verifier's must not part. */
    @Test
    void readingsMatchExactlyWhenTheVerifierDoes() throws IOException {
        Random random = new Random(7);
        for (String line : PercentEncodingTest.lines("queries.jsonl")) {
            String query = new JsonObject(line).getString("query");
            if (query.contains("#") || query.length() > 500) {
                continue;
            }
            String canonical = new JsonObject(line).getString("canonical");
            List<String> signatures = List.of(
                    md5("/?p=1&k=view&" + query),
                    md5("/r/collect?p=1&k=view&" + query),
                    md5("/?" + canonical),
                    hmac(Signing.SECRET, "/?p=1&k=view&" + query));
            String path = random.nextBoolean() ? "/r/collect?p=1&k=view&" : "/?p=1&k=view&";
            for (String signature : signatures) {
                String target = path + query + "&s=" + signature;
                Link link = Objects.requireNonNull(Link.parse(target));
                boolean isMatched = Claim.of(link).match(new SignatureChecker(RING)) != null;
                boolean isRefusedForItsSignature = LinkSigner.verdict(link, RING, NOW) == Rejection.INVALID_SIGNATURE;
                // Two s are refused whatever they say.
                if (new JsonObject(line).getInteger("signatures") == 0) {
                    assertThat(isMatched).as(target).isEqualTo(!isRefusedForItsSignature);
                }
            }
        }
    }

    private static LinkExplanation explain(String link) {
        return LinkExplanation.of(link, RING, NOW);
    }
}
