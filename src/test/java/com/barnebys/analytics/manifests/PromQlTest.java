package com.barnebys.analytics.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is read out of an expression. */
class PromQlTest {
    @Test
    void metricsAreFoundWithTheirLabels() {
        assertThat(PromQl.metrics(
                        "sum by (le, pod) (rate(a_bucket{route=\"x\", reason=~\"b|c{d\"}[5m])) / b_total > 0.2"))
                .isEqualTo(Map.of("a_bucket", Set.of("le", "pod", "route", "reason"), "b_total", Set.of("le", "pod")));
    }

    @Test
    void wordsFunctionsAndDurationsAreNone() {
        assertThat(PromQl.metrics("predict_linear(a[30m], 4 * 3600) < 256 * 1024 or (b unless b offset 1h) and c > 1e3")
                        .keySet())
                .containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void variablesOfGrafanaAreNone() {
        assertThat(PromQl.metrics("label_values(a{namespace=~\"$namespace\"}, pod)"))
                .isEqualTo(Map.of("a", Set.of("namespace", "pod")));
        assertThat(PromQl.metrics("rate(a[$__rate_interval])").keySet()).containsExactly("a");
    }
}
