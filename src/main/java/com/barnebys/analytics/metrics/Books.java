package com.barnebys.analytics.metrics;

import java.util.Map;
import java.util.TreeMap;

/**
 * The books of one process at one moment, in rows.
 *
 * <pre>
 * recovered + accepted = delivered + parked + lost + inSpool
 * </pre>
 *
 * The terms are read one after the other while the process goes on, so they balance to the row only when it rests.
 *
 * @param recovered in the spool when the process started, undelivered
 * @param accepted put into the spool by this process, dead letters put in again among them
 * @param delivered stored by the sink
 * @param parked set aside for a person, with a reason
 * @param lost accepted once, damaged since; each is in the log
 * @param inSpool waiting
 * @param byTable accepted, delivered and parked of each table
 */
public record Books(
        long recovered,
        long accepted,
        long delivered,
        long parked,
        long lost,
        long inSpool,
        Map<String, Table> byTable) {

    /** Rows of one table. */
    public record Table(long accepted, long delivered, long parked) {}

    public Books {
        byTable = Map.copyOf(new TreeMap<>(byTable));
    }

    /** What the equation is off by. */
    public long difference() {
        return recovered + accepted - delivered - parked - lost - inSpool;
    }
}
