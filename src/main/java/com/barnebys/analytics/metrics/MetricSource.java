package com.barnebys.analytics.metrics;

/** Something that has values to show. */
@FunctionalInterface
public interface MetricSource {
    /** Adds its present values. Called by one thread at a time, which may wait for the disk. */
    void addTo(Scrape scrape);
}
