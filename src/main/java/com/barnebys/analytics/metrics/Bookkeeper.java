package com.barnebys.analytics.metrics;

import com.barnebys.analytics.metrics.Books.Table;
import com.barnebys.analytics.sink.Sink;
import com.barnebys.analytics.spool.Spool;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Draws up the {@link Books} from the counters, the spool and the sink's position. Any thread. */
public final class Bookkeeper {
    private final Meters meters;
    private final DeliveryMeters delivery;
    private final SpoolWatch watch;
    private final Spool spool;
    private final Sink sink;
    private final long recovered;

    /** To be made before the first event is taken and before delivery starts: what is in the spool now was recovered. */
    public Bookkeeper(Meters meters, DeliveryMeters delivery, SpoolWatch watch, Spool spool, Sink sink) {
        this.meters = meters;
        this.delivery = delivery;
        this.watch = watch;
        this.spool = spool;
        this.sink = sink;
        this.recovered = spool.nextSequence() - sink.position();
    }

    public Books books() {
        // Position before end: rows between the two readings then count as waiting, never as less than none.
        long position = sink.position();
        Map<String, Long> accepted = meters.acceptedByTable();
        Map<String, Long> delivered = delivery.deliveredByTable();
        Map<String, Long> parked = delivery.parkedByTable();
        TreeSet<String> names = new TreeSet<>(accepted.keySet());
        names.addAll(delivered.keySet());
        names.addAll(parked.keySet());
        Map<String, Table> tables = new TreeMap<>();
        for (String name : names) {
            tables.put(
                    name,
                    new Table(
                            accepted.getOrDefault(name, 0L),
                            delivered.getOrDefault(name, 0L),
                            parked.getOrDefault(name, 0L)));
        }
        return new Books(
                recovered,
                meters.acceptedRows(),
                sum(delivered),
                sum(parked),
                watch.lostRecords(),
                spool.nextSequence() - position,
                tables);
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
