package com.barnebys.analytics.hit;

import com.barnebys.analytics.hit.Claim.Match;
import com.barnebys.analytics.hit.Claim.SignedText;
import com.barnebys.analytics.hit.LinkRepairs.Repair;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the server says to a link, and why. For those who hold the secret: it shows signatures that would be right.
 *
 * <p>A cause is found by undoing, one or two at a time, what usually happens to links ({@link LinkRepairs}), and hashing
 * what comes out under every rule and key until the signature matches; so what is named is proven, not guessed. At most
 * {@value #TEXTS_MAX} links are tried, well under a second.
 *
 * @param target what a client sends for this link
 * @param verdict what it is answered
 * @param signature as sent, empty when there is none
 * @param readings what was hashed under each rule of the route
 * @param causes empty for a valid link; else at least one, in the order in which they happened last
 * @param difference where the text that was sent leaves the one that was signed; null when that is not known
 * @param corrected the link without the damage, null when no cause is proven
 * @param isSignedAnew whether {@code corrected} had to be given another signature
 */
public record LinkExplanation(
        String target,
        Route route,
        Verdict verdict,
        String signature,
        List<Reading> readings,
        List<Finding> causes,
        @Nullable Difference difference,
        @Nullable String corrected,
        boolean isSignedAnew) {
    /** Bound of the search; each is hashed under up to three rules with each key. */
    static final int TEXTS_MAX = 60_000;

    private static final int EXCERPT = 24;

    /**
     * One rule's way to read the link.
     *
     * @param text what is hashed behind the secret, or under it with HMAC
     * @param expected the signature it would need, under the matching key or else the current one
     * @param keyPosition the key that matched, -1 when none did
     */
    public record Reading(SignatureRule rule, String text, String expected, int keyPosition) {
        /** What is hashed, in one line; the secret is only named. */
        public String formula() {
            return rule == SignatureRule.HMAC
                    ? "HMAC-SHA256(SECRET, \"" + text + "\")"
                    : "md5(SECRET + \"" + text + "\")";
        }
    }

    /** A cause and what of the link shows it; the detail may be empty. */
    public record Finding(Cause cause, String detail) {}

    /** The first place where two texts differ, counted from 0, and a piece of each from there. */
    public record Difference(int at, String signed, String sent) {}

    public LinkExplanation {
        readings = List.copyOf(readings);
        causes = List.copyOf(causes);
    }

    /** Explains {@code https://host/path?query}, {@code /path?query}, or why a text is neither. */
    public static LinkExplanation of(String text, SecretRing secrets, long nowSeconds) {
        Link link = Link.parse(text);
        if (link == null) {
            List<Finding> causes = List.of(new Finding(Cause.NOT_A_LINK, ""));
            return new LinkExplanation(
                    Link.printable(text),
                    Route.CATCH_ALL,
                    Rejection.INVALID_TARGET,
                    "",
                    List.of(),
                    causes,
                    null,
                    null,
                    false);
        }
        return new Search(link, secrets, nowSeconds).explain();
    }

    public boolean isValid() {
        return verdict instanceof TrackHit;
    }

    /** One search; made for it and thrown away. */
    private static final class Search {
        private final Link link;
        private final SecretRing secrets;
        private final long nowSeconds;
        private final SignatureChecker signatures;
        private final Claim claim;
        private final Verdict verdict;
        private int tried;

        Search(Link link, SecretRing secrets, long nowSeconds) {
            this.link = link;
            this.secrets = secrets;
            this.nowSeconds = nowSeconds;
            signatures = new SignatureChecker(secrets);
            claim = Claim.of(link);
            verdict = LinkSigner.verdict(link, secrets, nowSeconds);
        }

        LinkExplanation explain() {
            if (verdict instanceof TrackHit) {
                return explained(List.of(), null, null);
            }
            if (isConversionEvent()) {
                return explained(List.of(new Finding(Cause.CONVERSION_EVENT, "")), null, null);
            }
            if (verdict != Rejection.INVALID_SIGNATURE && claim.match(signatures) != null) {
                return explained(List.of(new Finding(Cause.VALUE_REFUSED, rejectionText(verdict))), null, null);
            }
            List<Repair> proven = proven();
            if (proven.isEmpty()) {
                return explained(unproven(), null, null);
            }
            Repair last = proven.get(proven.size() - 1);
            List<Finding> causes = new ArrayList<>();
            proven.forEach(repair -> causes.add(new Finding(repair.cause(), repair.detail())));
            Verdict repaired = LinkSigner.verdict(last.link(), secrets, nowSeconds);
            if (repaired instanceof Rejection rejection && rejection != Rejection.INVALID_SIGNATURE) {
                causes.add(new Finding(Cause.VALUE_REFUSED, rejection.text()));
            }
            return explained(causes, last, repaired);
        }

        private boolean isConversionEvent() {
            Target target = new Target();
            return target.read(link.target())
                    && Route.of(target) == Route.COLLECT
                    && new HitVerifier(secrets, new KindLimit(List.of())).isConversionEvent(target);
        }

        private static String rejectionText(Verdict verdict) {
            return verdict instanceof Rejection rejection ? rejection.text() : "";
        }

        /** HTML escapes are seen at once and hide everything else, so they do not count as one of the two repairs. */
        private List<Repair> proven() {
            List<Repair> direct = proven(link);
            Repair unescaped = unescaped();
            if (!direct.isEmpty() || unescaped == null) {
                return direct;
            }
            tried = 0;
            List<Repair> all = new ArrayList<>(List.of(unescaped));
            all.addAll(proven(unescaped.link()));
            return all.size() == 1 ? List.of() : all;
        }

        private @Nullable Repair unescaped() {
            return LinkRepairs.of(link).stream()
                    .filter(repair -> repair.cause() == Cause.HTML_ESCAPED)
                    .findFirst()
                    .orElse(null);
        }

        /** One repair that matches, or two; orders last, for there are many. */
        private List<Repair> proven(Link start) {
            List<Repair> few = LinkRepairs.of(start);
            for (Repair repair : few) {
                if (isProven(repair)) {
                    return List.of(repair);
                }
            }
            for (Repair repair : LinkRepairs.orders(start)) {
                if (isProven(repair)) {
                    return List.of(repair);
                }
            }
            Set<Link> once = new LinkedHashSet<>();
            List<Repair> firsts =
                    few.stream().filter(repair -> once.add(repair.link())).toList();
            for (Repair first : firsts) {
                for (Repair second : isExhausted() ? List.<Repair>of() : LinkRepairs.of(first.link())) {
                    if (isProven(second)) {
                        return List.of(first, second);
                    }
                }
            }
            for (Repair first : firsts) {
                for (Repair second : isExhausted() ? List.<Repair>of() : LinkRepairs.orders(first.link())) {
                    if (isProven(second)) {
                        return List.of(first, second);
                    }
                }
            }
            return List.of();
        }

        private boolean isExhausted() {
            return tried >= TEXTS_MAX;
        }

        private boolean isProven(Repair repair) {
            if (isExhausted()) {
                return false;
            }
            tried++;
            return repair.claim().match(signatures) != null;
        }

        private List<Finding> unproven() {
            Repair unescaped = unescaped();
            if (unescaped == null) {
                return List.of(new Finding(unproven(link), ""));
            }
            return List.of(new Finding(Cause.HTML_ESCAPED, ""), new Finding(unproven(unescaped.link()), ""));
        }

        private Cause unproven(Link read) {
            String given = Claim.of(read).signature();
            if (given.isEmpty() && read.signaturePieces().isEmpty()) {
                return Cause.SIGNATURE_MISSING;
            }
            return signatures.expectDecoded(given) ? Cause.NO_MATCH : Cause.SIGNATURE_MALFORMED;
        }

        private LinkExplanation explained(List<Finding> causes, @Nullable Repair repair, @Nullable Verdict repaired) {
            boolean isSignedAnew = repaired == Rejection.INVALID_SIGNATURE;
            String corrected = repair == null
                    ? null
                    : isSignedAnew ? signedAnew(repair) : repair.link().text();
            return new LinkExplanation(
                    link.target(),
                    link.route(),
                    verdict,
                    claim.signature(),
                    readings(),
                    causes,
                    repair == null ? null : difference(repair),
                    corrected,
                    isSignedAnew && corrected != null);
        }

        private @Nullable String signedAnew(Repair repair) {
            LinkSigner signer = Claim.isHmac(repair.claim().signature())
                    ? LinkSigner.hmac(secrets.current())
                    : LinkSigner.md5(secrets.current());
            Link unsigned =
                    repair.link().withQuery(String.join("&", repair.link().unsignedPieces()));
            return signer.sign(unsigned.text()) instanceof LinkSigner.Signed signed ? signed.link() : null;
        }

        private List<Reading> readings() {
            List<Reading> readings = new ArrayList<>();
            for (SignedText signed : claim.texts()) {
                Match match = new Claim(claim.signature(), List.of(signed)).match(signatures);
                int key = match == null ? SignatureChecker.NO_KEY : match.keyPosition();
                Secret secret =
                        match == null ? secrets.current() : secrets.secrets().get(key);
                boolean isHmac = signed.rule() == SignatureRule.HMAC;
                byte[] expected =
                        SignatureChecker.sign(isHmac, secret, signed.text().getBytes(StandardCharsets.UTF_8));
                readings.add(
                        new Reading(signed.rule(), signed.text(), HexFormat.of().formatHex(expected), key));
            }
            return readings;
        }

        private @Nullable Difference difference(Repair repair) {
            Match match = repair.claim().match(signatures);
            if (match == null || claim.texts().isEmpty()) {
                return null;
            }
            String signed = match.signed().text();
            // The reading of the same rule says most; where there is none, the first one does.
            String sent = claim.texts().stream()
                    .filter(text -> text.rule() == match.signed().rule())
                    .findFirst()
                    .orElse(claim.texts().get(0))
                    .text();
            int at = 0;
            while (at < signed.length() && at < sent.length() && signed.charAt(at) == sent.charAt(at)) {
                at++;
            }
            return signed.equals(sent) ? null : new Difference(at, excerpt(signed, at), excerpt(sent, at));
        }

        private static String excerpt(String text, int at) {
            return text.substring(at, Math.min(text.length(), at + EXCERPT));
        }
    }
}
