package com.barnebys.analytics.hit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A query written again in the one way the replaced service wrote it before it hashed: parsed, without {@code s}, and
 * put together by Node's querystring. Two of its habits come from JavaScript objects: the values of a repeated name are
 * gathered at its first place, and names that are array indexes ({@code 0}, {@code 42}) come first, in ascending order.
 */
final class CanonicalQuery {
    /** The largest array index of ECMAScript, 2^32 - 2: larger numbers are ordinary names. */
    private static final long INDEX_MAX = 0xFFFF_FFFEL;

    private CanonicalQuery() {}

    /** {@code name=value} joined by {@code &}; printable ASCII. */
    static String of(byte[] bytes, int from, int to) {
        Map<Long, List<String>> indexes = new TreeMap<>();
        Map<String, List<String>> names = new LinkedHashMap<>();
        int start = from;
        for (int pieces = 0; start < to && pieces < Query.PIECES_MAX; pieces++) {
            int end = indexOf('&', bytes, start, to);
            if (end > start) {
                int nameEnd = indexOf('=', bytes, start, end);
                String name = PercentEncoding.decode(bytes, start, nameEnd);
                String value = PercentEncoding.decode(bytes, Math.min(nameEnd + 1, end), end);
                if (!name.equals("s")) {
                    long index = arrayIndex(name);
                    List<String> values = index >= 0
                            ? indexes.computeIfAbsent(index, i -> new ArrayList<>(1))
                            : names.computeIfAbsent(name, n -> new ArrayList<>(1));
                    values.add(value);
                }
            }
            start = end + 1;
        }
        StringBuilder text = new StringBuilder(to - from + 32);
        indexes.forEach((index, values) -> write(index.toString(), values, text));
        names.forEach((name, values) -> write(name, values, text));
        return text.toString();
    }

    private static void write(String name, List<String> values, StringBuilder to) {
        for (String value : values) {
            if (to.length() > 0) {
                to.append('&');
            }
            PercentEncoding.encode(name, to);
            to.append('=');
            PercentEncoding.encode(value, to);
        }
    }

    private static int indexOf(char wanted, byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }

    /** The number a name stands for when it is written as an array index, else -1. */
    private static long arrayIndex(String name) {
        int length = name.length();
        if (length == 0 || length > 10 || (length > 1 && name.charAt(0) == '0')) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number <= INDEX_MAX ? number : -1;
    }
}
