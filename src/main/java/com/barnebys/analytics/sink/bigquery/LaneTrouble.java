package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.Backoff;
import com.barnebys.analytics.sink.LaneMetrics;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps a table from taking rows, how often in a row, and since when. The first failure is logged and then one a
 * minute, until it is over. One thread; others may read, for the management port.
 */
final class LaneTrouble {
    static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();

    /** The lane's own: who reads the log need not know of this class. */
    private static final Logger LOG = LoggerFactory.getLogger(TableLane.class);

    private final String table;
    private final LaneMetrics metrics;
    private final Backoff backoff;

    private @Nullable Failure failure;
    private String message = "";
    private int failures;
    private long sinceNanos;
    private long lastLogNanos;

    LaneTrouble(String table, LaneWorld world) {
        this.table = table;
        this.metrics = world.metrics();
        this.backoff = new Backoff(world.random());
    }

    /** What failed last; null when nothing did since rows were taken. */
    @Nullable Failure failure() {
        return failure;
    }

    String message() {
        return message;
    }

    boolean isRepeated() {
        return failures > 1;
    }

    long seconds(long now) {
        return TimeUnit.NANOSECONDS.toSeconds(now - sinceNanos);
    }

    void failed(Failure why, String said, @Nullable Throwable cause, long now) {
        metrics.retry(table, why.retryCause());
        failures++;
        if (failure == null) {
            sinceNanos = now;
            lastLogNanos = now;
            // With many tables an outage would else fill the log with stacks that all say the same.
            LOG.warn(
                    "A table takes no rows, they stay in the spool table={} cause={} message={}",
                    table,
                    why,
                    said + Failures.root(cause),
                    why == Failure.OTHER ? cause : null);
        } else if (now - lastLogNanos >= REPEAT_NANOS) {
            lastLogNanos = now;
            LOG.warn(
                    "A table still takes no rows table={} cause={} failures={} seconds={} message={}",
                    table,
                    why,
                    failures,
                    seconds(now),
                    said);
        }
        failure = why;
        message = said;
    }

    /** Nanoseconds until it makes sense to try again. */
    long nextWait() {
        return backoff.nextNanos();
    }

    /** The table takes rows. */
    void over(long now) {
        if (failure == null) {
            return;
        }
        LOG.info("A table takes rows again table={} failures={} seconds={}", table, failures, seconds(now));
        failure = null;
        message = "";
        failures = 0;
        backoff.reset();
    }
}
