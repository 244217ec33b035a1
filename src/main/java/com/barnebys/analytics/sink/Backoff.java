package com.barnebys.analytics.sink;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: a random time up to a bound that doubles from 100 ms to 30 s.
 *
 * <p>"Full jitter": servers that failed together do not come back together (AWS Architecture Blog, "Exponential Backoff
 * And Jitter", 2015). One thread.
 */
public final class Backoff {
    public static final Duration FIRST = Duration.ofMillis(100);
    public static final Duration MAX = Duration.ofSeconds(30);

    private final RandomGenerator random;
    private long boundNanos = FIRST.toNanos();

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    public long nextNanos() {
        long wait = 1 + random.nextLong(boundNanos);
        boundNanos = Math.min(boundNanos * 2, MAX.toNanos());
        return wait;
    }

    /** After a success. */
    public void reset() {
        boundNanos = FIRST.toNanos();
    }
}
