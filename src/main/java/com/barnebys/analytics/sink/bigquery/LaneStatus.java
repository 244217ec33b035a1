package com.barnebys.analytics.sink.bigquery;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a lane does, for the management port.
 *
 * @param failure why its last try failed; null when it did not
 * @param failingSeconds since when
 * @param intents blocks on their way
 * @param delivered rows stored since the lane was made, over all lives of the process
 */
record LaneStatus(
        String table,
        String phase,
        @Nullable Failure failure,
        String message,
        long failingSeconds,
        int intents,
        long delivered,
        long parked) {

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("table", table);
        map.put("phase", phase.toLowerCase(Locale.ROOT));
        if (failure != null) {
            map.put("failure", failure.name().toLowerCase(Locale.ROOT));
            map.put("message", message);
            map.put("failingSeconds", failingSeconds);
        }
        map.put("intents", intents);
        map.put("delivered", delivered);
        map.put("parked", parked);
        return map;
    }
}
