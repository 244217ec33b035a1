package com.barnebys.analytics.hit;

import static com.barnebys.analytics.hit.Signing.hmacSigned;
import static com.barnebys.analytics.hit.Signing.signed;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** What strangers send. Run by hand: {@code JAZZER_FUZZ=1 mvn test -Dtest=HitFuzzTest#anyTargetIsDecidedOn}. */
class HitFuzzTest {
    private static final byte[] COLLECT = "/r/collect".getBytes(StandardCharsets.US_ASCII);

    private static final List<String> LINKS = List.of(
            signed("/r/collect?_h=track&p=c1&k=click&url=https%3A%2F%2Fshop.example%2Flot%2F7&d1=a+b&a=1"),
            signed("/?p=1&k=click&url=https%3A%2F%2Fshop.example%2Flot%2F7&d1=a%20b&d2=%C3%A5&sp=1&dt=x"),
            "/?s=" + Signing.md5("/?0=x&p=1&k=view&d1=%25zz") + "&p=1&k=view&d1=%zz&0=x",
            hmacSigned("/?p=1&k=click&url=https%3A%2F%2Fshop.example%2F&exp=99999999999"));

    @FuzzTest
    void anyTargetIsDecidedOn(FuzzedDataProvider data) {
        String secret = data.consumeString(20);
        String raw = data.consumeRemainingAsString();
        Target target = new Target();
        if (secret.isEmpty() || !target.read(raw)) {
            return;
        }
        // Nobody guesses the key behind the prefix.
        HitVerifier verifier = verifier("0b1d7c0e-7d0f-4f8a-9d7e-" + secret);
        boolean isConversion = verifier.isConversionEvent(target);
        if (isConversion != "event".equals(FirstValues.of(target, Set.of("_h")).get("_h")) && raw.indexOf("&s=") < 0) {
            throw new AssertionError("two readers, two readings: " + raw);
        }
        if (verifier.collect(target, 0) instanceof TrackHit || verifier.catchAll(target, 0) instanceof TrackHit) {
            throw new AssertionError("unsigned, and accepted: " + raw + isConversion);
        }
    }

    /** A piece of a valid link replaced by anything: refused, or it says what it said. */
    @FuzzTest
    void noChangeOfALinkIsAccepted(FuzzedDataProvider data) {
        String link = data.pickValue(LINKS);
        int from = data.consumeInt(0, link.length());
        int to = data.consumeInt(from, link.length());
        String changed = link.substring(0, from) + data.consumeRemainingAsAsciiString() + link.substring(to);
        Target target = new Target();
        if (!target.read(changed)) {
            return;
        }
        if (verdict(target) instanceof TrackHit hit && !claims(hit).equals(claims(verdict(Signing.target(link))))) {
            throw new AssertionError(link + " was signed, accepted was " + changed);
        }
    }

    @FuzzTest
    void aLocationIsPrintableAscii(FuzzedDataProvider data) {
        String url = data.consumeRemainingAsString();
        String location = RedirectUrl.location(url);
        if (!location.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
            throw new AssertionError("not a header value: " + location + RedirectUrl.isAbsolute(url));
        }
    }

    @FuzzTest
    void canonicalFormIsStable(FuzzedDataProvider data) {
        byte[] query = data.consumeRemainingAsBytes();
        byte[] once = CanonicalQuery.of(query, 0, query.length).getBytes(StandardCharsets.US_ASCII);
        String twice = CanonicalQuery.of(once, 0, once.length);
        if (!twice.equals(new String(once, StandardCharsets.US_ASCII))) {
            throw new AssertionError("written twice: " + twice);
        }
    }

    private static Verdict verdict(Target target) {
        HitVerifier verifier = verifier(Signing.SECRET);
        return target.isPath(COLLECT) ? verifier.collect(target, 0) : verifier.catchAll(target, 0);
    }

    private static HitVerifier verifier(String secret) {
        return new HitVerifier(SecretRing.of(new Secret(secret), List.of()), new KindLimit(List.of()));
    }

    private static List<Object> claims(Verdict verdict) {
        if (!(verdict instanceof TrackHit hit)) {
            return List.of(verdict);
        }
        return List.of(
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
                String.valueOf(hit.dealType()),
                String.valueOf(hit.source()),
                hit.hasFingerprint());
    }
}
