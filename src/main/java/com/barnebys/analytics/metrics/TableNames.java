package com.barnebys.analytics.metrics;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which tables are shown by name. A process makes at most 100 new ones, but others may be there from before: the first
 * {@value #MAX} that are met keep their names for good, and all others are added up, so that no series ever goes down.
 * One thread.
 */
final class TableNames {
    static final String LABEL = "table";
    static final int MAX = 250;

    /** No kind has such a name. */
    static final String OTHERS = "(others)";

    /** Of records that name no table. */
    static final String NONE = "(none)";

    private final Set<String> names = new LinkedHashSet<>();

    /** Values by name; those of tables beyond the limit in one sum. */
    Map<String, Double> limited(Map<String, ? extends Number> values) {
        Map<String, Double> limited = new TreeMap<>();
        values.forEach((table, value) -> limited.merge(shown(table), value.doubleValue(), Double::sum));
        return limited;
    }

    /** Values by name, without those of tables beyond the limit. */
    Map<String, Double> known(Map<String, ? extends Number> values) {
        Map<String, Double> known = limited(values);
        known.remove(OTHERS);
        return known;
    }

    private String shown(String table) {
        String name = table.isEmpty() ? NONE : table;
        if (names.contains(name) || (names.size() < MAX && names.add(name))) {
            return name;
        }
        return OTHERS;
    }
}
