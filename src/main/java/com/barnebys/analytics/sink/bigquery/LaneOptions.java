package com.barnebys.analytics.sink.bigquery;

import java.time.Duration;

/**
 * When a lane takes a batch.
 *
 * @param mode how it goes to BigQuery
 * @param batchRows with so many rows a batch is sent
 * @param backlogRows so many when more wait; also the most rows of a batch
 * @param batchWait a row waits at most so long for others
 */
public record LaneOptions(DeliveryMode mode, int batchRows, int backlogRows, Duration batchWait) {
    /** insertAll: "500 rows are advised" for one request, 50,000 are the limit (BigQuery's page of quotas). */
    private static final int INSERT_ALL_ROWS_MAX = 500;

    public LaneOptions {
        if (batchRows < 1 || backlogRows < batchRows) {
            throw new IllegalArgumentException("batchRows: " + batchRows + " (expected: 1 to " + backlogRows + ")");
        }
    }

    int rowsMax() {
        return mode == DeliveryMode.INSERT_ALL ? Math.min(INSERT_ALL_ROWS_MAX, backlogRows) : backlogRows;
    }

    boolean hasStream() {
        return mode == DeliveryMode.EXACTLY_ONCE;
    }
}
