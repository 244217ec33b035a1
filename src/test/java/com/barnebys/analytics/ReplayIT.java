package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.metrics.Books;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that BigQuery refuses, and takes later: through the running server, and without one. */
class ReplayIT {
    @TempDir
    Path directory;

    private FakeBigQuery bigQuery;
    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void start() {
        bigQuery = FakeBigQuery.start();
        bigQuery.createDataset("d");
        settings.putAll(Map.of(
                "SECRET",
                "test",
                "BIGQUERY_DATASET_ID",
                "d",
                "GCP_PROJECT_ID",
                "p",
                "BIGQUERY_EMULATOR_HOST",
                bigQuery.restUrl(),
                "BIGQUERY_STORAGE_EMULATOR_HOST",
                bigQuery.grpcAddress()));
    }

    @AfterEach
    void stop() {
        bigQuery.close();
    }

    @Test
    void theRunningServerSendsThemAgainOnce() throws Exception {
        try (TestTracker tracker = TestTracker.start(directory, settings)) {
            park(tracker, 5);

            assertThat(replay(tracker.managementPort(), null, true).getLong("replayed"))
                    .isEqualTo(5);
            assertThat(replay(tracker.managementPort(), "view", false).getLong("replayed"))
                    .isZero();
            JsonObject still = replay(tracker.managementPort(), null, false);
            tracker.awaitDelivered();
            assertThat(still.getLong("replayed")).isEqualTo(5);
            assertThat(bigQuery.rowCount("click")).as("still refused").isEqualTo(1);

            bigQuery.faults().acceptRows();
            JsonObject mended = replay(tracker.managementPort(), "click", false);
            tracker.awaitDelivered();
            assertThat(mended.getJsonArray("rows").getJsonObject(0))
                    .isEqualTo(new JsonObject()
                            .put("kind", "click")
                            .put("reason", "REFUSED_ROW")
                            .put("rows", 5));
            JsonObject again = replay(tracker.managementPort(), null, false);
            tracker.awaitDelivered();

            assertThat(again.getLong("replayed")).isZero();
            assertThat(again.getLong("before")).isEqualTo(10);
            assertEachOnce(6);
            Books books = tracker.books();
            assertThat(books.difference()).isZero();
            assertThat(books.accepted()).isEqualTo(16);
            assertThat(books.parked()).isEqualTo(10);
            assertThat(new JsonObject(RawHttp.get(tracker.managementPort(), "/readyz")
                                    .text())
                            .getJsonObject("counters")
                            .getJsonObject("replayed"))
                    .isEqualTo(new JsonObject().put("click", 10));
        }
    }

    @Test
    void withoutAServerTheCommandDoesItAndTheNextStartDelivers() throws Exception {
        try (TestTracker tracker = TestTracker.start(directory, settings)) {
            park(tracker, 3);
        }
        bigQuery.faults().acceptRows();

        assertThat(replay(1, null, true).getLong("replayed")).isEqualTo(3);
        assertThat(replay(1, null, false).getLong("replayed")).isEqualTo(3);
        assertThat(replay(1, null, false).getLong("replayed")).isZero();
        try (TestTracker tracker = TestTracker.start(directory, settings)) {
            tracker.awaitDelivered();

            assertEachOnce(4);
            assertThat(tracker.books().recovered()).isEqualTo(3);
            assertThat(tracker.books().difference()).isZero();
            assertThat(replay(tracker.managementPort(), null, false).getLong("replayed"))
                    .isZero();
        }
    }

    @Test
    void anEmbeddedStoreWorksLikewise() throws Exception {
        settings.keySet().removeIf(name -> name.contains("BIGQUERY") || name.contains("GCP"));
        try (TestTracker tracker = TestTracker.start(directory, settings)) {
            assertThat(replay(tracker.managementPort(), null, false).getLong("replayed"))
                    .isZero();
        }
        // As if it had been parked by a store that refused it.
        String parked = "{\"sequence\":7,\"kind\":\"click\",\"reason\":\"REFUSED_ROW\",\"row\":\"BWNsaWNrCgFw\"}\n";
        Files.writeString(directory.resolve("deadletter/parked.ndjson"), parked);

        assertThat(replay(1, null, false).getLong("replayed")).isEqualTo(1);
        try (TestTracker tracker = TestTracker.start(directory, settings)) {
            assertThat(tracker.rows())
                    .singleElement()
                    .satisfies(row ->
                            assertThat(row).containsEntry("table", "click").containsEntry("programId", "p"));
            assertThat(replay(tracker.managementPort(), null, false).getLong("before"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aLockNobodyAnswersForIsSaid() throws Exception {
        Files.createDirectories(directory.resolve("deadletter"));
        try (TestTracker tracker = TestTracker.start(directory, settings);
                Socket silent = new Socket()) {
            silent.bind(new InetSocketAddress("127.0.0.1", 0)); // and does not listen
            int nobody = silent.getLocalPort();
            assertThatThrownBy(() -> replay(nobody, null, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process has the spool")
                    .hasMessageContaining("no server answers at http://127.0.0.1:" + nobody);
            assertThatThrownBy(() -> replay(tracker.port(), null, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not a tracker's management port");
            assertThatThrownBy(() -> replay(0, null, false)).hasMessageContaining("MANAGEMENT_PORT");
        }
    }

    @Test
    void aServerOfAnotherDirectoryDoesNothing(@TempDir Path other) throws Exception {
        try (TestTracker mine = TestTracker.start(directory, settings);
                TestTracker others = TestTracker.start(other, Map.of("SECRET", "test"))) {
            assertThatThrownBy(() -> replay(others.managementPort(), null, false))
                    .hasMessageContaining("answers 400: spool: ");
            String target = "/dead-letters/replay?spool="
                    + Files.readString(directory.resolve("spool/spool-id")).strip();
            RawHttp.Answer wrong =
                    RawHttp.once(mine.managementPort(), "POST", target + "&reason=BAD", "Content-Length: 0");
            assertThat(wrong.status()).isEqualTo(400);
            assertThat(wrong.text()).contains("reason: BAD");
            assertThat(RawHttp.get(mine.managementPort(), target).status()).isEqualTo(405);
        }
    }

    @Test
    void aSpoolBehindItsStoreIsNotTouched() throws Exception {
        try (TestTracker tracker = TestTracker.start(directory, settings)) {
            park(tracker, 1);
        }
        try (var files = Files.list(directory.resolve("spool"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".seg")).toList()) {
                try (FileChannel segment = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    segment.truncate(0);
                }
            }
        }

        assertThatThrownBy(() -> replay(1, null, false)).hasMessageContaining("start the server, then replay");
    }

    /** One good row, and so many that are refused from now on. */
    private void park(TestTracker tracker, int rows) throws IOException {
        bigQuery.faults().refuseRows(row -> "bad".equals(row.get("programId")));
        hit(tracker, "good");
        for (int i = 0; i < rows; i++) {
            hit(tracker, "bad");
        }
        tracker.awaitDelivered();
        assertThat(tracker.books().parked()).isEqualTo(rows);
    }

    private static void hit(TestTracker tracker, String program) throws IOException {
        String target = "/r/collect?p=" + program + "&k=click";
        RawHttp.Answer answer = RawHttp.get(tracker.port(), target + "&s=" + TestTracker.md5("test" + target));
        assertThat(answer.status()).isEqualTo(200);
    }

    private JsonObject replay(int managementPort, String kind, boolean isDry) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("DATA_DIR", directory.toString());
        all.put("MANAGEMENT_PORT", Integer.toString(managementPort));
        ParkReason reason = kind == null ? null : ParkReason.REFUSED_ROW;
        return DeadLetterReplays.run(Settings.of(all), kind, reason, isDry);
    }

    private void assertEachOnce(int rows) {
        assertThat(bigQuery.rowCount("click")).isEqualTo(rows);
        assertThat(bigQuery.countsByEventId("click"))
                .hasSize(rows)
                .allSatisfy((id, count) -> assertThat(count).isOne());
    }
}
