package com.barnebys.analytics.metrics;

import com.barnebys.analytics.metrics.Books.Table;
import com.barnebys.analytics.spool.Spool;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/** Draws up the {@link Books} from the counters, the spool and what the sink has settled. Any thread. */
public final class Bookkeeper {
    private final Meters meters;
    private final DeliveryMeters delivery;
    private final SpoolWatch watch;
    private final Spool spool;
    private final LongSupplier settled;
    private final long recovered;

    /**
     * To be made before the first event is taken and before delivery starts: what is in the spool now was recovered.
     *
     * @param settled how many sequence numbers the sink is done with, of those the spool has given out
     */
    public Bookkeeper(Meters meters, DeliveryMeters delivery, SpoolWatch watch, Spool spool, LongSupplier settled) {
        this.meters = meters;
        this.delivery = delivery;
        this.watch = watch;
        this.spool = spool;
        this.settled = settled;
        this.recovered = spool.nextSequence() - settled.getAsLong();
    }

    public Books books() {
        // What is settled before the end: rows between the two readings then count as waiting, never as less than none.
        long done = settled.getAsLong();
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
                spool.nextSequence() - done,
                tables);
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
