package com.barnebys.analytics.reference;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes references that are too old, and forgets calls answered {@link AnsweredCalls#KEPT} ago: a minute after the
 * start and each hour, a few at a time, so that nobody waits behind it. A run that fails, or is not done after {@link
 * #STEPS_MAX} steps, goes on an hour later.
 */
public final class ReferenceRetention {
    static final int STEP_ROWS = 500;
    /** Fewer: an answer may have two megabytes. */
    static final int STEP_CALLS = 100;

    static final int STEPS_MAX = 2_000;

    private static final Logger LOG = LoggerFactory.getLogger(ReferenceRetention.class);
    /** PostgreSQL is connected to in the background, and a run that finds it away waits for the next. */
    static final Duration FIRST_RUN = Duration.ofMinutes(1);

    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration BETWEEN_STEPS = Duration.ofMillis(100);

    private final Vertx vertx;
    private final ReferenceStore store;
    private final int days;
    private final Clock clock;
    private final ReferenceMetrics metrics;
    private final Duration firstRun;

    private @Nullable Long timer;
    private volatile boolean isStopped;
    private boolean isRunning;

    /** @param days references older than this are deleted; 0 keeps all. Calls are forgotten nevertheless */
    public ReferenceRetention(Vertx vertx, ReferenceStore store, int days, Clock clock, ReferenceMetrics metrics) {
        this(vertx, store, days, clock, metrics, FIRST_RUN);
    }

    ReferenceRetention(
            Vertx vertx, ReferenceStore store, int days, Clock clock, ReferenceMetrics metrics, Duration firstRun) {
        this.vertx = vertx;
        this.store = store;
        this.days = days;
        this.clock = clock;
        this.metrics = metrics;
        this.firstRun = firstRun;
    }

    public synchronized void start() {
        if (timer == null) {
            timer = vertx.setPeriodic(firstRun.toMillis(), INTERVAL.toMillis(), ignored -> runInBackground());
        }
    }

    /** No further step begins; one may be under way. */
    public synchronized void stop() {
        isStopped = true;
        if (timer != null) {
            boolean unused = vertx.cancelTimer(timer);
        }
    }

    private void runInBackground() {
        if (isRunning) {
            return;
        }
        isRunning = true;
        Future<Integer> unused = deleteReferences()
                .onSuccess(count -> {
                    if (count > 0) {
                        LOG.info("Deleted old references. count={} days={}", count, days);
                    }
                })
                .onFailure(e -> LOG.warn(
                        "Old references are not deleted, it is tried again in an hour. message={}", e.getMessage()))
                .transform(ignored -> forgetCalls())
                .onSuccess(count -> LOG.debug("Forgot answered calls. count={}", count))
                .onFailure(e -> LOG.warn(
                        "Answered calls are not forgotten, it is tried again in an hour. message={}", e.getMessage()))
                .onComplete(ignored -> isRunning = false);
    }

    /** One run, and how many references it has deleted. */
    Future<Integer> deleteReferences() {
        if (days == 0) {
            return Future.succeededFuture(0);
        }
        Instant before = clock.instant().minus(days, ChronoUnit.DAYS);
        Supplier<Future<Integer>> step =
                () -> store.deleteOlderThan(before, STEP_ROWS).onSuccess(metrics::deleted);
        return inSteps(step, STEP_ROWS, 0, STEPS_MAX);
    }

    /** One run, and how many calls it has forgotten. */
    Future<Integer> forgetCalls() {
        Instant before = clock.instant().minus(AnsweredCalls.KEPT);
        return inSteps(() -> store.answeredCalls().forgetOlderThan(before, STEP_CALLS), STEP_CALLS, 0, STEPS_MAX);
    }

    private Future<Integer> inSteps(Supplier<Future<Integer>> step, int full, int sum, int stepsLeft) {
        if (isStopped) {
            return Future.succeededFuture(sum);
        }
        return step.get().compose(count -> {
            if (count < full || stepsLeft == 1 || isStopped) {
                return Future.succeededFuture(sum + count);
            }
            return vertx.timer(BETWEEN_STEPS.toMillis(), TimeUnit.MILLISECONDS)
                    .compose(ignored -> inSteps(step, full, sum + count, stepsLeft - 1));
        });
    }
}
