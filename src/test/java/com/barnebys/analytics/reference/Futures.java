package com.barnebys.analytics.reference;

import static org.assertj.core.api.Assertions.catchThrowable;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Waits for futures; the limit is a guard, not a claim. */
final class Futures {
    static final Duration GUARD = Duration.ofSeconds(60);

    private Futures() {}

    static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(GUARD.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What the store says it failed for. */
    static ReferenceStoreException failure(Future<?> future) {
        Throwable thrown = catchThrowable(() -> await(future));
        if (thrown instanceof ExecutionException && thrown.getCause() instanceof ReferenceStoreException failure) {
            return failure;
        }
        throw new AssertionError("no failure of a store", thrown);
    }
}
