package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The results an appender owes. Each one comes within the limit, whatever becomes of the client: it has ways to lose a
 * request, such as an answer whose text it cannot parse. Any thread.
 */
final class OwedResults {
    private final Duration limit;
    private final Set<CompletableFuture<AppendResult>> owed = ConcurrentHashMap.newKeySet();

    OwedResults(Duration limit) {
        this.limit = limit;
    }

    /** One more. The JDK's own daemon thread watches the time, and lets go as soon as the result is there. */
    @SuppressWarnings("CollectionUndefinedEquality") // a future is nothing but itself, which is what is meant
    CompletableFuture<AppendResult> add() {
        CompletableFuture<AppendResult> result = new CompletableFuture<>();
        owed.add(result);
        Failed late = new Failed(Failure.TIMEOUT, "no answer within " + limit.toMillis() + " ms", null);
        CompletableFuture<AppendResult> unused = result.completeOnTimeout(late, limit.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((done, never) -> owed.remove(result));
        return result;
    }

    /** Settles all that is open. */
    void failAll(String why) {
        owed.forEach(result -> result.complete(new Failed(Failure.CONNECTION, why, null)));
    }
}
