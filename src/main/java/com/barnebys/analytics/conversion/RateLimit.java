package com.barnebys.analytics.conversion;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often one masked address may call an unsigned route for one program: a token bucket each, filled at a steady rate,
 * which takes bursts of {@value #BURST_SECONDS} seconds. Any thread; all event loops share it.
 *
 * <p>Remembers {@value #BUCKETS_MAX} pairs and forgets those used least: who floods with ever new programs gets around it,
 * and memory stays bounded. A masked address is 256 neighbours or a whole network; the limit has to leave room for them.
 */
public final class RateLimit {
    static final int BURST_SECONDS = 10;
    static final int BUCKETS_MAX = 100_000;

    private final double perNano;
    private final double capacity;
    private final Cache<Who, Bucket> buckets;

    private record Who(String address, String programId) {}

    private static final class Bucket {
        private double tokens;
        private long filledNanos;
    }

    /** @param perSecond requests a second for each address and program, at least 1 */
    public RateLimit(int perSecond) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: at least 1)");
        }
        perNano = perSecond / 1e9;
        capacity = (double) perSecond * BURST_SECONDS;
        buckets = Caffeine.newBuilder()
                .maximumSize(BUCKETS_MAX)
                .expireAfterAccess(Duration.ofSeconds(2 * BURST_SECONDS)) // By then it is full again.
                .executor(Runnable::run)
                .build();
    }

    /**
     * Takes one token.
     *
     * @param address masked; null: all who have none share one
     * @return false when there is none left
     */
    public boolean admits(@Nullable String address, String programId, long nowNanos) {
        Bucket bucket = buckets.get(new Who(address == null ? "" : address, programId), who -> {
            Bucket full = new Bucket();
            full.tokens = capacity;
            full.filledNanos = nowNanos;
            return full;
        });
        synchronized (bucket) {
            long passed = Math.max(0, nowNanos - bucket.filledNanos);
            bucket.tokens = Math.min(capacity, bucket.tokens + passed * perNano);
            bucket.filledNanos += passed;
            if (bucket.tokens < 1) {
                return false;
            }
            bucket.tokens--;
            return true;
        }
    }
}
