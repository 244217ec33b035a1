package com.barnebys.analytics.sink.bigquery;

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
        long parked) {}
