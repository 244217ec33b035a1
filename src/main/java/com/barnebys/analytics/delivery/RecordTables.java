package com.barnebys.analytics.delivery;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names the table of one record after another; neighbours are mostly of one. One thread. */
final class RecordTables {
    static final Pattern KIND = Pattern.compile("[A-Za-z0-9_]{1,64}");
    private static final int KNOWN_MAX = 1000;

    private final Map<String, String> known = new HashMap<>();
    private byte[] lastBytes = new byte[0];
    private @Nullable String last;

    /** The table, one instance for each name; null when the record says none, or one that is no kind of hit. */
    @Nullable String of(byte[] buffer, int offset, int length) {
        int nameLength = length == 0 ? 0 : buffer[offset];
        if (nameLength < 1 || nameLength > length - 1) {
            return null;
        }
        int from = offset + 1;
        if (!Arrays.equals(buffer, from, from + nameLength, lastBytes, 0, lastBytes.length)) {
            lastBytes = Arrays.copyOfRange(buffer, from, from + nameLength);
            String name = new String(lastBytes, StandardCharsets.US_ASCII);
            last = KIND.matcher(name).matches() ? instance(name) : null;
        }
        return last;
    }

    private String instance(String name) {
        String same = known.get(name);
        if (same != null) {
            return same;
        }
        if (known.size() < KNOWN_MAX) {
            known.put(name, name);
        }
        return name;
    }
}
