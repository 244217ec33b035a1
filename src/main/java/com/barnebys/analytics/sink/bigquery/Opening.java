package com.barnebys.analytics.sink.bigquery;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One try to open the way to a table: what blocks is done by others. One thread. */
final class Opening {
    /** More than all calls of an opening take that end by their own limits. */
    static final Duration MAX = Duration.ofMinutes(5);

    private static final long NANOS_MAX = MAX.toNanos();

    private final long sinceNanos;
    private final AtomicBoolean isGivenUp;
    private final CompletableFuture<Connection> result;

    /** An open way to the table. */
    record Connection(@Nullable String stream, Appender appender) {}

    private Opening(long sinceNanos, AtomicBoolean isGivenUp, CompletableFuture<Connection> result) {
        this.sinceNanos = sinceNanos;
        this.isGivenUp = isGivenUp;
        this.result = result;
    }

    /** @param stream the one to go on with; null to make one, in a mode that has streams */
    static Opening start(LaneWorld world, String table, @Nullable String stream) {
        boolean isStreamWanted = stream == null && world.options().hasStream();
        AtomicBoolean isGivenUp = new AtomicBoolean();
        long now = world.nanos();
        CompletableFuture<Connection> result = world.blocking(() -> {
            TableShape shape = isGivenUp.get() ? null : world.connector().prepare(table);
            if (shape == null || isGivenUp.get()) {
                throw new ServiceException(Failure.TIMEOUT, "too late", null); // Nobody waits, so no stream is made.
            }
            String name = isStreamWanted ? world.connector().createStream(table) : stream;
            return new Connection(name, world.connector().open(shape, name));
        });
        return new Opening(now, isGivenUp, result);
    }

    boolean isDone() {
        return result.isDone();
    }

    /** Each call has its limit of time, but for an answer that comes byte by byte. */
    boolean isLate(long now) {
        return now - sinceNanos >= NANOS_MAX;
    }

    /** What came of it; only when it is done. */
    Connection result() throws CompletionException {
        return result.join();
    }

    /** Nobody waits for it any more: what is opened yet is closed. */
    void giveUp() {
        isGivenUp.set(true);
        CompletableFuture<Void> unused =
                result.thenAccept(late -> late.appender().close());
    }
}
