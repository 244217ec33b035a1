package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReferenceRetentionTest {
    private static final Instant NOW = Instant.parse("2026-11-24T18:01:08.243Z");

    private final Vertx vertx = Vertx.vertx();
    private final FakeReferenceStore store = new FakeReferenceStore();
    private final RecordingReferenceMetrics metrics = new RecordingReferenceMetrics();
    private final ReferenceRetention retention = retention(30);

    @AfterEach
    void close() throws Exception {
        Void closed = await(vertx.close());
    }

    @Test
    void aRunGoesOnUntilAStepFindsLess() throws Exception {
        store.deletions.addAll(List.of(ReferenceRetention.STEP_ROWS, ReferenceRetention.STEP_ROWS, 3, 7));

        assertThat(await(retention.deleteReferences())).isEqualTo(2 * ReferenceRetention.STEP_ROWS + 3);
        assertThat(metrics.deleted).isEqualTo(2 * ReferenceRetention.STEP_ROWS + 3);
        assertThat(store.deletions).containsExactly(7);
    }

    @Test
    void aStoppedRunTakesNoStep() throws Exception {
        store.deletions.add(1);
        store.forgotten.add(1);
        retention.stop();

        assertThat(await(retention.deleteReferences())).isZero();
        assertThat(await(retention.forgetCalls())).isZero();
        assertThat(store.deletions).hasSize(1);
        assertThat(store.forgotten).hasSize(1);
    }

    @Test
    void aFailedRunSaysSo() {
        assertThat(retention.deleteReferences().failed()).isTrue();
        assertThat(retention.forgetCalls().failed()).isTrue();
    }

    @Test
    void callsAreForgottenAfterADayAlsoWhereReferencesAreKept() throws Exception {
        ReferenceRetention keeping = retention(0);
        store.deletions.add(9);
        store.forgotten.addAll(List.of(ReferenceRetention.STEP_CALLS, 3, 7));

        assertThat(await(keeping.deleteReferences())).isZero();
        assertThat(await(keeping.forgetCalls())).isEqualTo(ReferenceRetention.STEP_CALLS + 3);

        assertThat(await(store.forgottenBefore.future())).isEqualTo(NOW.minus(AnsweredCalls.KEPT));
        assertThat(store.deletions).containsExactly(9);
        assertThat(store.forgotten).containsExactly(7);
        assertThat(metrics.deleted).isZero();
    }

    /** Else each start with PostgreSQL warned of references that are not deleted, and deleted none for an hour. */
    @Test
    void theFirstRunLeavesPostgresTheTimeToConnect() {
        PostgresReferenceStore.Patience patience = PostgresReferenceStore.Patience.DEFAULT;

        assertThat(ReferenceRetention.FIRST_RUN)
                .isGreaterThan(patience.question().plus(patience.pause()).multipliedBy(5));
    }

    @Test
    void aStartedOneForgetsCallsAlsoWhenReferencesCannotBeDeleted() throws Exception {
        store.forgotten.add(3);

        retention.start();
        Instant before = await(store.forgottenBefore.future());
        retention.stop();

        assertThat(before).isEqualTo(NOW.minus(AnsweredCalls.KEPT));
        assertThat(store.forgotten).isEmpty();
    }

    private ReferenceRetention retention(int days) {
        return new ReferenceRetention(
                vertx, store, days, Clock.fixed(NOW, ZoneOffset.UTC), metrics, Duration.ofMillis(1));
    }
}
