package com.barnebys.analytics.hit;

import static com.barnebys.analytics.hit.Signing.hmac;
import static com.barnebys.analytics.hit.Signing.hmacSigned;
import static com.barnebys.analytics.hit.Signing.md5;
import static com.barnebys.analytics.hit.Signing.signed;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HitVerifierTest {
    private static final byte[] COLLECT = "/r/collect".getBytes(StandardCharsets.US_ASCII);
    private static final long NOW = 1_795_456_868L;

    private final HitVerifier verifier = verifier(Signing.SECRET, "previous", "oldest");

    // ---- /r/collect

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/r/collect?p=1&k=view",
                "/r/collect?_h=track&p=1&k=view",
                "/r/collect?k=view&p=1",
                "/r/collect?&p=1&&k=view&",
                "/r/collect?%70=1&k=view",
                "/r/collect?p=1&k=view&d1=%c3%a5",
                "/r/collect?p=1&k=view&d1=a+b;c",
                "/r/collect?p=1&k=view&d1=%zz%",
                "/r/collect?p=1&k=view&p=2&k=3",
                "http://h/r/collect?p=1&k=view",
                "https://h:8443/r/collect?p=1&k=view",
                "/r/collect?S=x&ss=y&p=1&k=view"
            })
    void collectTakesWhatItsTargetIsSignedFor(String text) {
        TrackHit hit = accepted(signed(text));

        assertThat(hit.programId()).isEqualTo("1");
        assertThat(hit.kind()).isEqualTo("view");
        assertThat(hit.rule()).isEqualTo(SignatureRule.TARGET);
        assertThat(hit.keyPosition()).isZero();
    }

    @Test
    void collectIgnoresWhatFollowsTheSignature() {
        TrackHit hit = accepted(
                signed("/r/collect?p=1&k=view&d1=x") + "&url=https://evil.example/&a=1&p=2&d1=y&d2=z&_h=event&%73=0");

        assertThat(hit.isRedirect()).isFalse();
        assertThat(hit.isAffiliate()).isFalse();
        assertThat(hit.programId()).isEqualTo("1");
        assertThat(hit.dimension1()).isEqualTo("x");
        assertThat(hit.dimension2()).isEmpty();
    }

    @Test
    void collectIgnoresAFragment() {
        assertThat(accepted(signed("/r/collect?p=1&k=view") + "#&s=0").programId())
                .isEqualTo("1");
    }

    @Test
    void collectRefuses() {
        String signature = md5("/r/collect?p=1&k=view");
        Stream.of(
                        "/r/collect",
                        "/r/collect?",
                        "/r/collect?p=1&k=view",
                        "/r/collect?p=1&k=view&s=",
                        "/r/collect?p=1&k=view&s",
                        "/r/collect?p=1&k=view&s=" + "0".repeat(32),
                        "/r/collect?p=1&k=view&s=" + signature.toUpperCase(Locale.ROOT),
                        "/r/collect?p=1&k=view&s=" + signature + "0",
                        "/r/collect?p=1&k=view&s=" + signature.substring(1),
                        "/r/collect?p=1&k=view&s=" + signature + signature,
                        "/r/collect?p=1&k=view&s=+" + signature,
                        "/r/collect?p=1&k=view&s=" + signature + "%00",
                        "/r/collect?k=view&p=1&s=" + signature,
                        "/r/collect?p=1&k=view&&s=" + signature,
                        "/r/collect?p=1&k=view&d1=x&s=" + signature,
                        "/r/collect?s=" + signature + "&p=1&k=view",
                        "/r/collect?p=1&s=" + signature + "&k=view",
                        "/r/collect?p=1&k=view&S=" + signature,
                        "/r/collect?p=1&k=view#&s=" + signature,
                        "/r/collect?p=1&amp;k=view&amp;s=" + signature,
                        "http://h/r/collect?p=1&k=view&s=" + signature,
                        // The canonical text of the other route is not this one's.
                        "/r/collect?p=1&k=view&s=" + md5("/?p=1&k=view"),
                        "/r/collect?p=1&k=view&d1=a+b&s=" + md5("/r/collect?p=1&k=view&d1=a%20b"))
                .forEach(target -> assertThat(verdict(target)).as(target).isEqualTo(Rejection.INVALID_SIGNATURE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s=0&", "s=&", "s&", "%73=0&"})
    void collectRefusesASecondSignatureEvenASignedOne(String before) {
        assertThat(verdict(signed("/r/collect?" + before + "p=1&k=view"))).isEqualTo(Rejection.INVALID_SIGNATURE);
        assertThat(verdict(signed("/r/collect?p=1&k=view&" + before + "d1=x"))).isEqualTo(Rejection.INVALID_SIGNATURE);
    }

    @Test
    void collectReadsTheSignatureOfTheThousandthPieceAndNoneBehindIt() {
        String query = "/r/collect?p=1&k=view";

        assertThat(verdict(signed(query + "&x".repeat(996)))).isInstanceOf(TrackHit.class);
        assertThat(verdict(signed(query + "&x".repeat(997)))).isInstanceOf(TrackHit.class);
        assertThat(verdict(signed(query + "&x".repeat(998)))).isEqualTo(Rejection.INVALID_SIGNATURE);
        assertThat(verdict(signed(query + "&".repeat(998)))).isEqualTo(Rejection.INVALID_SIGNATURE);
        assertThat(verdict(signed(query + "&x".repeat(1500)))).isEqualTo(Rejection.INVALID_SIGNATURE);
    }

    @Test
    void collectReadsAnEscapedSignature() {
        // The service this one replaces decoded s as it decoded everything.
        String signature = md5("/r/collect?p=1&k=view");
        String escaped = "%%%02x".formatted((int) signature.charAt(0)) + signature.substring(1);

        assertThat(verdict("/r/collect?p=1&k=view&s=" + escaped)).isInstanceOf(TrackHit.class);
    }

    @ParameterizedTest
    @CsvSource({
        "/r/collect?_h=event, true",
        "/r/collect?_h=event&p=1, true",
        "/r/collect?p=1&_h=event, true",
        "/r/collect?_h=%65vent, true",
        "/r/collect?_h=event&_h=track, true",
        "/r/collect?_h=track&_h=event, false",
        "/r/collect?_h=events, false",
        "/r/collect?_h=Event, false",
        "/r/collect?_h=, false",
        "/r/collect?_H=event, false",
        "/r/collect, false",
        "/r/collect?p=1&s=0&_h=event, false",
        "/r/collect?_h=event&url=https://x/?a=1&s=foo&_h=track, true",
    })
    void onlyHandlerEventBeforeTheSignatureIsAConversion(String target, boolean isConversion) {
        assertThat(verifier.isConversionEvent(Signing.target(target))).isEqualTo(isConversion);
    }

    // ---- every other path

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                // what is sent without s, what was signed, rule
                "p=1&k=view, p=1&k=view, RAW",
                "p=1&k=view&d1=a%20b, p=1&k=view&d1=a%20b, RAW",
                "p=1&k=view&d1=a+b, p=1&k=view&d1=a+b, RAW",
                "p=1&k=view&d1=a+b, p=1&k=view&d1=a%20b, CANONICAL",
                "p=1&k=view&d1=a%20b, p=1&k=view&d1=a+b, RAW_PLUS",
                "p=1&k=view&d1=%27%21, p=1&k=view&d1='!, CANONICAL",
                "p=1&k=view&d1=%27%21, p=1&k=view&d1=%27%21, RAW",
                "p=1&k=view&d1=%ff, p=1&k=view&d1=%ff, RAW",
                "p=1&k=view&d1=%ff, p=1&k=view&d1=%EF%BF%BD, CANONICAL",
                "p=1&k=view&d1=%c3%a5, p=1&k=view&d1=%C3%A5, CANONICAL",
                "p=1&k=view&d1=100%25%zz%, p=1&k=view&d1=100%25%25zz%25, CANONICAL",
                "p=1&k=view&url=https://x/, p=1&k=view&url=https%3A%2F%2Fx%2F, CANONICAL",
                "&p=1&&k=view&, p=1&k=view, CANONICAL",
                "&p=1&&k=view&, &p=1&&k=view&, RAW",
                "p=1&k=view&d1, p=1&k=view&d1=, CANONICAL",
                "=x&p=1&k=view, =x&p=1&k=view, RAW",
                "p=1&k=view&x=1&p=2, p=1&p=2&k=view&x=1, CANONICAL",
                "p=1&k=view&7=a&0=b, 0=b&7=a&p=1&k=view, CANONICAL",
                "p=1&k=view&x[0]=1, p=1&k=view&x%5B0%5D=1, CANONICAL",
            })
    void catchAllTakesAnyOfItsThreeReadings(String sent, String text, SignatureRule rule) {
        TrackHit hit = accepted("/?" + sent + "&s=" + md5("/?" + text));

        assertThat(hit.rule()).isEqualTo(rule);
        assertThat(hit.programId()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/x",
                "/some/deep/path",
                "//r/collect",
                "/r/collect/",
                "/r/collec%74",
                "/R/collect",
                "http://h",
                "http://h/x",
                "http://h//r/collect"
            })
    void catchAllDoesNotCoverThePath(String path) {
        assertThat(accepted(path + "?p=1&k=view&s=" + md5("/?p=1&k=view")).rule())
                .isEqualTo(SignatureRule.RAW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s=%s&p=1&k=view",
                "p=1&s=%s&k=view",
                "&s=%s&p=1&k=view",
                "p=1&k=view&s=%s&",
                "p=1&k=view&%%73=%s"
            })
    void catchAllTakesTheCanonicalSignatureAnywhere(String query) {
        String signature = md5("/?p=1&k=view");

        assertThat(accepted("/?" + query.formatted(signature)).rule()).isEqualTo(SignatureRule.CANONICAL);
    }

    @Test
    void catchAllRefuses() {
        String signature = md5("/?p=1&k=view");
        Stream.of(
                        "/?p=1&k=view",
                        "/?p=1&k=view&s",
                        "/?p=1&k=view&s=",
                        "/?p=1&k=view&s=" + "0".repeat(32),
                        "/?p=1&k=view&s=" + signature.toUpperCase(Locale.ROOT),
                        "/?p=1&k=view&s=" + signature + "0",
                        "/?p=1&k=view&s=" + signature.substring(1),
                        "/?p=1&k=view&s=" + signature + signature,
                        "/?k=view&p=1&s=" + signature,
                        "/?p=1&k=view&s=" + signature + "&fbclid=1",
                        "/?p=1&k=view&fbclid=1&s=" + signature,
                        "/?p=1&k=view&s=" + signature + "&=",
                        "/?p=1&k=view&S=" + signature,
                        "/?p=1&k=view#&s=" + signature,
                        "/?p=1&k=view&s=" + signature + "&s=" + signature,
                        "/?p=1&k=view&s=" + signature + "&s=zz",
                        "/?s=" + signature + "&p=1&k=view&s=" + signature,
                        "/?p=1&k=view&%73=0&s=" + md5("/?p=1&k=view&%73=0"),
                        "/?p=1&k=view&s=" + md5("/r/collect?p=1&k=view"),
                        "/x?p=1&k=view&s=" + md5("/x?p=1&k=view"),
                        // The old service let this kind through unsigned.
                        "/?p=1&k=impression",
                        "/?p=1&k=impression&url=https%3A%2F%2Fevil.example%2F",
                        // Only the raw text itself, and only at the end.
                        "/?p=1&k=view&d1=%ff&s=" + md5("/?p=1&k=view&d1=%ff") + "&",
                        "/?p=1&k=view&d1=a+b&s=" + md5("/?p=1&k=view&d1=a%2Bb"))
                .forEach(target -> assertThat(verdict(target)).as(target).isEqualTo(Rejection.INVALID_SIGNATURE));
    }

    @Test
    void catchAllReadsTheSignatureOfTheThousandthPieceAndNoneBehindIt() {
        String query = "/?p=1&k=view";

        assertThat(verdict(signed(query + "&x=".repeat(997)))).isInstanceOf(TrackHit.class);
        assertThat(verdict(signed(query + "&x=".repeat(998)))).isEqualTo(Rejection.INVALID_SIGNATURE);
        // In front, s is read, and what lies beyond the limit is neither read nor covered.
        String covered = "p=1&k=view" + "&x=".repeat(997);
        assertThat(accepted("/?s=" + md5("/?" + covered) + "&" + covered + "&url=https://evil.example/")
                        .isRedirect())
                .isFalse();
        assertThat(accepted("/?s=" + md5("/?" + covered) + "&" + covered + "&s=0")
                        .rule())
                .isEqualTo(SignatureRule.CANONICAL);
        assertThat(verdict("/?" + "&".repeat(1000) + "p=1&k=view&s=" + md5("/?")))
                .isEqualTo(Rejection.MISSING_PROGRAM_AND_KIND);
    }

    // ---- keys and HMAC

    @ParameterizedTest
    @CsvSource({"test, 0", "previous, 1", "oldest, 2"})
    void everyKeyOfTheRingIsTakenAndNamed(String secret, int position) {
        for (String text : List.of("/?p=1&k=view", "/r/collect?p=1&k=view")) {
            assertThat(accepted(text + "&s=" + md5(secret, text)).keyPosition()).isEqualTo(position);
            assertThat(accepted(text + "&s=" + hmac(secret, text)).keyPosition())
                    .isEqualTo(position);
        }
        assertThat(accepted("/?d1=a+b&k=view&p=1&s=" + md5(secret, "/?d1=a%20b&k=view&p=1"))
                        .keyPosition())
                .isEqualTo(position);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tes", "test ", "Test", "testtest", "Previous"})
    void noOtherKeyIsTaken(String secret) {
        for (String text : List.of("/?p=1&k=view", "/r/collect?p=1&k=view")) {
            assertThat(verdict(text + "&s=" + md5(secret, text))).isEqualTo(Rejection.INVALID_SIGNATURE);
            assertThat(verdict(text + "&s=" + hmac(secret, text))).isEqualTo(Rejection.INVALID_SIGNATURE);
        }
    }

    @Test
    void aSecretIsTakenLiterally() {
        String secret = "  gehéim=\"x\"\\n ";
        String text = "/?p=1&k=view";

        assertThat(verdict(verifier(secret), text + "&s=" + md5(secret, text))).isInstanceOf(TrackHit.class);
    }

    @Test
    void hmacCoversTheRawTextOfEitherRoute() {
        assertThat(accepted(hmacSigned("/?p=1&k=view")).rule()).isEqualTo(SignatureRule.HMAC);
        assertThat(accepted(hmacSigned("/?p=1&k=view").replace("/?", "/any/path?"))
                        .rule())
                .isEqualTo(SignatureRule.HMAC);
        assertThat(accepted(hmacSigned("/r/collect?p=1&k=view")).rule()).isEqualTo(SignatureRule.HMAC);
        assertThat(accepted(hmacSigned("/r/collect?p=1&k=view") + "&fbclid=1").rule())
                .isEqualTo(SignatureRule.HMAC);
    }

    @Test
    void hmacHasNoOtherReading() {
        String canonical = hmac(Signing.SECRET, "/?p=1&k=view");
        Stream.of(
                        "/?s=" + canonical + "&p=1&k=view",
                        "/?p=1&k=view&s=" + canonical + "&fbclid=1",
                        "/?p=1&k=view&s=" + canonical + "&",
                        "/?&p=1&k=view&s=" + canonical,
                        "/?p=1&k=view&d1=a%20b&s=" + hmac(Signing.SECRET, "/?p=1&k=view&d1=a+b"),
                        "/?p=1&k=view&s=" + canonical.toUpperCase(Locale.ROOT),
                        "/?p=1&k=view&s=" + canonical.substring(0, 32),
                        "/?p=1&k=view&s=" + canonical.substring(0, 63))
                .forEach(target -> assertThat(verdict(target)).as(target).isEqualTo(Rejection.INVALID_SIGNATURE));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "1795456868, ``",
                "1795456869, ``",
                "999999999999999999, ``",
                "1795456867, EXPIRED",
                "0, EXPIRED",
                "0001795456867, EXPIRED",
                "-1, INVALID_EXPIRY",
                "9223372036854775807, INVALID_EXPIRY",
                "``, INVALID_EXPIRY",
                "soon, INVALID_EXPIRY",
                "1795456868.5, INVALID_EXPIRY",
                "1e12, INVALID_EXPIRY",
                "0x7fffffff, INVALID_EXPIRY",
                "+1795456868, INVALID_EXPIRY",
                "%2B1795456868, INVALID_EXPIRY",
                "%201795456868, INVALID_EXPIRY",
                "%D9%A1, INVALID_EXPIRY",
                "9223372036854775808, INVALID_EXPIRY",
                "1795456868&exp=0, ``",
                "0&exp=1795456868, EXPIRED",
            })
    void hmacLinksExpire(String exp, String refused) {
        for (String path : List.of("/", "/r/collect")) {
            Verdict verdict = verdict(hmacSigned(path + "?p=1&k=view&exp=" + exp));
            if (refused.isEmpty()) {
                assertThat(verdict).isInstanceOf(TrackHit.class);
            } else {
                assertThat(verdict).isEqualTo(Rejection.valueOf(refused));
            }
        }
    }

    @Test
    void oldLinksDoNotExpire() {
        assertThat(verdict(signed("/?p=1&k=view&exp=0"))).isInstanceOf(TrackHit.class);
        assertThat(verdict(signed("/r/collect?p=1&k=view&exp=never"))).isInstanceOf(TrackHit.class);
        assertThat(verdict(hmacSigned("/r/collect?p=1&k=view") + "&exp=0")).isInstanceOf(TrackHit.class);
        // A refused HMAC link leaves nothing behind for the next one.
        assertThat(verdict(hmacSigned("/?p=1&k=view&exp=0"))).isEqualTo(Rejection.EXPIRED);
        assertThat(verdict(signed("/?p=1&k=view&exp=0"))).isInstanceOf(TrackHit.class);
    }

    // ---- values

    @Test
    void everyValueHasItsPlace() {
        TrackHit hit =
                accepted(signed("/r/collect?p=m1&k=click&url=https%3A%2F%2Fshop.example%2F&d1=1&d2=2&d3=3&d4=4&d5=5"
                        + "&sp=1&dt=deal&source=widget&fpv=1&a=1&medium=x"));

        assertThat(hit)
                .isEqualTo(new TrackHit(
                        "m1",
                        "click",
                        true,
                        "https://shop.example/",
                        "1",
                        "2",
                        "3",
                        "4",
                        "5",
                        true,
                        "deal",
                        "widget",
                        true,
                        SignatureRule.TARGET,
                        0));
    }

    @Test
    void valuesHaveDefaults() {
        assertThat(accepted(signed("/?p=m1&k=click")))
                .isEqualTo(new TrackHit(
                        "m1", "click", false, "", "", "", "", "", "", false, null, null, false, SignatureRule.RAW, 0));
        assertThat(accepted(signed("/?p=m1&k=click&url=&d1=&sp=&dt=&source=&fpv=&a=")))
                .isEqualTo(new TrackHit(
                        "m1", "click", false, "", "", "", "", "", "", false, null, null, false, SignatureRule.RAW, 0));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "1, true",
                "true, true",
                "yes, true",
                "no, true",
                "00, true",
                "False, true",
                "0, false",
                "false, false",
                "``, false",
                "%30, false",
                "%66alse, false",
                "+, true"
            })
    void affiliateIsAnythingThatDoesNotSayNo(String a, boolean isAffiliate) {
        assertThat(accepted(signed("/?p=1&k=view&a=" + a)).isAffiliate()).isEqualTo(isAffiliate);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "%31, true", "0, false", "true, false", "11, false", "+1, false"})
    void sponsoredAndFingerprintAreExactlyOne(String value, boolean isSet) {
        TrackHit hit = accepted(signed("/?p=1&k=click&sp=" + value + "&fpv=" + value));

        assertThat(hit.isSponsored()).isEqualTo(isSet);
        assertThat(hit.hasFingerprint()).isEqualTo(isSet);
    }

    @ParameterizedTest
    @CsvSource({"a-b-c, a_b_c", "-, _", "click-test, click_test", "Click, Click", "%63lick, click"})
    void dashesInKindsBecomeUnderscores(String k, String kind) {
        assertThat(accepted(signed("/r/collect?p=1&k=" + k)).kind()).isEqualTo(kind);
    }

    // ---- refusals and their order

    @ParameterizedTest
    @EnumSource(Rejection.class)
    void everyRejectionHasItsTarget(Rejection rejection) {
        switch (rejection) {
            case INVALID_TARGET -> assertThat(new Target().read("/?p=\0")).isFalse();
            case INVALID_SIGNATURE -> isRefused(rejection, "/?p=1&k=view&s=0", "/r/collect?p=1&k=view&s=0");
            case EXPIRED ->
                isRefused(rejection, hmacSigned("/?p=1&k=view&exp=1"), hmacSigned("/r/collect?exp=1&p=1&k=view"));
            case INVALID_EXPIRY ->
                isRefused(rejection, hmacSigned("/?p=1&k=view&exp=x"), hmacSigned("/r/collect?exp=x&p=1&k=view"));
            case MISSING_PROGRAM ->
                isRefused(rejection, signed("/?k=view"), signed("/r/collect?k=view"), signed("/?p=&k=view"));
            case MISSING_KIND -> isRefused(rejection, signed("/?p=1"), signed("/r/collect?p=1"), signed("/?p=1&k="));
            case MISSING_PROGRAM_AND_KIND ->
                isRefused(rejection, "/", "/robots", signed("/?x=1"), signed("/r/collect?x=1"));
            case INVALID_KIND ->
                isRefused(
                        rejection,
                        signed("/?p=1&k=events"),
                        signed("/r/collect?p=1&k=a.b"),
                        signed("/?p=1&k=" + "x".repeat(65)));
            case TOO_MANY_KINDS -> {
                for (int i = 0; i < KindLimit.NEW_KINDS_MAX; i++) {
                    assertThat(verdict(signed("/?p=1&k=new" + i))).isInstanceOf(TrackHit.class);
                }
                isRefused(rejection, signed("/?p=1&k=more"), signed("/r/collect?p=1&k=more"));
                assertThat(verdict(signed("/?p=1&k=new7"))).isInstanceOf(TrackHit.class);
            }
            case INVALID_URL ->
                isRefused(
                        rejection,
                        signed("/?p=1&k=view&url=//x/"),
                        signed("/r/collect?p=1&k=view&url=javascript:alert(1)"));
            case CONVERSION_EVENT -> isRefused(rejection, "/r/collect?_h=event&p=1", signed("/r/collect?_h=event"));
            case MISSING_EVENT_PARAMETER, TOO_MANY_REQUESTS -> {
                // Of unsigned requests: ConversionIT and RateLimitIT.
            }
        }
        assertThat(rejection.status())
                .isEqualTo(
                        switch (rejection) {
                            case EXPIRED -> 410;
                            case TOO_MANY_REQUESTS -> 429;
                            default -> 400;
                        });
        assertThat(rejection.reason()).matches("[a-z_]+");
    }

    private void isRefused(Rejection rejection, String... targets) {
        for (String target : targets) {
            assertThat(verdict(target)).as(target).isEqualTo(rejection);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                // collect: the signature before everything
                "/r/collect?x=1&s=0, INVALID_SIGNATURE",
                "/r/collect?p=1&s=0, INVALID_SIGNATURE",
                "/r/collect?p=1&k=events&s=0, INVALID_SIGNATURE",
                "/r/collect, INVALID_SIGNATURE",
                // the others: p and k before it, values behind it
                "/?p=1&s=0, MISSING_KIND",
                "/?p=1&k=&s=0, MISSING_KIND",
                "/?k=view&s=0, MISSING_PROGRAM",
                "/?p=1&amp;k=view&amp;s=0, MISSING_KIND",
                "/?p=1&k=events&s=0, INVALID_SIGNATURE",
                "/?p=1&k=view&url=x&s=0, INVALID_SIGNATURE",
            })
    void checksHaveTheirOrder(String target, Rejection rejection) {
        assertThat(verdict(target)).isEqualTo(rejection);
    }

    @Test
    void expiryComesBetweenSignatureAndValues() {
        assertThat(verdict(hmacSigned("/r/collect?exp=1"))).isEqualTo(Rejection.EXPIRED);
        assertThat(verdict(hmacSigned("/?exp=1"))).isEqualTo(Rejection.MISSING_PROGRAM_AND_KIND);
        assertThat(verdict(hmacSigned("/?p=1&k=events&exp=1"))).isEqualTo(Rejection.EXPIRED);
        assertThat(verdict("/?p=1&k=view&exp=1&s=" + "0".repeat(64))).isEqualTo(Rejection.INVALID_SIGNATURE);
        assertThat(verdict(signed("/?p=1&k=events&url=x"))).isEqualTo(Rejection.INVALID_KIND);
    }

    @Test
    void refusedHitsCreateNoKind() {
        for (int i = 0; i < 3 * KindLimit.NEW_KINDS_MAX; i++) {
            assertThat(verdict("/?p=1&k=forged" + i + "&s=" + "0".repeat(32))).isEqualTo(Rejection.INVALID_SIGNATURE);
            assertThat(verdict(signed("/?p=1&k=bad" + i + "&url=x"))).isEqualTo(Rejection.INVALID_URL);
        }
        assertThat(verdict(signed("/?p=1&k=view"))).isInstanceOf(TrackHit.class);
    }

    // ---- valid becoming invalid

    /**
     * Each byte of a signed target replaced by each other printable one. What still verifies says the same: on the
     * catch-all the path is not covered, and the canonical reading does not see the case of an escape.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/r/collect?p=1&k=click&url=https%3A%2F%2Fx.example%2F&d1=a%20b&a=1",
                "/?p=1&k=click&url=https%3A%2F%2Fx.example%2F&d1=a%20b&a=1",
                "/path?p=1&k=click&d1=%c3%a5"
            })
    void everyChangedByteIsRefused(String text) {
        String query = text.startsWith("/path") ? "/" + text.substring(5) : text;
        for (String signature : List.of(md5(query), hmac(Signing.SECRET, query))) {
            String valid = text + "&s=" + signature;
            TrackHit hit = accepted(valid);
            List<String> legitimate = new ArrayList<>();
            for (int at = 0; at < valid.length(); at++) {
                for (char c = '!'; c <= '~'; c++) {
                    String changed = valid.substring(0, at) + c + valid.substring(at + 1);
                    if (c != valid.charAt(at) && verdict(changed) instanceof TrackHit other) {
                        legitimate.add(changed);
                        assertThat(withoutRule(other)).as(changed).isEqualTo(withoutRule(hit));
                    }
                }
            }
            assertThat(legitimate).allSatisfy(changed -> {
                boolean isPath = !text.startsWith("/r/")
                        && changed.substring(changed.indexOf('?')).equals(valid.substring(valid.indexOf('?')));
                boolean isCaseOfEscape =
                        !text.startsWith("/r/") && changed.equalsIgnoreCase(valid) && signature.length() == 32;
                assertThat(isPath || isCaseOfEscape).as(changed).isTrue();
            });
            boolean isStrict = text.startsWith("/r/") || (text.startsWith("/?") && signature.length() == 64);
            assertThat(legitimate.isEmpty()).isEqualTo(isStrict);
        }
    }

    private static TrackHit withoutRule(TrackHit hit) {
        return new TrackHit(
                hit.programId(),
                hit.kind(),
                hit.isAffiliate(),
                hit.url(),
                hit.dimension1(),
                hit.dimension2(),
                hit.dimension3(),
                hit.dimension4(),
                hit.dimension5(),
                hit.isSponsored(),
                hit.dealType(),
                hit.source(),
                hit.hasFingerprint(),
                SignatureRule.RAW,
                0);
    }

    @Test
    void everyRemovedOrDoubledByteOfACollectLinkIsRefused() {
        String valid = signed("/r/collect?p=11&k=click&url=https%3A%2F%2Fx.example%2F&d1=a%20b&a=1");
        for (int at = 0; at < valid.length(); at++) {
            assertThat(verdict(valid.substring(0, at) + valid.substring(at + 1)))
                    .isInstanceOf(Rejection.class);
            assertThat(verdict(valid.substring(0, at) + valid.charAt(at) + valid.substring(at)))
                    .isInstanceOf(Rejection.class);
            assertThat(verdict(valid.substring(0, at))).isInstanceOf(Rejection.class);
        }
    }

    // ---- one verifier, many targets

    @Test
    void aVerifierIsTheSameAfterEveryTarget() {
        List<String> targets = List.of(
                signed("/?p=1&k=view&d1=x&url=https://x/&a=1&dt=1"),
                "/?p=1&k=view&s=0",
                hmacSigned("/r/collect?p=1&k=view&exp=1"),
                signed("/r/collect?p=1&k=view"),
                "/",
                signed("/?p=1&k=view&d1=a+b"),
                "/?s=" + md5("/?p=1&k=view") + "&p=1&k=view");
        for (String before : targets) {
            for (String after : targets) {
                Verdict alone = verdict(verifier(Signing.SECRET), after);
                HitVerifier used = verifier(Signing.SECRET);
                Verdict first = verdict(used, before);
                assertThat(verdict(used, after))
                        .as("%s after %s (%s)", after, before, first)
                        .isEqualTo(alone);
            }
        }
    }

    private TrackHit accepted(String target) {
        Verdict verdict = verdict(target);
        assertThat(verdict).as(target).isInstanceOf(TrackHit.class);
        return (TrackHit) verdict;
    }

    private Verdict verdict(String target) {
        return verdict(verifier, target);
    }

    private static Verdict verdict(HitVerifier verifier, String raw) {
        Target target = Signing.target(raw);
        if (!target.hasPath()) {
            return Rejection.INVALID_TARGET;
        }
        return target.isPath(COLLECT) ? verifier.collect(target, NOW) : verifier.catchAll(target, NOW);
    }

    private static HitVerifier verifier(String current, String... previous) {
        SecretRing ring = SecretRing.of(
                new Secret(current), Stream.of(previous).map(Secret::new).toList());
        return new HitVerifier(ring, new KindLimit(List.of()));
    }
}
