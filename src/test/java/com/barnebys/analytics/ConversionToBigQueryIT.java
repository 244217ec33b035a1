package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table {@code events} beside those of hits, in BigQuery. */
class ConversionToBigQueryIT {
    private static final String EVENT =
            "/r/collect?_h=event&p=p&c=bid&a=placed&l=lot&v=100.10&cur=EUR&_f=f&url=https%3A%2F%2Fshop.example%2F";

    @TempDir
    Path directory;

    private void send(FakeBigQuery bigQuery, String mode) throws Exception {
        Map<String, String> settings = Map.of(
                "SECRET",
                "test",
                "BIGQUERY_MODE",
                mode,
                "BIGQUERY_DATASET_ID",
                "d",
                "GCP_PROJECT_ID",
                "p",
                "BIGQUERY_EMULATOR_HOST",
                bigQuery.restUrl(),
                "BIGQUERY_STORAGE_EMULATOR_HOST",
                bigQuery.grpcAddress());
        try (TestTracker tracker = TestTracker.start(directory, settings)) {
            String hit = "/r/collect?p=p&k=click";
            assertThat(RawHttp.get(tracker.port(), EVENT, "User-Agent: browser").status())
                    .isEqualTo(200);
            assertThat(RawHttp.get(tracker.port(), hit + "&s=" + TestTracker.md5("test" + hit))
                            .status())
                    .isEqualTo(200);
            tracker.awaitDelivered();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly-once", "at-least-once", "insert-all"})
    void eventsHaveATableOfTheirOwn(String mode) throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start()) {
            bigQuery.createDataset("d");

            send(bigQuery, mode);

            assertThat(bigQuery.columns("events"))
                    .containsExactly(
                            "programId STRING",
                            "url STRING",
                            "clientIP STRING",
                            "userAgent STRING",
                            "category STRING",
                            "action STRING",
                            "label STRING",
                            "value STRING",
                            "currency STRING",
                            "source STRING",
                            "sessionId STRING",
                            "timestamp DATETIME",
                            "eventId STRING");
            assertThat(bigQuery.rows("events"))
                    .singleElement()
                    .satisfies(row -> assertThat(row)
                            .containsEntry("programId", "p")
                            .containsEntry("category", "bid")
                            .containsEntry("action", "placed")
                            .containsEntry("label", "lot")
                            .containsEntry("value", "100.10")
                            .containsEntry("currency", "EUR")
                            .containsEntry("source", "other")
                            .containsEntry("sessionId", "f")
                            .containsEntry("url", "https://shop.example/")
                            .containsEntry("userAgent", "browser"));
            assertThat(bigQuery.rows("click")).hasSize(1);
        }
    }

    /** As the service before has made it: 12 columns, no eventId. */
    @Test
    void tableOfTheServiceBeforeIsWidened() throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start()) {
            bigQuery.createDataset("d");
            bigQuery.createTable(
                    "d",
                    "events",
                    "programId STRING",
                    "url STRING",
                    "clientIP STRING",
                    "userAgent STRING",
                    "category STRING",
                    "action STRING",
                    "label STRING",
                    "value STRING",
                    "currency STRING",
                    "source STRING",
                    "sessionId STRING",
                    "timestamp DATETIME");

            send(bigQuery, "exactly-once");

            List<Map<String, Object>> rows = bigQuery.rows("events");
            assertThat(rows).hasSize(1);
            assertThat(rows.get(0)).containsEntry("action", "placed");
            assertThat((String) rows.get(0).get("eventId")).hasSize(36);
        }
    }
}
