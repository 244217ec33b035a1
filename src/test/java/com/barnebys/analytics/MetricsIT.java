package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.PrometheusText.Sample;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /metrics} of the real server, with the embedded store and with BigQuery. */
class MetricsIT {
    private static final Set<String> ONCE = Set.of();
    private static final Set<String> TABLE = Set.of("table");

    /** Names and labels that dashboards and rules build on: never changed, only added to. */
    private static final Map<String, Set<String>> ALWAYS = Map.ofEntries(
            Map.entry("analytics_build_info", Set.of("version", "revision", "java")),
            Map.entry("analytics_ready", ONCE),
            Map.entry("analytics_hits_total", Set.of("route", "outcome", "reason")),
            Map.entry("analytics_hits_handling_seconds_bucket", Set.of("route", "le")),
            Map.entry("analytics_hits_handling_seconds_sum", Set.of("route")),
            Map.entry("analytics_hits_handling_seconds_count", Set.of("route")),
            Map.entry("analytics_signatures_verified_total", Set.of("rule")),
            Map.entry("analytics_key_verified_total", Set.of("position")),
            Map.entry("analytics_key_last_used_timestamp_seconds", Set.of("position")),
            Map.entry("analytics_config_reloads_total", Set.of("outcome")),
            Map.entry("analytics_config_refused", ONCE),
            Map.entry("analytics_config_need_restart", ONCE),
            Map.entry("analytics_config_last_taken_timestamp_seconds", ONCE),
            Map.entry("analytics_connections_closed_total", Set.of("reason")),
            Map.entry("analytics_webhook_calls_total", Set.of("status")),
            Map.entry("analytics_webhook_entries_total", Set.of("outcome")),
            Map.entry("analytics_references_told_total", Set.of("outcome")),
            Map.entry("analytics_reference_lookups_total", Set.of("outcome")),
            Map.entry("analytics_references_deleted_total", ONCE),
            Map.entry("analytics_events_recovered", ONCE),
            Map.entry("analytics_events_accepted_total", TABLE),
            Map.entry("analytics_events_delivered_total", TABLE),
            Map.entry("analytics_events_parked_total", TABLE),
            Map.entry("analytics_events_parked_by_reason_total", Set.of("reason")),
            Map.entry("analytics_events_lost_total", ONCE),
            Map.entry("analytics_events_replayed_total", TABLE),
            Map.entry("analytics_rows_refused_total", Set.of("reason")),
            Map.entry("analytics_spool_events", ONCE),
            Map.entry("analytics_spool_bytes", ONCE),
            Map.entry("analytics_spool_bytes_max", ONCE),
            Map.entry("analytics_spool_free_bytes", ONCE),
            Map.entry("analytics_spool_oldest_age_seconds", ONCE),
            Map.entry("analytics_spool_has_room", ONCE),
            Map.entry("analytics_spool_syncs_total", ONCE),
            Map.entry("analytics_sink_batches_total", ONCE),
            Map.entry("analytics_sink_batch_seconds_total", ONCE),
            Map.entry("analytics_sink_retries_total", Set.of("cause")),
            Map.entry("analytics_sink_last_success_timestamp_seconds", ONCE),
            Map.entry("analytics_dropped_values_total", ONCE));

    private static final Map<String, Set<String>> WITH_LANES = Map.of(
            "analytics_lane_stopped", TABLE,
            "analytics_lane_failing_seconds", TABLE,
            "analytics_lane_intents", TABLE,
            "analytics_lane_oldest_unacknowledged_seconds", TABLE,
            "analytics_lane_duplicates_suppressed_total", TABLE,
            "analytics_lane_possible_duplicates_total", TABLE,
            "analytics_lane_streams_made_total", TABLE);

    private static final Set<String> OF_THE_JVM = Set.of(
            "jvm_memory_used_bytes",
            "jvm_memory_max_bytes",
            "jvm_gc_memory_allocated_bytes_total",
            "jvm_threads_live_threads",
            "jvm_classes_loaded_classes",
            "process_cpu_usage",
            "process_uptime_seconds",
            "process_start_time_seconds",
            "process_files_open_files",
            "process_files_max_files");

    @TempDir
    Path directory;

    @Test
    void everyNameAndLabelIsThereWithTheEmbeddedStore() throws Exception {
        try (TestTracker tracker = TestTracker.start(directory, Map.of("SECRET", "test"))) {
            PrometheusText scrape = busy(tracker);

            assertThat(scrape.labelNames())
                    .containsAllEntriesOf(ALWAYS)
                    .containsKeys(OF_THE_JVM.toArray(String[]::new));
            assertThat(scrape.types())
                    .containsEntry("analytics_hits_handling_seconds", "histogram")
                    .containsEntry("analytics_events_recovered", "gauge")
                    .allSatisfy(
                            (name, type) -> assertThat(name.endsWith("_total")).isEqualTo(type.equals("counter")));
            assertCountsAreWhatWasSent(scrape);
            assertLabelsAreBounded(scrape);
        }
    }

    @Test
    void everyNameAndLabelIsThereWithBigQuery() throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start()) {
            bigQuery.createDataset("tracking");
            try (TestTracker tracker = TestTracker.start(directory, Scrapes.settings(bigQuery))) {
                PrometheusText scrape = busy(tracker);

                assertThat(scrape.labelNames()).containsAllEntriesOf(ALWAYS).containsAllEntriesOf(WITH_LANES);
                assertCountsAreWhatWasSent(scrape);
                assertLabelsAreBounded(scrape);
                assertThat(scrape.value("analytics_lane_streams_made_total", Map.of("table", "view")))
                        .isEqualTo(1);
                assertThat(scrape.sum("analytics_lane_oldest_unacknowledged_seconds"))
                        .isZero();
            }
        }
    }

    @Test
    void theOldestRowsAgeGoesOnThroughARestart() throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start()) {
            bigQuery.createDataset("tracking");
            bigQuery.stopServers();
            Map<String, String> settings = Scrapes.settings(bigQuery);
            settings.put("DRAIN", "0s");
            long sentNanos = System.nanoTime();
            double age;
            try (TestTracker tracker = TestTracker.start(directory, settings)) {
                assertThat(RawHttp.get(tracker.port(), signed("/r/collect?p=p&k=view"))
                                .status())
                        .isEqualTo(200);
                assertThat(RawHttp.get(tracker.port(), signed("/r/collect?p=p&k=click"))
                                .status())
                        .isEqualTo(200);
                age = Scrapes.read(tracker.managementPort()).value("analytics_spool_oldest_age_seconds");
                assertThat(age).isPositive().isLessThanOrEqualTo(seconds(sentNanos));
            }
            try (TestTracker tracker = TestTracker.start(directory, settings)) {
                PrometheusText scrape = Scrapes.read(tracker.managementPort());

                assertThat(scrape.value("analytics_events_recovered")).isEqualTo(2);
                assertThat(scrape.value("analytics_spool_events")).isEqualTo(2);
                assertBooksBalance(scrape);
                assertThat(scrape.value("analytics_spool_oldest_age_seconds"))
                        .isGreaterThan(age)
                        .isLessThanOrEqualTo(seconds(sentNanos));

                bigQuery.startServers();
                tracker.awaitDelivered();
                assertThat(Scrapes.read(tracker.managementPort()).value("analytics_spool_oldest_age_seconds"))
                        .isZero();
            }
        }
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    @Test
    void openMetricsIsSpokenToWhoAsksForIt() throws Exception {
        try (TestTracker tracker = TestTracker.start(directory, Map.of("SECRET", "test", "STORE", "none"))) {
            RawHttp.Answer answer = RawHttp.get(
                    tracker.managementPort(),
                    "/metrics",
                    "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1");

            assertThat(answer.header("Content-Type"))
                    .isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
            assertThat(answer.text())
                    .contains("# TYPE analytics_hits counter\n")
                    .endsWith("# EOF\n");
        }
    }

    /** Some of everything: 3 stored pixels, a lead among them, 1 stored redirect, 2 refused, 1 skipped, 2 events. */
    private static PrometheusText busy(TestTracker tracker) throws Exception {
        try (RawHttp http = new RawHttp(tracker.port())) {
            assertThat(http.request("GET", signed("/r/collect?p=p&k=view&d1=1")).status())
                    .isEqualTo(200);
            assertThat(http.request("GET", signed("/r/collect?p=p&k=view&d1=2")).status())
                    .isEqualTo(200);
            assertThat(http.request("GET", signed("/?p=p&k=impression")).status())
                    .isEqualTo(200);
            assertThat(http.request("GET", signed("/?p=p&k=click&url=https%3A%2F%2Fshop.example%2F"))
                            .status())
                    .isEqualTo(307);
            assertThat(http.request("GET", "/r/collect?p=p&k=view&s=wrong").status())
                    .isEqualTo(400);
            assertThat(http.request("GET", "/nowhere").status()).isEqualTo(400);
            assertThat(http.request("GET", signed("/r/collect?p=p&k=view&d1=3"), "Purpose: prefetch")
                            .status())
                    .isEqualTo(200);
            assertThat(http.request("GET", "/r/collect?_h=event&p=p&c=bid&a=placed")
                            .status())
                    .isEqualTo(200);
            assertThat(http.request("GET", "/r/collect?_h=event&p=p&c=bid").status())
                    .isEqualTo(400);
            // An answer is on its way before its handling is counted; that of the next request is behind the count.
            assertThat(http.request("GET", "/robots.txt").status()).isEqualTo(200);
        }
        tracker.awaitDelivered();
        return Scrapes.read(tracker.managementPort());
    }

    private static String signed(String target) {
        return target + "&s=" + TestTracker.md5("test" + target);
    }

    private static void assertCountsAreWhatWasSent(PrometheusText scrape) {
        assertThat(hits(scrape, "collect", "stored", "none")).isEqualTo(2);
        assertThat(hits(scrape, "collect", "refused", "invalid_signature")).isEqualTo(1);
        assertThat(hits(scrape, "collect", "skipped", "prefetch")).isEqualTo(1);
        assertThat(hits(scrape, "catch_all", "stored", "none")).isEqualTo(2);
        assertThat(scrape.sum("analytics_hits_total", Map.of("route", "catch_all", "outcome", "refused")))
                .isEqualTo(1);
        assertThat(hits(scrape, "event", "stored", "none")).isEqualTo(1);
        assertThat(hits(scrape, "event", "refused", "missing_event_parameter")).isEqualTo(1);
        assertThat(scrape.sum("analytics_hits_total")).isEqualTo(9);
        for (String route : Set.of("collect", "catch_all", "event")) {
            assertThat(scrape.value("analytics_hits_handling_seconds_count", Map.of("route", route)))
                    .as(route)
                    .isEqualTo(scrape.sum("analytics_hits_total", Map.of("route", route)));
        }
        assertThat(scrape.sum("analytics_hits_handling_seconds_sum")).isPositive();
        // Skipped ones are verified, too.
        assertThat(scrape.sum("analytics_signatures_verified_total")).isEqualTo(5);
        assertThat(scrape.value("analytics_key_verified_total", Map.of("position", "0")))
                .isEqualTo(5);
        assertBooksBalance(scrape);
        assertThat(scrape.value("analytics_events_accepted_total", Map.of("table", "view")))
                .isEqualTo(2);
        assertThat(scrape.sum("analytics_events_delivered_total")).isEqualTo(5);
        assertThat(scrape.value("analytics_spool_oldest_age_seconds")).isZero();
        assertThat(scrape.value("analytics_spool_has_room")).isEqualTo(1);
        assertThat(scrape.value("analytics_spool_free_bytes")).isPositive();
        assertThat(scrape.value("analytics_ready")).isEqualTo(1);
        double now = System.currentTimeMillis() / 1e3;
        assertThat(scrape.value("analytics_key_last_used_timestamp_seconds", Map.of("position", "0")))
                .isBetween(now - 120, now);
        assertThat(scrape.value("analytics_config_refused")).isZero();
        assertThat(scrape.value("analytics_sink_last_success_timestamp_seconds"))
                .isBetween(now - 120, now);
    }

    private static double hits(PrometheusText scrape, String route, String outcome, String reason) {
        return scrape.value("analytics_hits_total", Map.of("route", route, "outcome", outcome, "reason", reason));
    }

    private static void assertBooksBalance(PrometheusText scrape) {
        assertThat(scrape.value("analytics_events_recovered") + scrape.sum("analytics_events_accepted_total"))
                .isEqualTo(scrape.sum("analytics_events_delivered_total")
                        + scrape.sum("analytics_events_parked_total")
                        + scrape.value("analytics_events_lost_total")
                        + scrape.value("analytics_spool_events"));
    }

    /** Nothing of what was sent, and of no label more values than its closed set has. */
    private static void assertLabelsAreBounded(PrometheusText scrape) {
        Map<String, Set<String>> values = new TreeMap<>();
        for (Sample sample : scrape.samples()) {
            sample.labels()
                    .forEach((label, value) ->
                            values.computeIfAbsent(label, l -> new HashSet<>()).add(value));
        }
        assertThat(values.get("table")).containsExactlyInAnyOrder("view", "impression", "click", "events");
        assertThat(values.get("route")).containsExactlyInAnyOrder("collect", "catch_all", "event");
        assertThat(values.get("outcome")).hasSizeLessThan(25);
        assertThat(values.get("reason")).hasSizeLessThan(40);
        assertThat(values.values()).allSatisfy(some -> assertThat(some).hasSizeLessThan(50));
    }
}
