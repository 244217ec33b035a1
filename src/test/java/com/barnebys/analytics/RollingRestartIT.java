package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes, restarted in turn behind what looks at their readiness: no client notices. */
class RollingRestartIT {
    /** Longer than the proxy needs to see that a process is not ready any more, on a machine that is busy, too. */
    private static final Map<String, String> SETTINGS = Map.of("PRESTOP", "4s", "DRAIN", "10s");

    @TempDir
    Path one;

    @TempDir
    Path two;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void restartingOneAfterTheOtherUnderLoadFailsNoRequest() throws Exception {
        List<TrackerProcess> running = new ArrayList<>();
        try (ReadinessProxy proxy = new ReadinessProxy()) {
            PoliteLoad load = new PoliteLoad(proxy.port());
            try {
                ReadinessProxy.Backend first = start(proxy, one, running);
                ReadinessProxy.Backend second = start(proxy, two, running);
                load.begin(4, 1);
                load.awaitAnswers(500);

                running.get(0).stop();
                proxy.remove(first);
                ReadinessProxy.Backend firstAgain = start(proxy, one, running);
                load.awaitAnswers(500);

                running.get(1).stop();
                proxy.remove(second);
                ReadinessProxy.Backend secondAgain = start(proxy, two, running);
                load.awaitAnswers(500);
                load.end();

                assertThat(firstAgain.connections()).isPositive();
                assertThat(first.connections() + second.connections()).isPositive();
                running.get(2).terminate();
                running.get(3).terminate();
                running.get(2).stop();
                running.get(3).stop();
                assertThat(secondAgain.connections()).isNotNegative();
            } finally {
                load.end();
                for (TrackerProcess tracker : running) {
                    tracker.close();
                }
            }
            assertThat(load.failures()).isEmpty();
            assertStoredOnce(load);
        }
    }

    private static ReadinessProxy.Backend start(ReadinessProxy proxy, Path data, List<TrackerProcess> running)
            throws Exception {
        TrackerProcess tracker = TrackerProcess.start(data, SETTINGS);
        running.add(tracker);
        ReadinessProxy.Backend backend = proxy.add(tracker);
        for (int i = 0; i < 3000 && !backend.isReady(); i++) {
            Thread.sleep(10);
        }
        assertThat(backend.isReady()).isTrue();
        return backend;
    }

    private void assertStoredOnce(PoliteLoad load) {
        Map<String, Integer> stored = new HashMap<>();
        for (Path data : List.of(one, two)) {
            for (Map<String, Object> row : TestTracker.rows(data)) {
                stored.merge((String) row.get("dimension1"), 1, Integer::sum);
            }
        }
        assertThat(stored).hasSameSizeAs(load.answered());
        assertThat(load.answered()).allMatch(hit -> stored.getOrDefault(hit.id(), 0) == 1);
    }
}
