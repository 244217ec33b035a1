package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.HitLoad.Hit;
import com.barnebys.analytics.sink.bigquery.fake.AppendFault;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Being told to end costs no client a request and no row its place. With BigQuery away: {@code BigQueryOutageIT}. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class StopIT {
    private static final int CLOSED_MILLIS_MAX = 20_000;

    @TempDir
    Path data;

    /** Told twice, and a third time by Ctrl-C: an operator is impatient. */
    @ParameterizedTest
    @ValueSource(strings = {"0s", "400ms"})
    void stopUnderLoadFailsNoRequestAndStoresEveryAnsweredHitOnce(String prestop) throws Exception {
        List<Hit> answered;
        try (TrackerProcess tracker = TrackerProcess.start(data, Map.of("PRESTOP", prestop, "DRAIN", "20s"))) {
            PoliteLoad load = new PoliteLoad(tracker.port());
            load.begin(4, 3);
            load.awaitAnswers(2000);

            tracker.terminate();
            Thread.sleep(50);
            tracker.interrupt();
            tracker.stop();
            load.end();

            assertThat(load.failures()).isEmpty();
            answered = load.answered();
            assertThat(load.notLookedAt()).noneMatch(new HashSet<>(load.answered())::contains);
        }
        Map<String, Long> stored = stored();
        assertThat(stored).hasSameSizeAs(answered);
        assertThat(answered).allMatch(hit -> stored.getOrDefault(hit.id(), 0L) == 1);
    }

    /** A supervisor counts anything but 0 as a crash. The start waits up to two seconds for the store's file. */
    @Test
    void toldToEndWhileItStartsItEndsWithoutFailure() throws Exception {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("analytics.db"));
                Statement statement = other.createStatement()) {
            statement.executeUpdate("BEGIN EXCLUSIVE");
            try (TrackerProcess tracker = TrackerProcess.begin(data, Map.of())) {
                tracker.awaitLog("Barnebys Analytics ");
                tracker.stop(Duration.ofSeconds(30));

                assertThat(tracker.log()).doesNotContain("Serving.");
            }
        }
    }

    /** A proxy's pool: nobody knows whether a request is on its way to it. */
    @Test
    void requestOverAnIdleConnectionIsStillAnsweredWhenThePortIsClosed() throws Exception {
        try (TrackerProcess tracker = TrackerProcess.start(data, Map.of());
                RawHttp idle = new RawHttp(tracker.port());
                RawHttp idleToo = new RawHttp(tracker.port())) {
            Hit hit = new Hit("view", "late");
            assertThat(idle.request("GET", "/robots.txt").status()).isEqualTo(200);
            assertThat(idleToo.request("GET", "/robots.txt").header("connection"))
                    .isNull();

            tracker.terminate();
            awaitClosedPort(tracker.port());
            RawHttp.Answer answer = idle.request("GET", hit.target());

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("connection")).isEqualTo("close");
            assertThat(idle.isClosed(CLOSED_MILLIS_MAX)).isTrue();
            assertThat(idleToo.isClosed(CLOSED_MILLIS_MAX)).isTrue();
            tracker.stop();
            assertThat(stored()).containsOnlyKeys("late");
        }
    }

    @Test
    void killInTheMiddleOfTheDrainStoresEveryAnsweredHitOnce() throws Exception {
        try (FakeBigQuery fake = FakeBigQuery.start()) {
            fake.createDataset(ChaosCampaign.DATASET);
            Map<String, String> settings = new HashMap<>(ChaosCampaign.settings(fake));
            settings.put("DRAIN", "20s");
            settings.put("BATCH_ROWS", "20");
            HitLoad load = new HitLoad(1, Duration.ZERO, n -> {
                String kind = n % 2 == 0 ? "click" : "view";
                return new Hit(kind, kind + "-" + n);
            });
            try (TrackerProcess tracker = TrackerProcess.start(data, settings)) {
                load.send(tracker.port(), 200);
                tracker.awaitDelivered(Duration.ofSeconds(60));
                // Stored, and not acknowledged: what a kill makes hard.
                fake.faults().append("click", AppendFault.SILENCE.afterStoring(), Integer.MAX_VALUE);
                load.send(tracker.port(), 600);

                tracker.terminate();
                awaitClosedPort(tracker.port());
                awaitRows(fake, "view", 400);
                tracker.kill();
            }
            fake.faults().clear();
            try (TrackerProcess tracker = TrackerProcess.start(data, settings)) {
                JsonObject ready = tracker.awaitDelivered(Duration.ofSeconds(60));

                Findings found = Findings.of(fake, load.answered(), data, ready, "killed while draining");
                found.assertNothingIsLost(id -> false);
                found.assertNothingIsTwice();
            }
        }
    }

    private Map<String, Long> stored() {
        return TestTracker.rows(data).stream()
                .collect(Collectors.groupingBy(row -> (String) row.get("dimension1"), Collectors.counting()));
    }

    private static void awaitRows(FakeBigQuery fake, String table, long rows) throws InterruptedException {
        for (int i = 0; i < 2000 && fake.rowCount(table) < rows; i++) {
            Thread.sleep(10);
        }
        assertThat(fake.rowCount(table)).isEqualTo(rows);
    }

    private static void awaitClosedPort(int port) throws InterruptedException {
        for (int i = 0; i < 3000; i++) {
            try (RawHttp open = new RawHttp(port)) {
                Thread.sleep(10);
            } catch (IOException closed) {
                return;
            }
        }
        throw new AssertionError("the port stays open");
    }
}
