package com.barnebys.analytics.conversion;

import com.barnebys.analytics.hit.FirstValues;
import com.barnebys.analytics.hit.Target;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A conversion event as a browser tells it.
 *
 * @param fingerprint the browser's id; null when not given
 * @param url the page; null when not given
 */
public record EventRequest(
        String programId,
        String category,
        String action,
        String label,
        String value,
        String currency,
        @Nullable String fingerprint,
        @Nullable String url) {
    private static final Set<String> NAMES = Set.of("p", "c", "a", "l", "v", "cur", "_f", "url");

    public static EventRequest read(Target target) {
        FirstValues values = FirstValues.of(target, NAMES);
        return new EventRequest(
                values.orEmpty("p"),
                values.orEmpty("c"),
                values.orEmpty("a"),
                values.orEmpty("l"),
                values.orEmpty("v"),
                values.orEmpty("cur"),
                values.get("_f"),
                values.get("url"));
    }

    /** Whether a POST is one of ours: browsers send beacons so, and the script marks them. Any other POST stores nothing. */
    public static boolean isBeacon(Target target) {
        return "1".equals(FirstValues.of(target, Set.of("_b")).get("_b"));
    }

    /** Whether it says program, category and action. */
    public boolean isComplete() {
        return !programId.isEmpty() && !category.isEmpty() && !action.isEmpty();
    }
}
