package com.barnebys.analytics.delivery;

/** What is counted when dead letters are put into the spool again. */
@FunctionalInterface
public interface ReplayMetrics {
    /** Nobody counts. */
    ReplayMetrics NONE = (table, rows) -> {};

    /** Rows that are in the spool again, which the books call accepted; the table is empty when they name none. */
    void replayed(String table, int rows);
}
