package com.barnebys.analytics.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.Scrapes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What alert rules and dashboard ask for, against what the running server shows. */
class MonitoringIT {
    /** Labels that come from where a target was found, not from the tracker. */
    private static final Set<String> OF_TARGETS = Set.of("namespace", "pod", "instance", "job");
    /** Prometheus says of each target whether it could be asked. */
    private static final Set<String> OF_PROMETHEUS = Set.of("up");

    private static Map<String, Set<String>> shown;

    @BeforeAll
    static void scrape(@TempDir Path directory) throws Exception {
        shown = Scrapes.namesOfRunningServer(directory);
    }

    @Test
    void everyMetricAskedForIsShownWithItsLabels() throws IOException {
        Map<String, Set<String>> asked = asked();
        asked.keySet().removeAll(OF_PROMETHEUS);
        asked.forEach((name, labels) -> {
            assertThat(shown).containsKey(name);
            assertThat(shown.get(name)).as(name).containsAll(labels);
        });
    }

    @Test
    void everyMetricOfOursIsOnTheDashboardOrInARule() throws IOException {
        Set<String> ours = new TreeSet<>(shown.keySet());
        ours.removeIf(name -> !name.startsWith("analytics_"));
        // Of a histogram the buckets are asked for.
        ours.removeAll(Set.of("analytics_hits_handling_seconds_count", "analytics_hits_handling_seconds_sum"));

        assertThat(asked().keySet()).containsAll(ours);
    }

    private static Map<String, Set<String>> asked() throws IOException {
        Map<String, Set<String>> asked = new LinkedHashMap<>();
        for (String expression : Monitoring.expressions()) {
            PromQl.metrics(expression).forEach((name, labels) -> {
                Set<String> all = asked.computeIfAbsent(name, n -> new LinkedHashSet<>());
                labels.stream().filter(label -> !isOfTarget(label, name)).forEach(all::add);
            });
        }
        return asked;
    }

    private static boolean isOfTarget(String label, String name) {
        // An expression that groups by le may name other metrics as well.
        return OF_TARGETS.contains(label) || (label.equals("le") && !name.endsWith("_bucket"));
    }
}
