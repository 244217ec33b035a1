package com.barnebys.analytics.metrics;

import com.barnebys.analytics.delivery.DeliveryMetrics;
import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.RetryCause;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts rows on their way from the spool to the sink. */
public final class DeliveryMeters implements DeliveryMetrics, LaneMetrics, MetricSource {
    private final Counters<String> deliveredByTable = Counters.growing();
    private final Counters<String> parkedByTable = Counters.growing();
    private final Counters<ParkReason> parked = Counters.of(ParkReason.class);
    private final Counters<RetryCause> retries = Counters.of(RetryCause.class);
    private final Counters<String> duplicatesSuppressed = Counters.growing();
    private final Counters<String> possibleDuplicates = Counters.growing();
    private final Counters<String> streams = Counters.growing();
    private final LongAdder batches = new LongAdder();
    private final LongAdder batchNanos = new LongAdder();
    private final LongSupplier clockMillis;
    /** 0 as long as there was none. */
    private volatile long lastSuccessMillis;

    /** Nothing was counted yet. */
    public DeliveryMeters() {
        this(System::currentTimeMillis);
    }

    DeliveryMeters(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    @Override
    public void delivered(String table, long rows) {
        deliveredByTable.add(table, rows);
    }

    @Override
    public void parked(String table, ParkReason reason) {
        parkedByTable.add(table, 1);
        parked.add(reason, 1);
    }

    @Override
    public void retry(RetryCause cause) {
        retries.add(cause, 1);
    }

    @Override
    public void batch(int rows, long nanos) {
        batches.increment();
        batchNanos.add(nanos);
        lastSuccessMillis = clockMillis.getAsLong();
    }

    @Override
    public void retry(String table, RetryCause cause) {
        retries.add(cause, 1);
    }

    @Override
    public void duplicatesSuppressed(String table, long rows) {
        duplicatesSuppressed.add(table, rows);
    }

    @Override
    public void possibleDuplicates(String table, long rows) {
        possibleDuplicates.add(table, rows);
    }

    @Override
    public void streamMade(String table) {
        streams.add(table, 1);
    }

    Map<String, Long> deliveredByTable() {
        return deliveredByTable.read(table -> table);
    }

    Map<String, Long> parkedByTable() {
        return parkedByTable.read(table -> table);
    }

    @Override
    public void addTo(Scrape scrape) {
        scrape.counter(
                "events_parked_by_reason",
                "Rows set aside, by reason.",
                "reason",
                parked.read(reason -> reason.name().toLowerCase(Locale.ROOT)));
        scrape.counter("sink_batches", "Batches the store took.", batches.sum());
        scrape.counter("sink_batch_seconds", "What these batches took together.", batchNanos.sum() / 1e9);
        scrape.counter(
                "sink_retries",
                "Tries that failed, by cause.",
                "cause",
                retries.read(cause -> cause.name().toLowerCase(Locale.ROOT)));
        scrape.gauge(
                "sink_last_success_timestamp_seconds",
                "When the store last took a batch; 0 when it has taken none since the start.",
                lastSuccessMillis / 1e3);
    }

    /** What is counted for each lane, from 0 for those of which nothing was. */
    void addLanesTo(Scrape scrape, Collection<String> lanes) {
        scrape.counterByTable(
                "lane_duplicates_suppressed",
                "Rows BigQuery had already when they were sent again.",
                duplicatesSuppressed.read(lanes));
        scrape.counterByTable(
                "lane_possible_duplicates",
                "Rows sent again of which nobody knows whether they were there.",
                possibleDuplicates.read(lanes));
        scrape.counterByTable("lane_streams_made", "Streams made.", streams.read(lanes));
    }

    /** All counters by name, for the management port. */
    public Map<String, Map<String, Long>> read() {
        Map<String, Map<String, Long>> all = new LinkedHashMap<>();
        all.put("batches", Map.of("count", batches.sum(), "micros", batchNanos.sum() / 1000));
        all.put("retries", retries.read(cause -> cause.name().toLowerCase(Locale.ROOT)));
        all.put("parkedByReason", parked.read(reason -> reason.name().toLowerCase(Locale.ROOT)));
        all.put("duplicatesSuppressed", duplicatesSuppressed.read(table -> table));
        all.put("possibleDuplicates", possibleDuplicates.read(table -> table));
        all.put("streamsMade", streams.read(table -> table));
        return all;
    }
}
