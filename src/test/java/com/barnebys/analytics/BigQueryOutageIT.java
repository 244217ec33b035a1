package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.HitLoad.Hit;
import com.barnebys.analytics.sink.bigquery.fake.AppendFault;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults.Call;
import io.grpc.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One thing at a time that goes wrong with BigQuery, long enough to be looked at. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BigQueryOutageIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration STOP_MAX = Duration.ofSeconds(60);

    private final FakeBigQuery fake = FakeBigQuery.start();
    private final HitLoad load = new HitLoad(1, Duration.ofMillis(1), n -> {
        String kind = List.of("click", "view").get((int) (n % 2));
        return new Hit(kind, kind + "-" + n);
    });

    @TempDir
    Path data;

    BigQueryOutageIT() {
        fake.createDataset(ChaosCampaign.DATASET);
    }

    @AfterEach
    void end() throws InterruptedException {
        load.end();
        fake.close();
    }

    @Test
    void startsServesAndTellsWhyWithBigQueryAway() throws Exception {
        fake.stopServers();

        try (TrackerProcess tracker = start()) {
            load.send(tracker.port(), 100);
            await("both lanes say why", () -> lanes(tracker, "failure").size() == 2);

            assertThat(lanes(tracker, "failure"))
                    .containsOnly(Map.entry("click", "connection"), Map.entry("view", "connection"));
            assertThat(inSpool(tracker)).isEqualTo(100);

            fake.startServers();
            assertAllArrive(tracker);
            assertThat(lanes(tracker, "failure")).isEmpty();
        }
    }

    @Test
    void outageInTheMiddleIsAnsweredThrough() throws Exception {
        try (TrackerProcess tracker = start()) {
            load.send(tracker.port(), 100);
            tracker.awaitDelivered(SOON);

            fake.stopServers();
            load.send(tracker.port(), 1000);
            // A writer that has lost its connection tries for 45 s before its lane says so: not waited for.
            assertThat(inSpool(tracker)).isEqualTo(1000);
            fake.startServers();

            assertAllArrive(tracker);
        }
    }

    @Test
    void stopsWithBigQueryAwayAndTheNextStartDelivers() throws Exception {
        fake.stopServers();
        try (TrackerProcess tracker = start()) {
            load.send(tracker.port(), 100);
            await("both lanes say why", () -> lanes(tracker, "failure").size() == 2);

            tracker.stop(STOP_MAX);
        }

        fake.startServers();
        try (TrackerProcess tracker = start()) {
            assertAllArrive(tracker);
        }
    }

    /** The client's own close was seen to take 330 s. */
    @Test
    void stopsWhileBigQueryIsSilentAndTheNextStartDelivers() throws Exception {
        fake.faults().append("click", AppendFault.SILENCE, 1).append("view", AppendFault.SILENCE.afterStoring(), 1);
        try (TrackerProcess tracker = start()) {
            load.send(tracker.port(), 100);
            await("both appends are there", () -> fake.counters().appendRequests() >= 2);

            tracker.stop(STOP_MAX);
        }

        fake.faults().clear();
        try (TrackerProcess tracker = start()) {
            assertAllArrive(tracker);
        }
    }

    @Test
    void laneThatIsRefusedForEverHoldsUpNoOther() throws Exception {
        fake.faults().call(Call.CREATE_STREAM, "click", Status.PERMISSION_DENIED, Integer.MAX_VALUE);

        try (TrackerProcess tracker = start()) {
            load.send(tracker.port(), 3000);
            await("all of the other lane's rows are there, and acknowledged", () -> inSpool(tracker) == 1500);

            assertThat(rows("view")).isEqualTo(1500);
            assertThat(lanes(tracker, "failure")).containsOnly(Map.entry("click", "permission_denied"));
            assertThat(rows("click")).isZero();

            tracker.kill();
        }
        fake.faults().clear();
        try (TrackerProcess tracker = start()) {
            assertAllArrive(tracker);
        }
    }

    @Test
    void laneThatIsNeverAnsweredHoldsUpNoOther() throws Exception {
        fake.faults().append("click", AppendFault.SILENCE, Integer.MAX_VALUE);

        try (TrackerProcess tracker = start()) {
            load.send(tracker.port(), 3000);
            await("all of the other lane's rows are there", () -> rows("view") == 1500);
            assertThat(rows("click")).isZero();

            fake.faults().clear();
            fake.cutCalls(Status.UNAVAILABLE);
            assertAllArrive(tracker);
        }
    }

    @Test
    void streamsFinalizedWithRowsInFlightCostNothing() throws Exception {
        fake.faults().ackDelay(Duration.ofMillis(30));

        try (TrackerProcess tracker = start()) {
            load.begin(tracker.port());
            await("rows arrive", () -> fake.counters().appendRequests() > 20);
            for (int i = 0; i < 20; i++) {
                Thread.sleep(100);
                int before = fake.streams().size();
                fake.tables().forEach(fake::finalizeStreams);
                await("another stream is made", () -> fake.streams().size() > before);
            }
            load.end();

            assertAllArrive(tracker);
            assertThat(fake.streams()).hasSizeGreaterThan(10);
        }
    }

    @Test
    void restartOfTheServiceWhileStreamsAreMadeCostsNothing() throws Exception {
        Random random = new Random(5);
        HitLoad fresh = new HitLoad(1, Duration.ZERO, n -> new Hit("fresh_" + n, "id-" + n));

        try (TrackerProcess tracker = start()) {
            for (int i = 0; i < 8; i++) {
                long before = fake.counters().restRequests();
                fresh.send(tracker.port(), 1);
                await("the table is looked for", () -> fake.counters().restRequests() > before);
                Thread.sleep(random.nextInt(30));
                fake.stopServers();
                fake.startServers();
            }
            JsonObject ready = tracker.awaitDelivered(SOON);

            Findings found = Findings.of(fake, fresh.answered(), data, ready, "restarts while streams are made");
            found.assertNothingIsLost(id -> false);
            found.assertNothingIsTwice();
        }
    }

    /** What was in the table is gone with it, by order; what was not acknowledged, and what comes later, is not. */
    @Test
    void droppedTableIsMadeAnewAndTakesWhatComesLater() throws Exception {
        try (TrackerProcess tracker = start()) {
            load.send(tracker.port(), 200);
            tracker.awaitDelivered(SOON);
            int before = load.answered().size();

            assertThat(fake.dropTable(ChaosCampaign.DATASET, "click")).isTrue();
            load.send(tracker.port(), 200);
            JsonObject ready = tracker.awaitDelivered(SOON);

            List<Hit> later = load.answered().subList(before, load.answered().size());
            Findings found = Findings.of(fake, later, data, ready, "a dropped table");
            found.assertNothingIsLost(id -> false);
            assertThat(found.copies()).isZero();
            assertThat(rows("click")).isEqualTo(100);
            assertThat(rows("view")).isEqualTo(200);
        }
    }

    private TrackerProcess start() throws Exception {
        Map<String, String> settings = new HashMap<>(ChaosCampaign.settings(fake));
        settings.put("BATCH_WAIT", "20ms");
        settings.put("BATCH_ROWS", "50");
        settings.put("DRAIN", "1s");
        return TrackerProcess.start(data, settings);
    }

    private void assertAllArrive(TrackerProcess tracker) throws Exception {
        JsonObject ready = tracker.awaitDelivered(SOON);
        Findings found = Findings.of(fake, load.answered(), data, ready, "outage");
        found.assertNothingIsLost(id -> false);
        found.assertNothingIsTwice();
    }

    private static long inSpool(TrackerProcess tracker) {
        return ready(tracker).getJsonObject("books").getLong("inSpool");
    }

    private static JsonObject ready(TrackerProcess tracker) {
        try {
            return tracker.ready();
        } catch (IOException e) {
            throw new AssertionError("the management port does not answer", e);
        }
    }

    private long rows(String table) {
        return fake.hasTable(ChaosCampaign.DATASET, table) ? fake.rowCount(table) : 0;
    }

    /** What each lane says of one thing, where it says it. */
    private static Map<String, String> lanes(TrackerProcess tracker, String what) {
        Map<String, String> said = new HashMap<>();
        for (Object each : ready(tracker).getJsonArray("lanes", new JsonArray())) {
            JsonObject lane = (JsonObject) each;
            if (lane.containsKey(what)) {
                said.put(lane.getString("table"), lane.getString(what));
            }
        }
        return said;
    }

    private static void await(String what, BooleanSupplier isSo) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!isSo.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as(what).isNegative();
            Thread.sleep(20);
        }
    }
}
