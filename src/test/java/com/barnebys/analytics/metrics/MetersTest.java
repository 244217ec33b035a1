package com.barnebys.analytics.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.http.HitRoute;
import com.barnebys.analytics.http.SkipReason;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MetersTest {
    private long nanos;
    private final Meters meters = new Meters(() -> nanos);

    @Test
    void readyzHasTheSumOfTheRoutes() {
        meters.rejected(HitRoute.COLLECT, Rejection.EXPIRED);
        meters.rejected(HitRoute.CATCH_ALL, Rejection.EXPIRED);
        meters.skipped(HitRoute.EVENT, SkipReason.PREFETCH);
        meters.answered(HitRoute.COLLECT, false, Receipt.STORED);
        meters.answered(HitRoute.CATCH_ALL, false, Receipt.STORED);
        meters.answered(HitRoute.CATCH_ALL, true, Receipt.LATE);
        meters.answered(HitRoute.EVENT, false, Receipt.STORED);

        Map<String, Map<String, Long>> read = meters.read();
        assertThat(read.get("rejected")).containsEntry("expired", 2L);
        assertThat(read.get("skipped")).containsEntry("prefetch", 1L);
        assertThat(read.get("pixels")).containsEntry("stored", 2L);
        assertThat(read.get("redirects")).containsEntry("late", 1L).containsEntry("stored", 0L);
        assertThat(read.get("events")).containsEntry("stored", 1L);
    }

    @Test
    void everyHitHasOneOutcome() {
        meters.answered(HitRoute.COLLECT, false, Receipt.STORED);
        meters.answered(HitRoute.COLLECT, true, Receipt.STORED);
        meters.answered(HitRoute.COLLECT, true, Receipt.SHED);
        meters.rejected(HitRoute.COLLECT, Rejection.INVALID_KIND);
        meters.skipped(HitRoute.EVENT, SkipReason.PRIVACY);

        Scrape scrape = scrape();
        Map<String, Double> hits = new TreeMap<>();
        scrape.snapshots().stream()
                .filter(snapshot -> snapshot.getMetadata().getName().equals("analytics_hits"))
                .flatMap(snapshot -> ((CounterSnapshot) snapshot).getDataPoints().stream())
                .filter(point -> point.getValue() > 0)
                .forEach(point -> hits.put(
                        point.getLabels().get("route")
                                + " " + point.getLabels().get("outcome")
                                + " " + point.getLabels().get("reason"),
                        point.getValue()));
        assertThat(hits)
                .containsExactly(
                        Map.entry("collect lost shed", 1.0),
                        Map.entry("collect refused invalid_kind", 1.0),
                        Map.entry("collect stored none", 2.0),
                        Map.entry("event skipped privacy", 1.0));
    }

    @Test
    void handlingTimesAreInTheBucketTheyFit() {
        nanos = 5_000_000_000L;
        for (long micros : new long[] {0, 50, 51, 1_000, 2_500, 999_999, 1_000_000, 1_000_001, 4_000_000}) {
            meters.handled(HitRoute.COLLECT, nanos - micros * 1000);
        }

        HistogramDataPointSnapshot point = scrape().snapshots().stream()
                .filter(snapshot -> snapshot.getMetadata().getName().equals("analytics_hits_handling_seconds"))
                .flatMap(snapshot -> ((HistogramSnapshot) snapshot).getDataPoints().stream())
                .filter(some -> some.getLabels().get("route").equals("collect"))
                .findAny()
                .orElseThrow();
        Map<Double, Long> counts = new HashMap<>();
        point.getClassicBuckets().stream()
                .filter(bucket -> bucket.getCount() > 0)
                .forEach(bucket -> counts.put(bucket.getUpperBound(), bucket.getCount()));
        assertThat(counts)
                .isEqualTo(Map.of(
                        0.000_05, 2L, 0.000_1, 1L, 0.001, 1L, 0.002_5, 1L, 1.0, 2L, Double.POSITIVE_INFINITY, 2L));
        assertThat(point.getSum()).isCloseTo(7.003601, within(1e-9));
        assertThat(point.getCount()).isEqualTo(9);
    }

    @Test
    void tablesBeyondTheLimitAreAddedUpAndNoSeriesGoesDown() {
        TableNames names = new TableNames();
        Map<String, Long> rows = new TreeMap<>();
        LongStream.range(0, TableNames.MAX).forEach(i -> rows.put("k" + i, 1L));
        assertThat(names.limited(rows)).hasSize(TableNames.MAX).doesNotContainKey(TableNames.OTHERS);

        rows.put("a_first_in_order", 5L);
        rows.put("a_second_in_order", 6L);

        assertThat(names.limited(rows))
                .hasSize(TableNames.MAX + 1)
                .containsEntry(TableNames.OTHERS, 11.0)
                .containsEntry("k0", 1.0);
        assertThat(names.known(rows)).hasSize(TableNames.MAX).doesNotContainKey(TableNames.OTHERS);
        assertThat(names.limited(Map.of("", 3))).isEqualTo(Map.of(TableNames.OTHERS, 3.0));
        assertThat(new TableNames().limited(Map.of("", 3))).isEqualTo(Map.of(TableNames.NONE, 3.0));
    }

    private Scrape scrape() {
        Scrape scrape = new Scrape(new TableNames());
        meters.addTo(scrape);
        return scrape;
    }
}
