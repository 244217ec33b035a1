package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Waits as long as the guard of a test, so that a slow machine makes no answer late; but where lateness is the point. */
class SourceLookupTest {
    private static final Reference REFERENCE =
            new Reference("p", "f", List.of("u"), Source.BARNEBYS, null, null, Instant.EPOCH);

    private final Vertx vertx = Vertx.vertx();
    private final FakeReferenceStore store = new FakeReferenceStore();
    private final RecordingReferenceMetrics metrics = new RecordingReferenceMetrics();
    private final AtomicLong nanos = new AtomicLong();
    private SourceLookup lookup;

    @BeforeEach
    void make() {
        lookup = waiting(Futures.GUARD);
    }

    private SourceLookup waiting(Duration max) {
        return new SourceLookup(vertx, store, metrics, max, nanos::get);
    }

    @AfterEach
    void close() throws Exception {
        Void closed = await(vertx.close());
    }

    @Test
    void anAnswerIsRememberedAndThoseWhoAskMeanwhileShareIt() throws Exception {
        Future<Source> first = lookup.source("p", "f");
        Future<Source> second = lookup.source("p", "f");
        store.answer(0, Source.BARNEBYS);

        assertThat(await(first)).isEqualTo(Source.BARNEBYS);
        assertThat(await(second)).isEqualTo(Source.BARNEBYS);
        assertThat(await(lookup.source("p", "f"))).isEqualTo(Source.BARNEBYS);
        assertThat(store.asked).hasSize(1);
        assertThat(metrics.outcomes).containsExactly(LookupOutcome.STORED, LookupOutcome.STORED, LookupOutcome.CACHED);
    }

    @Test
    void programsAreToldApart() throws Exception {
        Future<Source> one = lookup.source("p", "f");
        Future<Source> other = lookup.source("q", "f");
        store.answer(0, Source.BARNEBYS);
        store.answer(1, Source.OTHER);

        assertThat(await(one)).isEqualTo(Source.BARNEBYS);
        assertThat(await(other)).isEqualTo(Source.OTHER);
    }

    @Test
    void aFoundTypeIsKeptForMinutesAndThatThereIsNoneForSeconds() throws Exception {
        Future<Source> found = lookup.source("p", "found");
        Future<Source> none = lookup.source("p", "none");
        store.answer(0, Source.BARNEBYS);
        store.answer(1, null);
        assertThat(await(found)).isEqualTo(Source.BARNEBYS);
        assertThat(await(none)).isEqualTo(Source.OTHER);

        turn(SourceLookup.NONE_KEPT.minusNanos(1));
        Source kept = await(lookup.source("p", "none"));
        turn(Duration.ofNanos(1));
        Future<Source> asked = lookup.source("p", "none");
        store.answer(2, Source.BARNEBYS);
        turn(SourceLookup.FOUND_KEPT.minus(SourceLookup.NONE_KEPT).minusNanos(1));
        Source stillKept = await(lookup.source("p", "found"));
        turn(Duration.ofNanos(1));
        Future<Source> askedAgain = lookup.source("p", "found");
        store.answer(3, Source.OTHER);

        assertThat(kept).isEqualTo(Source.OTHER);
        assertThat(await(asked)).isEqualTo(Source.BARNEBYS);
        assertThat(stillKept).isEqualTo(Source.BARNEBYS);
        assertThat(await(askedAgain)).isEqualTo(Source.OTHER);
    }

    @Test
    void aReferenceMadeHereIsSeenAtOnce() throws Exception {
        Future<Source> before = lookup.source("p", "f");
        store.answer(0, null);
        assertThat(await(before)).isEqualTo(Source.OTHER);

        assertThat(await(lookup.create(REFERENCE))).isEqualTo(Creation.CREATED);
        Future<Source> after = lookup.source("p", "f");
        store.answer(1, Source.BARNEBYS);

        assertThat(await(after)).isEqualTo(Source.BARNEBYS);
    }

    @Test
    void anAnswerOlderThanTheReferenceIsNotRemembered() throws Exception {
        Promise<Creation> creating = Promise.promise();
        store.creation = creating.future();
        Future<Creation> created = lookup.create(REFERENCE);
        Future<Source> asked = lookup.source("p", "f");
        creating.complete(Creation.CREATED);
        assertThat(await(created)).isEqualTo(Creation.CREATED);
        store.answer(0, null);
        assertThat(await(asked)).isEqualTo(Source.OTHER);

        Future<Source> after = lookup.source("p", "f");
        store.answer(1, Source.BARNEBYS);

        assertThat(await(after)).isEqualTo(Source.BARNEBYS);
    }

    @Test
    void aFailureIsOtherAndNotRemembered() throws Exception {
        Future<Source> failing = lookup.source("p", "f");
        store.asked.get(0).fail(new ReferenceStoreException(Reason.AWAY, "away"));
        assertThat(await(failing)).isEqualTo(Source.OTHER);

        Future<Source> again = lookup.source("p", "f");
        store.answer(1, Source.BARNEBYS);

        assertThat(await(again)).isEqualTo(Source.BARNEBYS);
        assertThat(metrics.outcomes).containsExactly(LookupOutcome.FAILED, LookupOutcome.STORED);
    }

    @Test
    void aStoreThatDoesNotAnswerIsNotWaitedForAndItsLateAnswerIsKept() throws Exception {
        lookup = waiting(SourceLookup.WAIT_MAX);
        assertThat(await(lookup.source("p", "f"))).isEqualTo(Source.OTHER);
        assertThat(await(lookup.source("p", "f"))).isEqualTo(Source.OTHER);
        store.answer(0, Source.BARNEBYS);

        assertThat(await(lookup.source("p", "f"))).isEqualTo(Source.BARNEBYS);
        assertThat(store.asked).hasSize(1);
        assertThat(metrics.outcomes).containsExactly(LookupOutcome.LATE, LookupOutcome.LATE, LookupOutcome.CACHED);
    }

    @Test
    void onlySoManyAreAskedForAtTheSameTime() throws Exception {
        List<Future<Source>> asked = new ArrayList<>();
        for (int i = 0; i < SourceLookup.LOADS_MAX; i++) {
            asked.add(lookup.source("p", "f" + i));
        }

        assertThat(await(lookup.source("p", "one more"))).isEqualTo(Source.OTHER);
        assertThat(metrics.outcomes).contains(LookupOutcome.SHED);
        assertThat(store.asked).hasSize(SourceLookup.LOADS_MAX);

        store.answer(0, Source.OTHER);
        Future<Source> now = lookup.source("p", "one more");
        store.answer(SourceLookup.LOADS_MAX, Source.BARNEBYS);
        assertThat(await(now)).isEqualTo(Source.BARNEBYS);
    }

    @Test
    void whoCanHaveNoReferenceIsNotAskedFor() throws Exception {
        assertThat(await(lookup.source("p", null))).isEqualTo(Source.OTHER);
        assertThat(await(lookup.source("p", ""))).isEqualTo(Source.OTHER);
        assertThat(await(lookup.source("p", "x".repeat(129)))).isEqualTo(Source.OTHER);
        assertThat(await(lookup.source("x".repeat(129), "f"))).isEqualTo(Source.OTHER);

        assertThat(store.asked).isEmpty();
    }

    private void turn(Duration by) {
        long unused = nanos.addAndGet(by.toNanos());
    }
}
