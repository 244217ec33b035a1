package com.barnebys.analytics.health;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * Whether the event loops turn: each notes the time once a second, and one that has not for ten is stuck. That costs a
 * request nothing. Any thread.
 */
public final class Pulse {
    static final Duration SILENCE_MAX = Duration.ofSeconds(10);
    private static final long BEAT_MILLIS = 1000;

    private final LongSupplier nanos;
    private final long beatMillis;
    private final List<Beat> beats = new CopyOnWriteArrayList<>();

    public Pulse() {
        this(System::nanoTime, BEAT_MILLIS);
    }

    Pulse(LongSupplier nanos, long beatMillis) {
        this.nanos = nanos;
        this.beatMillis = beatMillis;
    }

    /** Begins on all loops; undeploying ends it, and then none counts as stuck. */
    public Future<String> deploy(Vertx vertx, int eventLoops) {
        return vertx.deployVerticle(Beat::new, new DeploymentOptions().setInstances(eventLoops));
    }

    /** The threads of the loops that are stuck. */
    public List<String> stuck() {
        long now = nanos.getAsLong();
        return beats.stream()
                .filter(beat -> now - beat.last > SILENCE_MAX.toNanos())
                .map(beat -> beat.thread)
                .toList();
    }

    /** One loop's. Verticles of one deployment go to one loop after the other. */
    private final class Beat extends VerticleBase {
        private volatile long last;
        private volatile String thread = "";

        @Override
        public Future<?> start() {
            thread = Thread.currentThread().getName();
            last = nanos.getAsLong();
            beats.add(this);
            long unused = vertx.setPeriodic(beatMillis, id -> last = nanos.getAsLong());
            return Future.succeededFuture();
        }

        @Override
        public Future<?> stop() {
            beats.remove(this);
            return Future.succeededFuture();
        }
    }
}
