package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

    private final AtomicLong nextId = new AtomicLong();
    /** Answered with 200, and so promised. */
    private final Queue<String> answered = new ConcurrentLinkedQueue<>();

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void everyAnsweredHitIsStoredExactlyOnce() throws Exception {
        Random random = new Random(20_261_123);

        for (int round = 0; round < ROUNDS; round++) {
            try (TrackerProcess tracker = TrackerProcess.start(directory, Map.of())) {
                loadAndKill(tracker, 200 + random.nextInt(600));
            }
        }

        assertExactlyOnce(directory, Map.of());
        assertThat(answered).hasSizeGreaterThan(ROUNDS * 100);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void fullDiskInBetweenLosesNothingThatWasAnswered() throws Exception {
        try (SmallVolume volume = SmallVolume.of(directory, 48)) {
            Map<String, String> settings = Map.of("SPOOL_MIN_FREE", "0", "SPOOL_MAX_BYTES", "256MiB");
            Random random = new Random(7);
            long refused = 0;
            for (int round = 0; round < 6; round++) {
                try (TrackerProcess tracker = TrackerProcess.start(volume.path(), settings)) {
                    Load load = load(tracker);
                    Thread.sleep(150);
                    volume.fill();
                    Thread.sleep(300 + random.nextInt(300));
                    if (round % 2 == 0) {
                        volume.free();
                        Thread.sleep(200 + random.nextInt(300));
                    }
                    tracker.kill();
                    refused += load.join();
                }
                volume.free();
            }

            assertThat(refused).as("hits refused while the disk was full").isPositive();
            assertExactlyOnce(volume.path(), settings);
        }
    }

    private void loadAndKill(TrackerProcess tracker, int millis) throws Exception {
        Load load = load(tracker);
        Thread.sleep(millis);
        tracker.kill();
        load.join();
    }

    private Load load(TrackerProcess tracker) {
        Load load = new Load();
        for (int i = 0; i < CLIENTS; i++) {
            load.start(() -> send(tracker.port(), load));
        }
        return load;
    }

    /** Sends hits one after the other until the process is gone, and notes which were answered. */
    private void send(int port, Load load) {
        try (RawHttp http = new RawHttp(port)) {
            while (true) {
                String id = "id-" + nextId.incrementAndGet();
                String target = "/r/collect?p=kill&k=" + (nextId.get() % 3 == 0 ? "click" : "view") + "&d1=" + id;
                Answer answer = http.request("GET", target + "&s=" + TestTracker.md5("test" + target));
                if (answer == null) {
                    return;
                }
                if (answer.status() == 200) {
                    answered.add(id);
                } else {
                    assertThat(answer.status()).isEqualTo(503);
                    load.refused.incrementAndGet();
                }
            }
        } catch (IOException killed) {
            // What was not answered was not promised.
        }
    }

    private void assertExactlyOnce(Path data, Map<String, String> settings) throws Exception {
        try (TrackerProcess tracker = TrackerProcess.start(data, settings)) {
            tracker.stop();
        }
        Map<String, Integer> stored = new HashMap<>();
        for (Map<String, Object> row : TestTracker.rows(data)) {
            stored.merge((String) row.get("dimension1"), 1, Integer::sum);
        }

        List<String> missing = new ArrayList<>();
        for (String id : answered) {
            if (!stored.containsKey(id)) {
                missing.add(id);
            }
        }
        assertThat(missing)
                .as("answered and not stored, of %d", answered.size())
                .isEmpty();
        assertThat(stored.values()).as("stored twice").allMatch(count -> count == 1);
        assertThat(Files.exists(data.resolve("deadletter/parked.ndjson"))
                        && Files.size(data.resolve("deadletter/parked.ndjson")) > 0)
                .as("nothing parked")
                .isFalse();
    }

    /** The clients of one round. */
    private static final class Load {
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicLong refused = new AtomicLong();

        void start(Runnable client) {
            Thread thread = new Thread(client, "client");
            threads.add(thread);
            thread.start();
        }

        long join() throws InterruptedException {
            for (Thread thread : threads) {
                thread.join(30_000);
                assertThat(thread.isAlive()).isFalse();
            }
            return refused.get();
        }
    }
}
