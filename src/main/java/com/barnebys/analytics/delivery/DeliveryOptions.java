package com.barnebys.analytics.delivery;

import java.time.Duration;

/**
 * When a batch is taken. Small numbers bring rows to the sink sooner, large ones cost less for each.
 *
 * @param batchRows with so many rows waiting a batch is taken, at most 20 a second
 * @param backlogRows with so many rows waiting a batch is taken at once; also the most rows of any batch
 * @param batchWait a row waits at most so long for others
 */
public record DeliveryOptions(int batchRows, int backlogRows, Duration batchWait) {
    public static final DeliveryOptions DEFAULT = new DeliveryOptions(500, 5_000, Duration.ofSeconds(1));

    public DeliveryOptions {
        if (batchRows < 1) {
            throw new IllegalArgumentException("batchRows: " + batchRows + " (expected: 1 or more)");
        }
        if (backlogRows < batchRows || backlogRows > 100_000) {
            throw new IllegalArgumentException(
                    "backlogRows: " + backlogRows + " (expected: batchRows, " + batchRows + ", to 100000)");
        }
        if (batchWait.isNegative() || batchWait.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("batchWait: " + batchWait + " (expected: 0 to 1 hour)");
        }
    }
}
