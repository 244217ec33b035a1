package com.barnebys.analytics.reference;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Says where a visitor came from, within a time, as a rule {@link #WAIT_MAX}, whatever the store does: an answer that is
 * not there by then is {@link Source#OTHER}, and counted. Any thread; futures never fail and complete on the caller's
 * context.
 *
 * <p>Answers are remembered: a found type for ten minutes, for the first reference of a visitor stays his first until it
 * is deleted; that he has none for five seconds. References made through {@link #create} are seen at once. Those that
 * another replica made are seen five seconds later at most: events of a visitor in that time are {@code other}, as they
 * are before he has a reference at all.
 *
 * <p>A question that outlives its time goes on, and its answer is remembered for the next event.
 */
public final class SourceLookup {
    /** A page's request waits for it. */
    public static final Duration WAIT_MAX = Duration.ofMillis(50);

    static final Duration FOUND_KEPT = Duration.ofMinutes(10);
    static final Duration NONE_KEPT = Duration.ofSeconds(5);
    /** Different visitors asked for at the same time. */
    static final int LOADS_MAX = 1_000;

    /** Some 50,000 visitors with short ids. */
    private static final long CACHE_BYTES_MAX = 8L << 20;
    /** Two records, two texts, the future and Caffeine's entry. */
    private static final int ENTRY_BYTES = 160;

    private final Vertx vertx;
    private final ReferenceStore store;
    private final ReferenceMetrics metrics;
    private final Duration waitMax;
    private final AsyncCache<Visitor, Optional<Source>> cache;
    private final AtomicInteger loads = new AtomicInteger();

    /** @param waitMax what a caller waits at most */
    public SourceLookup(Vertx vertx, ReferenceStore store, ReferenceMetrics metrics, Duration waitMax) {
        this(vertx, store, metrics, waitMax, Ticker.systemTicker());
    }

    SourceLookup(Vertx vertx, ReferenceStore store, ReferenceMetrics metrics, Duration waitMax, Ticker ticker) {
        this.vertx = vertx;
        this.waitMax = waitMax;
        this.store = store;
        this.metrics = metrics;
        this.cache = Caffeine.newBuilder()
                .maximumWeight(CACHE_BYTES_MAX)
                .weigher(SourceLookup::bytes)
                .expireAfter(Expiry.<Visitor, Optional<Source>>creating(
                        (visitor, source) -> source.isPresent() ? FOUND_KEPT : NONE_KEPT))
                .ticker(ticker)
                .executor(Runnable::run) // Its upkeep is short, and a pool of threads would be one more.
                .buildAsync();
    }

    private static int bytes(Visitor visitor, Optional<Source> source) {
        return ENTRY_BYTES
                + 2 * (visitor.programId().length() + visitor.fingerprint().length());
    }

    /**
     * The type of the first reference of that visitor, else {@link Source#OTHER}.
     *
     * @param fingerprint as the request has it; null, empty or too long for a reference: nobody's
     */
    public Future<Source> source(String programId, @Nullable String fingerprint) {
        if (fingerprint == null) {
            return Future.succeededFuture(Source.OTHER);
        }
        Visitor visitor;
        try {
            visitor = new Visitor(programId, fingerprint);
        } catch (InvalidReferenceException nobody) {
            return Future.succeededFuture(Source.OTHER);
        }
        return source(visitor);
    }

    private Future<Source> source(Visitor visitor) {
        CompletableFuture<Optional<Source>> known = cache.getIfPresent(visitor);
        if (known != null && known.isDone()) {
            Optional<Source> source = known.getNow(null);
            if (source != null) {
                return answer(LookupOutcome.CACHED, source);
            }
        }
        if (known == null) {
            if (loads.get() >= LOADS_MAX) {
                return answer(LookupOutcome.SHED, Optional.empty());
            }
            known = cache.get(visitor, (key, executor) -> load(key));
        }
        return Future.fromCompletionStage(known, vertx.getOrCreateContext())
                .timeout(waitMax.toMillis(), TimeUnit.MILLISECONDS)
                .transform(result -> {
                    if (result.failed()) {
                        return answer(
                                result.cause() instanceof TimeoutException ? LookupOutcome.LATE : LookupOutcome.FAILED,
                                Optional.empty());
                    }
                    Optional<Source> source = result.result();
                    return source == null
                            ? answer(LookupOutcome.FAILED, Optional.empty())
                            : answer(LookupOutcome.STORED, source);
                });
    }

    /** A failure is null: that is not remembered, and Caffeine would write a line for each exception. */
    private CompletableFuture<Optional<Source>> load(Visitor visitor) {
        int unused = loads.incrementAndGet();
        return store.firstType(visitor)
                .toCompletionStage()
                .<Optional<Source>>handle((source, failure) -> {
                    int unusedLeft = loads.decrementAndGet();
                    return failure == null ? source : null;
                })
                .toCompletableFuture();
    }

    private Future<Source> answer(LookupOutcome outcome, Optional<Source> source) {
        metrics.answered(outcome);
        return Future.succeededFuture(source.orElse(Source.OTHER));
    }

    /** {@link ReferenceStore#create}; when it is done, what was remembered of the visitor is forgotten. */
    public Future<Creation> create(Reference reference) {
        // Also after a failure: it may have been stored.
        return store.create(reference).andThen(result -> forget(reference.visitor()));
    }

    /** Also what is being asked right now: that answer may be older than the reference. */
    private void forget(Visitor visitor) {
        cache.synchronous().invalidate(visitor);
    }
}
