package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 2: {@code kill -9} at any moment loses nothing that was answered and stores nothing twice. The real jar, real
 * sockets, the same DATA_DIR from start to start.
 */
class KillIT {
    private static final int ROUNDS = 20;
    private static final int CLIENTS = 4;
    /** Of each life, however slow the machine is. */
    private static final int ANSWERS_MIN = 100;

    private static final Duration DELIVERY_MAX = Duration.ofSeconds(60);

    private final HitLoad load =
            new HitLoad(CLIENTS, Duration.ZERO, n -> new HitLoad.Hit(n % 3 == 0 ? "click" : "view", "id-" + n));

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void everyAnsweredHitIsStoredExactlyOnce() throws Exception {
        Random random = new Random(20_261_123);

        for (int round = 0; round < ROUNDS; round++) {
            try (TrackerProcess tracker = TrackerProcess.start(directory, Map.of())) {
                loadAndKill(tracker, 200 + random.nextInt(600));
            }
        }

        assertExactlyOnce(directory, Map.of());
        assertThat(load.answered()).hasSizeGreaterThanOrEqualTo(ROUNDS * ANSWERS_MIN);
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void fullDiskInBetweenLosesNothingThatWasAnswered() throws Exception {
        try (SmallVolume volume = SmallVolume.of(directory, 48)) {
            Map<String, String> settings = Map.of("SPOOL_MIN_FREE", "0", "SPOOL_MAX_BYTES", "256MiB");
            Random random = new Random(7);
            for (int round = 0; round < 6; round++) {
                try (TrackerProcess tracker = TrackerProcess.start(volume.path(), settings)) {
                    load.begin(tracker.port());
                    Thread.sleep(150);
                    volume.fill();
                    Thread.sleep(300 + random.nextInt(300));
                    if (round % 2 == 0) {
                        volume.free();
                        Thread.sleep(200 + random.nextInt(300));
                    }
                    tracker.kill();
                    load.end();
                }
                volume.free();
            }

            assertThat(load.refused())
                    .as("hits refused while the disk was full")
                    .isPositive();
            assertExactlyOnce(volume.path(), settings);
        }
    }

    private void loadAndKill(TrackerProcess tracker, int millis) throws Exception {
        int before = load.answered().size();
        load.begin(tracker.port());
        Thread.sleep(millis);
        load.awaitAnswered(before + ANSWERS_MIN);
        tracker.kill();
        load.end();
    }

    private void assertExactlyOnce(Path data, Map<String, String> settings) throws Exception {
        try (TrackerProcess tracker = TrackerProcess.start(data, settings)) {
            JsonObject unused = tracker.awaitDelivered(DELIVERY_MAX);
            tracker.stop();
        }
        Map<String, Integer> stored = new HashMap<>();
        for (Map<String, Object> row : TestTracker.rows(data)) {
            stored.merge((String) row.get("dimension1"), 1, Integer::sum);
        }

        List<HitLoad.Hit> answered = load.answered();
        assertThat(answered)
                .as("answered and not stored, of %d", answered.size())
                .filteredOn(hit -> !stored.containsKey(hit.id()))
                .isEmpty();
        assertThat(stored.values()).as("stored twice").allMatch(count -> count == 1);
        assertThat(Files.exists(data.resolve("deadletter/parked.ndjson"))
                        && Files.size(data.resolve("deadletter/parked.ndjson")) > 0)
                .as("nothing parked")
                .isFalse();
    }
}
