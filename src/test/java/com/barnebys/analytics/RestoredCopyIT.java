package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A DATA_DIR that was put back from a copy, as docs/operations.md wants it started. */
class RestoredCopyIT {
    @TempDir
    Path root;

    @Test
    void withNewStreamsNothingThatComesLaterIsTakenForStored() throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start()) {
            bigQuery.createDataset("d");
            Map<String, String> settings = settings(bigQuery);
            Path original = root.resolve("original");
            Path copy = root.resolve("copy");
            try (TestTracker tracker = TestTracker.start(original, settings)) {
                hits(tracker, "first", 5);
                tracker.awaitDelivered();
            }
            copy(original, copy);
            try (TestTracker tracker = TestTracker.start(original, settings)) {
                hits(tracker, "then", 20);
                tracker.awaitDelivered();
            }

            newStreams(copy);
            try (TestTracker tracker = TestTracker.start(copy, settings)) {
                hits(tracker, "later", 10);
                tracker.awaitDelivered();
            }

            Set<Object> programs = new HashSet<>();
            List<Map<String, Object>> rows = bigQuery.rows("click");
            rows.forEach(row -> programs.add(row.get("programId")));
            assertThat(programs).hasSize(35);
            assertThat(bigQuery.streams("click")).hasSize(2);
        }
    }

    /** Whoever forgets that step loses no row: the lane sees that others are there and stops. */
    @Test
    void olderCopyStopsItsLane() throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start()) {
            bigQuery.createDataset("d");
            Map<String, String> settings = settings(bigQuery);
            Path original = root.resolve("original");
            Path copy = root.resolve("copy");
            try (TestTracker tracker = TestTracker.start(original, settings)) {
                hits(tracker, "first", 5);
                tracker.awaitDelivered();
            }
            copy(original, copy);
            try (TestTracker tracker = TestTracker.start(original, settings)) {
                hits(tracker, "then", 20);
                tracker.awaitDelivered();
            }

            try (TestTracker tracker = TestTracker.start(copy, settings)) {
                hits(tracker, "later", 10);
                awaitPhase(tracker, "stopped");

                assertThat(tracker.readyz().getJsonObject("books").getInteger("inSpool"))
                        .isEqualTo(10);
            }

            assertThat(bigQuery.rows("click")).hasSize(25);
        }
    }

    private static void awaitPhase(TestTracker tracker, String phase) throws Exception {
        for (int i = 0; i < 1200; i++) {
            JsonArray lanes = tracker.readyz().getJsonArray("lanes");
            if (!lanes.isEmpty() && phase.equals(lanes.getJsonObject(0).getString("phase"))) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no lane is " + phase + ": " + tracker.readyz().getJsonArray("lanes"));
    }

    private static Map<String, String> settings(FakeBigQuery bigQuery) {
        return Map.of(
                "SECRET",
                "test",
                "DRAIN",
                "1s", // a stopped lane takes all of it
                "BIGQUERY_DATASET_ID",
                "d",
                "GCP_PROJECT_ID",
                "p",
                "BIGQUERY_EMULATOR_HOST",
                bigQuery.restUrl(),
                "BIGQUERY_STORAGE_EMULATOR_HOST",
                bigQuery.grpcAddress());
    }

    private static void newStreams(Path dataDir) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + dataDir.resolve("bigquery.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE lane SET stream = NULL")).isOne();
        }
    }

    private static void hits(TestTracker tracker, String program, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            String target = "/r/collect?p=" + program + i + "&k=click";
            RawHttp.Answer answer = RawHttp.get(tracker.port(), target + "&s=" + TestTracker.md5("test" + target));
            assertThat(answer.status()).isEqualTo(200);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
