package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a link claims: this signature belongs to one of these texts.
 *
 * @param signature as sent, decoded; empty when there is none
 * @param texts in the order they are tried; may hold other characters than a target can, for texts a link builder may
 *     have hashed by mistake
 */
record Claim(String signature, List<SignedText> texts) {
    private static final byte[] NO_PREFIX = {};

    /** A text and the rule that made it. */
    record SignedText(SignatureRule rule, String text) {}

    /** A text that matched, and the key it matched with. */
    record Match(SignedText signed, int keyPosition) {}

    /** The texts {@link HitVerifier} would hash for this link. LinkExplanationTest holds the two together. */
    static Claim of(Link link) {
        return link.route() == Route.COLLECT ? ofCollect(link) : ofCatchAll(link);
    }

    private static Claim ofCollect(Link link) {
        int start = link.query().lastIndexOf("&s=");
        if (start < 0) {
            return new Claim("", List.of());
        }
        String behind = link.query().substring(start + 3);
        int end = behind.indexOf('&');
        String signature = Link.decode(end < 0 ? behind : behind.substring(0, end));
        String text = link.path() + "?" + link.query().substring(0, start);
        SignatureRule rule = isHmac(signature) ? SignatureRule.HMAC : SignatureRule.TARGET;
        return new Claim(signature, List.of(new SignedText(rule, text)));
    }

    private static Claim ofCatchAll(Link link) {
        byte[] bytes = link.query().getBytes(StandardCharsets.UTF_8);
        Query query = new Query();
        query.read(bytes, 0, bytes.length);
        String signature = query.value(Parameter.SIGNATURE);
        List<SignedText> texts = new ArrayList<>();
        int end = link.query().lastIndexOf("&s=");
        boolean isFinal =
                end >= 0 && link.query().substring(end + 3).chars().allMatch(c -> PercentEncoding.hexDigit(c) >= 0);
        String raw = isFinal ? "/?" + link.query().substring(0, end) : "";
        if (isHmac(signature)) {
            if (isFinal) {
                texts.add(new SignedText(SignatureRule.HMAC, raw));
            }
            return new Claim(signature, texts);
        }
        if (isFinal) {
            texts.add(new SignedText(SignatureRule.RAW, raw));
        }
        texts.add(new SignedText(SignatureRule.CANONICAL, "/?" + CanonicalQuery.of(bytes, 0, bytes.length)));
        if (isFinal && raw.contains("%20")) {
            texts.add(new SignedText(SignatureRule.RAW_PLUS, raw.replace("%20", "+")));
        }
        return new Claim(signature, texts);
    }

    static boolean isHmac(String signature) {
        return signature.length() == 2 * SignatureChecker.HMAC_BYTES;
    }

    /** The first text one of the keys signed, or null. */
    @Nullable Match match(SignatureChecker signatures) {
        if (!signatures.expectDecoded(signature)) {
            return null;
        }
        for (SignedText signed : texts) {
            byte[] bytes = signed.text().getBytes(StandardCharsets.UTF_8);
            int key = signatures.keyOf(NO_PREFIX, bytes, 0, bytes.length);
            if (key != SignatureChecker.NO_KEY) {
                return new Match(signed, key);
            }
        }
        return null;
    }
}
