package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Finds the key that signed a text. One thread: digests are kept and reused, which is most of the cost otherwise.
 *
 * <p>MD5 over key and text is what links in the wild carry. It can be extended by a stranger only if he gets bytes of
 * MD5's padding hashed; {@link Target} lets none through. HMAC-SHA256 is what new links should use.
 */
final class SignatureChecker {
    static final int MD5_BYTES = 16;
    static final int HMAC_BYTES = 32;
    /** No key signed it. */
    static final int NO_KEY = -1;

    private static final byte[] LOWER_HEX = new byte[128];

    static {
        Arrays.fill(LOWER_HEX, (byte) -1);
        for (byte digit = 0; digit < 16; digit++) {
            LOWER_HEX["0123456789abcdef".charAt(digit)] = digit;
        }
    }

    private final MessageDigest md5;
    private final List<byte[]> keys = new ArrayList<>();
    private final List<Mac> macs = new ArrayList<>();
    private final byte[] digest = new byte[MD5_BYTES];
    private final byte[] signature = new byte[HMAC_BYTES];
    private int signatureLength;

    SignatureChecker(SecretRing ring) {
        try {
            md5 = MessageDigest.getInstance("MD5");
            for (Secret secret : ring.secrets()) {
                keys.add(secret.bytes());
                macs.add(hmac(secret.bytes()));
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5 and HMAC-SHA256", e);
        }
    }

    static Mac hmac(byte[] key) throws NoSuchAlgorithmException {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("HMAC takes any key", e);
        }
    }

    /**
     * Takes the signature to compare with, as it stands in a query.
     *
     * @return false unless it is 32 or 64 lower-case hex digits, of which any may be escaped
     */
    boolean expect(byte[] query, int from, int to) {
        if (isTaken(query, from, to)) {
            return true;
        }
        // No digits as they stand. An escaped one is a digit all the same.
        return expectDecoded(PercentEncoding.decode(query, from, to));
    }

    /** As {@link #expect}, without escapes. */
    boolean expectDecoded(String signature) {
        byte[] hex = signature.getBytes(StandardCharsets.UTF_8);
        return isTaken(hex, 0, hex.length);
    }

    private boolean isTaken(byte[] hex, int from, int to) {
        signatureLength = 0;
        int length = (to - from) / 2;
        if (to - from != 2 * MD5_BYTES && to - from != 2 * HMAC_BYTES) {
            return false;
        }
        int valid = 0;
        for (int i = 0; i < length; i++) {
            int value = lowerHex(hex[from + 2 * i]) << 4 | lowerHex(hex[from + 2 * i + 1]);
            valid |= value;
            signature[i] = (byte) value;
        }
        if (valid < 0) {
            return false;
        }
        signatureLength = length;
        return true;
    }

    private static int lowerHex(byte c) {
        return c < 0 ? -1 : LOWER_HEX[c];
    }

    boolean isHmac() {
        return signatureLength == HMAC_BYTES;
    }

    /** Position of the key that signed {@code prefix + text}, or {@link #NO_KEY}. */
    int keyOf(byte[] prefix, byte[] text, int from, int to) {
        for (int i = 0; i < keys.size(); i++) {
            if (isHmac()
                    ? isHmacOf(macs.get(i), prefix, text, from, to)
                    : isMd5Of(keys.get(i), prefix, text, from, to)) {
                return i;
            }
        }
        return NO_KEY;
    }

    private boolean isMd5Of(byte[] key, byte[] prefix, byte[] text, int from, int to) {
        md5.update(key);
        md5.update(prefix);
        md5.update(text, from, to - from);
        try {
            int length = md5.digest(digest, 0, MD5_BYTES);
            return equalInConstantTime(digest, length);
        } catch (DigestException e) {
            throw new IllegalStateException("an MD5 digest is 16 bytes", e);
        }
    }

    private boolean isHmacOf(Mac mac, byte[] prefix, byte[] text, int from, int to) {
        mac.update(prefix);
        mac.update(text, from, to - from);
        byte[] computed = mac.doFinal();
        return equalInConstantTime(computed, computed.length);
    }

    private boolean equalInConstantTime(byte[] computed, int length) {
        if (length != signatureLength) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= computed[i] ^ signature[i];
        }
        return difference == 0;
    }

    /** Signs with one key, for links of our own. */
    static byte[] sign(boolean isHmac, Secret secret, byte[] text) {
        try {
            if (isHmac) {
                return hmac(secret.bytes()).doFinal(text);
            }
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(secret.bytes());
            return digest.digest(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has MD5 and HMAC-SHA256", e);
        }
    }
}
