package com.barnebys.analytics.hit;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The query of a request that is not signed: of each name that is asked for the first value, decoded as {@link Query}
 * decodes; a page's address that was not escaped brings a query of its own, behind the names that count. Immutable.
 */
public final class FirstValues {
    private final Map<String, String> values;

    private FirstValues(Map<String, String> values) {
        this.values = values;
    }

    /** Reads the first {@value Query#PIECES_MAX} pieces; names that are not wanted are passed over. */
    public static FirstValues of(Target target, Set<String> wanted) {
        Map<String, String> values = new HashMap<>();
        byte[] bytes = target.bytes();
        int start = target.queryStart();
        for (int pieces = 0; pieces < Query.PIECES_MAX && start < target.end(); pieces++) {
            int end = indexOf(bytes, '&', start, target.end());
            int equals = indexOf(bytes, '=', start, end);
            String name = PercentEncoding.decode(bytes, start, equals);
            if (wanted.contains(name) && !values.containsKey(name)) {
                values.put(name, PercentEncoding.decode(bytes, Math.min(equals + 1, end), end));
            }
            start = end + 1;
        }
        return new FirstValues(values);
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }

    /** Null when absent. */
    public @Nullable String get(String name) {
        return values.get(name);
    }

    /** Empty when absent. */
    public String orEmpty(String name) {
        return values.getOrDefault(name, "");
    }
}
