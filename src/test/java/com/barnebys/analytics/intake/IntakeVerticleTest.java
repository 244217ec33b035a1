package com.barnebys.analytics.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.bus.Waiting;
import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolMetrics;
import com.barnebys.analytics.spool.SpoolOptions;
import com.barnebys.analytics.spool.SyncPolicy;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntakeVerticleTest {
    private static final int SPOOL_BYTES_MAX = 8192;
    private static final TrackEvent SMALL = SampleRows.event("view", "ADV1");

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final List<String> counted = new ArrayList<>();
    private Spool spool;
    private EventPublisher publisher;
    private Context loop;

    @BeforeEach
    void start() throws Exception {
        spool = Spool.open(
                new SpoolOptions(
                        directory, SPOOL_BYTES_MAX, 0, SyncPolicy.NONE, Duration.ofSeconds(1), SPOOL_BYTES_MAX),
                0,
                SpoolMetrics.NONE);
        EventPublisher.register(vertx);
        IntakeMetrics metrics = new IntakeMetrics() {
            @Override
            public void accepted(String table, int rows) {
                counted.add(table);
            }

            @Override
            public void refused(Receipt receipt, int rows) {
                throw new AssertionError("no memory left, say");
            }
        };
        vertx.deployVerticle(
                        new IntakeVerticle(spool, metrics),
                        new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER))
                .await();
        loop = vertx.getOrCreateContext();
        publisher = onLoop(() -> new EventPublisher(vertx)).get(60, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() {
        vertx.close().await();
        spool.close();
    }

    @Test
    void errorInOneGroupIsNotAppendedWithTheNext() throws Exception {
        assertThat(publish(SMALL)).isEqualTo(Receipt.STORED);

        // Too large for this spool; what counts the refusal then fails with an Error.
        assertThat(publish(large())).isEqualTo(Receipt.FAILED);

        assertThat(publish(SMALL)).isEqualTo(Receipt.STORED);
        assertThat(spool.nextSequence()).isEqualTo(2);
        assertThat(counted).containsExactly("view", "view");
    }

    private Receipt publish(TrackEvent event) throws Exception {
        CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        loop.runOnContext(ignored -> publisher.publish(event, null, Waiting.MACHINE, receipt::complete));
        return receipt.get(60, TimeUnit.SECONDS);
    }

    private static TrackEvent large() {
        String text = "x".repeat(8000);
        return new TrackEvent(
                "view", "ADV1", false, "", null, null, text, text, "", "", "", false, null, 0, false, null);
    }

    private <T> CompletableFuture<T> onLoop(Supplier<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.runOnContext(ignored -> done.complete(task.get()));
        return done;
    }
}
