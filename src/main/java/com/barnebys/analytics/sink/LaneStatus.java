package com.barnebys.analytics.sink;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a lane does, for the management port.
 *
 * @param isStopped whether it has given up for good
 * @param failure why its last try failed; null when it did not
 * @param failingSeconds since when
 * @param intents blocks on their way
 * @param oldest the number of its first row that is not settled, or {@link #NONE}
 * @param delivered rows stored since the lane was made, over all lives of the process
 */
public record LaneStatus(
        String table,
        String phase,
        boolean isStopped,
        @Nullable String failure,
        String message,
        long failingSeconds,
        int intents,
        long oldest,
        long delivered,
        long parked) {
    /** There is no such row. */
    public static final long NONE = -1;

    /** By name of what is said. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("table", table);
        map.put("phase", phase);
        if (failure != null) {
            map.put("failure", failure);
            map.put("message", message);
            map.put("failingSeconds", failingSeconds);
        }
        map.put("intents", intents);
        map.put("delivered", delivered);
        map.put("parked", parked);
        return map;
    }
}
