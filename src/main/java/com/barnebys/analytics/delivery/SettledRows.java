package com.barnebys.analytics.delivery;

/** Knows what has become of a row. Any thread. */
@FunctionalInterface
public interface SettledRows {
    /** Whether the sink is done with a row, stored or parked, durably; the table is empty when the row names none. */
    boolean isSettled(String table, long sequence);
}
