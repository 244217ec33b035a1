package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReferenceRetentionTest {
    private final Vertx vertx = Vertx.vertx();
    private final FakeReferenceStore store = new FakeReferenceStore();
    private final RecordingReferenceMetrics metrics = new RecordingReferenceMetrics();
    private final ReferenceRetention retention = new ReferenceRetention(vertx, store, 30, Clock.systemUTC(), metrics);

    @AfterEach
    void close() throws Exception {
        Void closed = await(vertx.close());
    }

    @Test
    void aRunGoesOnUntilAStepFindsLess() throws Exception {
        store.deletions.addAll(List.of(ReferenceRetention.STEP_ROWS, ReferenceRetention.STEP_ROWS, 3, 7));

        assertThat(await(retention.run())).isEqualTo(2 * ReferenceRetention.STEP_ROWS + 3);
        assertThat(metrics.deleted).isEqualTo(2 * ReferenceRetention.STEP_ROWS + 3);
        assertThat(store.deletions).containsExactly(7);
    }

    @Test
    void aStoppedRunEndsAfterItsStep() throws Exception {
        store.deletions.addAll(List.of(ReferenceRetention.STEP_ROWS, 1));
        retention.stop();

        assertThat(await(retention.run())).isEqualTo(ReferenceRetention.STEP_ROWS);
    }

    @Test
    void aFailedRunSaysSo() {
        assertThat(retention.run().failed()).isTrue();
    }
}
