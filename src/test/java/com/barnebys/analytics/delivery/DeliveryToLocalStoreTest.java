package com.barnebys.analytics.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.local.LocalStore;
import com.barnebys.analytics.sink.local.LocalStoreOptions;
import com.barnebys.analytics.sink.local.LocalStoreReader;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeliveryToLocalStoreTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    @TempDir
    Path directory;

    @Test
    void everyRowIsStoredOnceOrParkedAcrossARestart() throws Exception {
        FakeBacklog spool = new FakeBacklog();
        spool.trimFails = new java.io.IOException("so that all of it is still there after the restart");
        RecordingMetrics metrics = new RecordingMetrics();

        spool.add(2_000);
        spool.add(SampleRows.MALFORMED);
        deliver(spool, metrics);
        spool.trimFails = null;
        spool.add(999);
        deliver(spool, metrics);

        List<Object> programs = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(directory.resolve("analytics.db"))) {
            reader.export(null, null, null, (kind, columns, values) -> programs.add(values[0]));
        }
        assertThat(programs)
                .containsExactlyElementsOf(IntStream.range(0, 3_000)
                        .filter(i -> i != 2_000)
                        .mapToObj(i -> "p" + i)
                        .toList());
        List<String> parked = Files.readAllLines(directory.resolve("deadletter/parked.ndjson"));
        assertThat(parked).hasSize(1);
        assertThat(new JsonObject(parked.get(0)).getLong("sequence")).isEqualTo(2_000);
        assertThat(metrics.delivered).containsExactly(java.util.Map.entry("click", 2_999L));
        assertThat(metrics.parked).containsExactly("click MALFORMED_ROW");
        assertThat(spool.firstKept).isEqualTo(3_000);
    }

    private void deliver(FakeBacklog spool, RecordingMetrics metrics) throws Exception {
        CompletableFuture<Throwable> fatal = new CompletableFuture<>();
        try (LocalStore store = LocalStore.open(new LocalStoreOptions(directory.resolve("analytics.db"), 0));
                DeadLetters letters = DeadLetters.open(directory)) {
            Delivery delivery =
                    Delivery.of(spool, store, letters, DeliveryOptions.DEFAULT, metrics, false, fatal::complete);
            delivery.start();
            assertThat(delivery.drain(LONG)).isTrue();
            assertThat(delivery.stop(LONG)).isTrue();
        }
        assertThat(fatal).isNotDone();
    }
}
