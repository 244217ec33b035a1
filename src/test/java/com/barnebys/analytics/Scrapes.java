package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What a running server shows at {@code /metrics}. */
public final class Scrapes {
    private Scrapes() {}

    /**
     * Starts a server on a fake BigQuery, sends it some hits, and reads one scrape: all names there are, so that what
     * dashboards and rules ask for can be held against them. As queries use them, each with its label names.
     *
     * @param directory empty, of the caller
     */
    public static Map<String, Set<String>> namesOfRunningServer(Path directory) throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start()) {
            bigQuery.createDataset("tracking");
            try (TestTracker tracker = TestTracker.start(directory, settings(bigQuery))) {
                String target = "/r/collect?p=names&k=view";
                RawHttp.Answer answer = RawHttp.get(tracker.port(), target + "&s=" + TestTracker.md5("test" + target));
                assertThat(answer.status()).isEqualTo(200);
                tracker.awaitDelivered();
                return read(tracker.managementPort()).labelNames();
            }
        }
    }

    static Map<String, String> settings(FakeBigQuery bigQuery) {
        return new HashMap<>(Map.of(
                "SECRET", "test",
                "STORE", "bigquery",
                "GCP_PROJECT_ID", "test-project",
                "BIGQUERY_DATASET_ID", "tracking",
                "BIGQUERY_EMULATOR_HOST", bigQuery.restUrl(),
                "BIGQUERY_STORAGE_EMULATOR_HOST", bigQuery.grpcAddress()));
    }

    static PrometheusText read(int managementPort) throws IOException {
        RawHttp.Answer answer = RawHttp.get(managementPort, "/metrics");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        return PrometheusText.parse(answer.text());
    }
}
