package com.barnebys.analytics.http;

/** Counts by which key of one ring hits were signed. Called on event loops: must be cheap and wait for nothing. */
@FunctionalInterface
public interface KeyMetrics {
    /**
     * A hit of ours.
     *
     * @param position of the key in that ring; 0 is the one that signs
     * @param nowSeconds Unix time
     */
    void verified(int position, long nowSeconds);
}
