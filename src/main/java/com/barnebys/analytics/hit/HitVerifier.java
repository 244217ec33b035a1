package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Decides on track hits: signature first or names first as the route has it, then the values. One thread; made anew when
 * the keys change.
 *
 * <p>Three rules of the catch-all bind the same parameters, so their order cannot be seen from outside: the raw text is
 * tried first because it costs one hash, the canonical one has to be written first. A link that was not tampered with
 * on its way passes at the first try.
 */
public final class HitVerifier {
    private static final byte[] NO_PREFIX = {};
    /** 18 digits fit a long and outlast the sun. */
    private static final int EXPIRES_DIGITS_MAX = 18;

    private static final byte[] ROOT = "/?".getBytes(StandardCharsets.US_ASCII);

    private final SignatureChecker signatures;
    private final KindLimit kinds;
    private final Query query = new Query();

    private SignatureRule rule = SignatureRule.TARGET;
    private int keyPosition;

    public HitVerifier(SecretRing secrets, KindLimit kinds) {
        this.signatures = new SignatureChecker(secrets);
        this.kinds = kinds;
    }

    /**
     * Whether a request to {@code /r/collect} is a conversion event, which is not signed. What stands behind a
     * signature is nobody's word, so only what stands before it is asked.
     */
    public boolean isConversionEvent(Target target) {
        int signature = target.lastSignature();
        query.read(target.bytes(), target.queryStart(), signature < 0 ? target.end() : signature);
        return query.is(Parameter.HANDLER, "event");
    }

    /**
     * {@code /r/collect}: the signature covers the raw target up to its last {@code &s=}; what follows is ignored.
     *
     * @param nowSeconds Unix time, for links that expire
     */
    public Verdict collect(Target target, long nowSeconds) {
        int signature = target.lastSignature();
        byte[] bytes = target.bytes();
        query.read(bytes, target.queryStart(), signature < 0 ? target.end() : signature);
        if (query.is(Parameter.HANDLER, "event")) {
            return Rejection.CONVERSION_EVENT;
        }
        if (signature < 0) {
            return Rejection.INVALID_SIGNATURE;
        }
        // s would be one piece too many: a parser that stops before it must not trust it.
        boolean isBeyondLimit = query.pieces() == Query.PIECES_MAX;
        if (isBeyondLimit || query.has(Parameter.SIGNATURE) || !isSignature(target, signature + 3)) {
            return Rejection.INVALID_SIGNATURE;
        }
        SignatureRule tried = signatures.isHmac() ? SignatureRule.HMAC : SignatureRule.TARGET;
        if (!isSigned(tried, NO_PREFIX, bytes, 0, signature)) {
            return Rejection.INVALID_SIGNATURE;
        }
        Rejection refused = expired(nowSeconds);
        if (refused == null) {
            refused = incomplete();
        }
        return refused == null ? hit() : refused;
    }

    private boolean isSignature(Target target, int start) {
        int end = start;
        while (end < target.end() && target.bytes()[end] != '&') {
            end++;
        }
        return signatures.expect(target.bytes(), start, end);
    }

    /** Every other path: the signature covers {@code /?} and the query, in one of three readings. */
    public Verdict catchAll(Target target, long nowSeconds) {
        query.read(target.bytes(), target.queryStart(), target.end());
        Rejection refused = incomplete();
        if (refused != null) {
            return refused;
        }
        if (query.hasTwoSignatures()
                || query.isEmpty(Parameter.SIGNATURE)
                || !signatures.expect(target.bytes(), query.start(Parameter.SIGNATURE), query.end(Parameter.SIGNATURE))
                || !isSignedAtRoot(target)) {
            return Rejection.INVALID_SIGNATURE;
        }
        refused = expired(nowSeconds);
        return refused == null ? hit() : refused;
    }

    private boolean isSignedAtRoot(Target target) {
        byte[] bytes = target.bytes();
        int start = target.queryStart();
        int rawEnd = finalSignature(target);
        if (signatures.isHmac()) {
            return rawEnd >= 0 && isSigned(SignatureRule.HMAC, ROOT, bytes, start, rawEnd);
        }
        if (rawEnd >= 0 && isSigned(SignatureRule.RAW, ROOT, bytes, start, rawEnd)) {
            return true;
        }
        byte[] canonical = CanonicalQuery.of(bytes, start, target.end()).getBytes(StandardCharsets.US_ASCII);
        if (isSigned(SignatureRule.CANONICAL, ROOT, canonical, 0, canonical.length)) {
            return true;
        }
        if (rawEnd < 0) {
            return false;
        }
        byte[] plus = target.text(start, rawEnd).replace("%20", "+").getBytes(StandardCharsets.US_ASCII);
        return isSigned(SignatureRule.RAW_PLUS, ROOT, plus, 0, plus.length);
    }

    /** Where {@code &s=HEX} begins when it ends the query, else -1. */
    private static int finalSignature(Target target) {
        int signature = target.lastSignature();
        for (int i = signature + 3; signature >= 0 && i < target.end(); i++) {
            if (PercentEncoding.hexDigit(target.bytes()[i]) < 0) {
                return -1;
            }
        }
        return signature;
    }

    private boolean isSigned(SignatureRule tried, byte[] prefix, byte[] text, int from, int to) {
        int key = signatures.keyOf(prefix, text, from, to);
        if (key == SignatureChecker.NO_KEY) {
            return false;
        }
        rule = tried;
        keyPosition = key;
        return true;
    }

    /** Only HMAC links expire: in an old link {@code exp} is a name like any other. */
    private @Nullable Rejection expired(long nowSeconds) {
        if (rule != SignatureRule.HMAC || !query.has(Parameter.EXPIRES)) {
            return null;
        }
        long expires = unixSeconds(query.value(Parameter.EXPIRES));
        if (expires < 0) {
            return Rejection.INVALID_EXPIRY;
        }
        return nowSeconds > expires ? Rejection.EXPIRED : null;
    }

    /** Digits and nothing else, so that every implementation reads the same moment; -1 for anything else. */
    private static long unixSeconds(String text) {
        long seconds = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            seconds = seconds * 10 + digit;
        }
        return text.isEmpty() || text.length() > EXPIRES_DIGITS_MAX ? -1 : seconds;
    }

    private @Nullable Rejection incomplete() {
        boolean hasProgram = !query.isEmpty(Parameter.PROGRAM);
        boolean hasKind = !query.isEmpty(Parameter.KIND);
        if (hasProgram && hasKind) {
            return null;
        }
        return hasKind
                ? Rejection.MISSING_PROGRAM
                : hasProgram ? Rejection.MISSING_KIND : Rejection.MISSING_PROGRAM_AND_KIND;
    }

    private Verdict hit() {
        String kind = query.value(Parameter.KIND).replace('-', '_');
        if (!KindLimit.isValid(kind)) {
            return Rejection.INVALID_KIND;
        }
        String url = query.value(Parameter.URL);
        if (!url.isEmpty() && !RedirectUrl.isAbsolute(url)) {
            return Rejection.INVALID_URL;
        }
        String admitted = kinds.admit(kind);
        if (admitted == null) {
            return Rejection.TOO_MANY_KINDS;
        }
        return new TrackHit(
                query.value(Parameter.PROGRAM),
                admitted,
                isAffiliate(),
                url,
                query.value(Parameter.DIMENSION1),
                query.value(Parameter.DIMENSION2),
                query.value(Parameter.DIMENSION3),
                query.value(Parameter.DIMENSION4),
                query.value(Parameter.DIMENSION5),
                query.is(Parameter.SPONSORED, "1"),
                valueOrNull(Parameter.DEAL_TYPE),
                valueOrNull(Parameter.SOURCE),
                query.is(Parameter.FINGERPRINT, "1"),
                rule,
                keyPosition);
    }

    /** Both link builders write {@code a=0} or {@code a=false} to say no. */
    private boolean isAffiliate() {
        return !query.isEmpty(Parameter.AFFILIATE)
                && !query.is(Parameter.AFFILIATE, "0")
                && !query.is(Parameter.AFFILIATE, "false");
    }

    private @Nullable String valueOrNull(Parameter parameter) {
        return query.isEmpty(parameter) ? null : query.value(parameter);
    }
}
