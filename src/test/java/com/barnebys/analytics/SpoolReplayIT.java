package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.HitLoad.Hit;
import com.barnebys.analytics.TrackerProcess.Said;
import com.barnebys.analytics.sink.bigquery.fake.AppendFault;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scaling down: what the volume of a removed process holds is sent by {@code ba replay --dir}. The real jar. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SpoolReplayIT {
    private final HitLoad load = new HitLoad(1, Duration.ZERO, n -> {
        String kind = n % 2 == 0 ? "click" : "view";
        return new Hit(kind, kind + "-" + n);
    });

    @TempDir
    Path removed;

    @TempDir
    Path elsewhere;

    /** Blocks stored and not acknowledged, blocks under way, and rows never sent. */
    @Test
    void whatAKilledProcessLeftIsSentOnceAndASecondCallChangesNothing() throws Exception {
        try (FakeBigQuery fake = FakeBigQuery.start()) {
            fake.createDataset(ChaosCampaign.DATASET);
            Map<String, String> settings = new HashMap<>(ChaosCampaign.settings(fake));
            settings.put("BATCH_ROWS", "20");
            try (TrackerProcess tracker = TrackerProcess.start(removed, settings)) {
                load.send(tracker.port(), 100);
                tracker.awaitDelivered(Duration.ofSeconds(60));
                fake.faults()
                        .append("click", AppendFault.SILENCE.afterStoring(), Integer.MAX_VALUE)
                        .append("view", AppendFault.SILENCE, Integer.MAX_VALUE);
                long before = fake.counters().appendRequests();
                load.send(tracker.port(), 600);
                // The window of click; of view the first, behind which the fake reads nothing.
                for (int i = 0; i < 1000 && fake.counters().appendRequests() < before + 5; i++) {
                    Thread.sleep(10);
                }
                tracker.kill();
            }
            fake.faults().clear();

            Said first = replay(settings);
            long rows = fake.rowCount("click") + fake.rowCount("view");
            Said second = replay(settings);

            assertThat(first.exitCode()).as(first.text()).isZero();
            assertThat(count(first, "found")).isPositive().isEqualTo(count(first, "delivered"));
            assertThat(count(first, "left")).isZero();
            assertThat(second.exitCode()).as(second.text()).isZero();
            assertThat(count(second, "found")).isZero();
            assertThat(fake.rowCount("click") + fake.rowCount("view")).isEqualTo(rows);
            JsonObject books = new JsonObject()
                    .put("recovered", count(first, "found"))
                    .put("accepted", 0)
                    .put("delivered", count(first, "delivered"))
                    .put("parked", 0)
                    .put("lost", 0)
                    .put("inSpool", 0);
            Findings found =
                    Findings.of(fake, load.answered(), removed, new JsonObject().put("books", books), "replay --dir");
            found.assertNothingIsLost(id -> false);
            found.assertNothingIsTwice();
            assertThat(elsewhere).as("DATA_DIR of the settings").isEmptyDirectory();
        }
    }

    @Test
    void rowsOfALocalStoreGoIntoTheStoreBesideThem() throws Exception {
        try (TrackerProcess tracker = TrackerProcess.start(removed, Map.of("BATCH_WAIT", "1m"))) {
            load.send(tracker.port(), 50);
            tracker.kill();
        }

        Said said = replay(Map.of());

        assertThat(said.exitCode()).as(said.text()).isZero();
        assertThat(count(said, "delivered")).isEqualTo(50);
        assertThat(TestTracker.rows(removed))
                .extracting(row -> row.get("dimension1"))
                .hasSize(50)
                .doesNotHaveDuplicates();
    }

    @Test
    void timeThatIsOverIsSaidAndNothingIsLost() throws Exception {
        try (FakeBigQuery fake = FakeBigQuery.start()) {
            fake.createDataset(ChaosCampaign.DATASET);
            fake.stopServers();
            Map<String, String> settings = ChaosCampaign.settings(fake);
            try (TrackerProcess tracker = TrackerProcess.start(removed, settings)) {
                load.send(tracker.port(), 20);
                tracker.kill();
            }

            Said said =
                    TrackerProcess.run(elsewhere, settings, "replay", "--dir", removed.toString(), "--timeout", "1s");
            assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
            assertThat(count(said, "left")).isEqualTo(20);
            assertThat(said.text()).contains("Ended early");

            fake.startServers();
            assertThat(count(replay(settings), "delivered")).isEqualTo(20);
            assertThat(fake.rowCount("click") + fake.rowCount("view")).isEqualTo(20);
        }
    }

    @Test
    void directoryOfARunningProcessIsRefused() throws Exception {
        try (TrackerProcess tracker = TrackerProcess.start(removed, Map.of())) {
            Said said = replay(Map.of());

            assertThat(said.exitCode()).isEqualTo(1);
            assertThat(said.text()).contains("another process has the spool");
            load.send(tracker.port(), 10);
            tracker.stop();
        }
        assertThat(TestTracker.rows(removed)).hasSize(10);
    }

    @Test
    void directoryWithoutASpoolIsRefusedAndNothingIsMadeThere() throws Exception {
        Files.writeString(removed.resolve("notes"), "");

        Said said = replay(Map.of());

        assertThat(said.exitCode()).isEqualTo(1);
        assertThat(said.text()).contains("no spool is here");
        try (Stream<Path> files = Files.list(removed)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly("notes");
        }
    }

    /** Called without the server's settings it would put the rows elsewhere, and say that the volume can go. */
    @Test
    void directoryOfAnotherStoreIsRefusedAndItsRowsStay() throws Exception {
        Map<String, String> settings = Map.of("BATCH_WAIT", "1m");
        try (TrackerProcess tracker = TrackerProcess.start(removed, settings)) {
            load.send(tracker.port(), 10);
            tracker.kill();
        }

        Map<String, String> others = Map.of("STORE", "none");
        Said rows = replay(others);
        Said deadLetters = TrackerProcess.run(removed, others, "replay", "--dead-letters");

        assertThat(List.of(rows, deadLetters)).allSatisfy(said -> {
            assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
            assertThat(said.text()).contains("STORE: none").contains("analytics.db");
        });
        assertThat(count(replay(settings), "delivered")).isEqualTo(10);
    }

    private Said replay(Map<String, String> settings) throws Exception {
        return TrackerProcess.run(elsewhere, settings, "replay", "--dir", removed.toString());
    }

    private static long count(Said said, String what) {
        Matcher matcher = Pattern.compile("(?m)^" + what + " ([0-9]+)$").matcher(said.text());
        assertThat(matcher.find()).as(said.text()).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
