package com.barnebys.analytics.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts durations by size. Any thread; two additions each, nothing is allocated. */
final class DurationHistogram {
    /** Upper bounds; what is longer than the last is in a bucket of its own. */
    private static final long[] BOUNDS_MICROS = {
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000
    };

    private static final long[] BOUNDS_NANOS = new long[BOUNDS_MICROS.length];

    static {
        for (int i = 0; i < BOUNDS_MICROS.length; i++) {
            BOUNDS_NANOS[i] = TimeUnit.MICROSECONDS.toNanos(BOUNDS_MICROS[i]);
        }
    }

    private final LongAdder[] buckets = new LongAdder[BOUNDS_NANOS.length + 1];
    private final LongAdder nanos = new LongAdder();

    DurationHistogram() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    void add(long duration) {
        int bucket = 0;
        while (bucket < BOUNDS_NANOS.length && duration > BOUNDS_NANOS[bucket]) {
            bucket++;
        }
        buckets[bucket].increment();
        nanos.add(duration);
    }

    /** Upper bounds of the buckets in seconds, the last one infinite. */
    static double[] boundsSeconds() {
        double[] bounds = new double[BOUNDS_MICROS.length + 1];
        for (int i = 0; i < BOUNDS_MICROS.length; i++) {
            bounds[i] = BOUNDS_MICROS[i] / 1e6;
        }
        bounds[BOUNDS_MICROS.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    /** How many are in each bucket, those of smaller ones not counted in. */
    long[] counts() {
        long[] counts = new long[buckets.length];
        for (int i = 0; i < buckets.length; i++) {
            counts[i] = buckets[i].sum();
        }
        return counts;
    }

    double sumSeconds() {
        return nanos.sum() / 1e9;
    }
}
