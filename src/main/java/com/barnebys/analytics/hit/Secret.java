package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A signature key, taken literally. Shows itself to nobody: {@code toString} is a mask. */
public final class Secret {
    private final byte[] bytes;

    /** @throws IllegalArgumentException when empty: an empty key would make every signature a plain hash */
    public Secret(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a secret must not be empty");
        }
        bytes = text.getBytes(StandardCharsets.UTF_8);
    }

    /** A copy of the key. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return 0;
    }

    @Override
    public String toString() {
        return "***";
    }
}
