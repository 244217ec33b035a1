package com.barnebys.analytics.metrics;

import com.barnebys.analytics.spool.Spool;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The books, and how the spool does. */
public final class SpoolGauges implements MetricSource {
    private final Spool spool;
    private final long bytesMax;
    private final Bookkeeper bookkeeper;
    private final SpoolWatch watch;
    private final SpoolTimes times;
    private final LongSupplier oldest;

    /**
     * Shows one spool.
     *
     * @param bytesMax where it is full
     * @param oldest the least number that may belong to a row which is not settled
     */
    public SpoolGauges(
            Spool spool,
            long bytesMax,
            Bookkeeper bookkeeper,
            SpoolWatch watch,
            SpoolTimes times,
            LongSupplier oldest) {
        this.spool = spool;
        this.bytesMax = bytesMax;
        this.bookkeeper = bookkeeper;
        this.watch = watch;
        this.times = times;
        this.oldest = oldest;
    }

    @Override
    public void addTo(Scrape scrape) {
        long first = Math.max(oldest.getAsLong(), spool.firstSequence());
        times.forgetBelow(first);
        Books books = bookkeeper.books();
        Map<String, Long> accepted = new LinkedHashMap<>();
        Map<String, Long> delivered = new LinkedHashMap<>();
        Map<String, Long> parked = new LinkedHashMap<>();
        books.byTable().forEach((table, rows) -> {
            accepted.put(table, rows.accepted());
            delivered.put(table, rows.delivered());
            parked.put(table, rows.parked());
        });
        boolean isWaiting = books.inSpool() > 0 && first < spool.nextSequence();
        // Looks up the free bytes, too, so it goes before them.
        boolean hasRoom = spool.hasRoom();

        scrape.gauge("events_recovered", "Rows found in the spool at start.", books.recovered());
        scrape.counterByTable("events_accepted", "Rows put into the spool.", accepted);
        scrape.counterByTable("events_delivered", "Rows the store took.", delivered);
        scrape.counterByTable("events_parked", "Rows set aside in deadletter/.", parked);
        scrape.counter("events_lost", "Rows damaged or missing in the spool.", books.lost());
        scrape.gauge("spool_events", "Rows that wait in the spool.", books.inSpool());
        scrape.gauge(
                "spool_bytes", "Size of the spool's files, delivered rows of the last one among it.", spool.bytes());
        scrape.gauge("spool_bytes_max", "Size at which the spool is full.", bytesMax);
        scrape.gauge("spool_free_bytes", "Free bytes of the spool's volume.", spool.freeBytes());
        scrape.gauge(
                "spool_oldest_age_seconds",
                "Age of the oldest row that waits; 0 when none does.",
                isWaiting ? times.ageSeconds(first) : 0);
        scrape.gauge("spool_has_room", "1 when the spool takes rows.", hasRoom ? 1 : 0);
        scrape.counter("spool_syncs", "Flushes of the spool to the disk.", watch.syncs());
    }
}
