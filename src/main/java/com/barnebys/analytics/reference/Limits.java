package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.InvalidReferenceException.Flaw;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How large the parts of a reference may be. Keys that are too long are refused, since cutting would make one of two; in
 * UTF-8 all three together stay below the 2,704 bytes that an entry of a PostgreSQL index may have.
 */
final class Limits {
    static final int PROGRAM_MAX = 128;
    static final int FINGERPRINT_MAX = 128;
    static final int REF_MAX = 256;
    static final int REFS_MAX = 32;
    static final int USER_AGENT_MAX = 1_024;
    static final int CLIENT_IP_MAX = 64;

    private Limits() {}

    static String programId(String text) {
        return key(text, PROGRAM_MAX, Flaw.PROGRAM_MISSING, Flaw.PROGRAM_TOO_LONG);
    }

    static String fingerprint(String text) {
        return key(text, FINGERPRINT_MAX, Flaw.FINGERPRINT_MISSING, Flaw.FINGERPRINT_TOO_LONG);
    }

    static String ref(String text) {
        return key(text, REF_MAX, Flaw.REFS_MISSING, Flaw.REF_TOO_LONG);
    }

    /** Without repetitions, in their order. */
    static List<String> refs(List<String> refs) {
        Set<String> distinct = new LinkedHashSet<>();
        for (String ref : refs) {
            distinct.add(ref(ref));
            if (distinct.size() > REFS_MAX) {
                throw new InvalidReferenceException(Flaw.TOO_MANY_REFS);
            }
        }
        return List.copyOf(distinct);
    }

    /** What is no key is cut. */
    static @Nullable String cut(@Nullable String text, int max) {
        if (text == null) {
            return null;
        }
        // A pair that is cut in two would leave a lone half, which storable() replaces.
        return storable(text.length() <= max ? text : text.substring(0, max));
    }

    /** Refused, not cut: two calls must not become one. */
    static String callKey(String key) {
        if (key.length() > AnsweredCalls.KEY_MAX) {
            throw new IllegalArgumentException(
                    "key of a call: " + key.length() + " characters (expected: at most " + AnsweredCalls.KEY_MAX + ")");
        }
        return storable(key);
    }

    private static String key(String text, int max, Flaw missing, Flaw tooLong) {
        if (text.length() > max) {
            throw new InvalidReferenceException(tooLong);
        }
        String storable = storable(text);
        if (storable.isEmpty()) {
            throw new InvalidReferenceException(missing);
        }
        return storable;
    }

    /** Without NUL, which PostgreSQL refuses, and with U+FFFD for lone surrogates: as texts of events are stored. */
    static String storable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++; // A pair: an answer of two million characters is not rebuilt for a smile in it.
            } else if (c == 0 || Character.isSurrogate(c)) {
                return rebuilt(text);
            }
        }
        return text;
    }

    private static String rebuilt(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        text.codePoints()
                .filter(c -> c != 0)
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }
}
