package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs as a link builder of another house would: with the JDK and the documents alone. */
final class Signing {
    /** The key of compat/examples.jsonl. */
    static final String SECRET = "test";

    private Signing() {}

    static String md5(String text) {
        return md5(SECRET, text);
    }

    static String md5(String secret, String text) {
        try {
            byte[] keyed = (secret + text).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(keyed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String hmac(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code signed&s=md5(SECRET + signed)}. */
    static String signed(String signed) {
        return signed + "&s=" + md5(signed);
    }

    static String hmacSigned(String signed) {
        return signed + "&s=" + hmac(SECRET, signed);
    }

    static Target target(String raw) {
        Target target = new Target();
        if (!target.read(raw)) {
            throw new IllegalArgumentException("not a printable target: " + raw);
        }
        return target;
    }
}
