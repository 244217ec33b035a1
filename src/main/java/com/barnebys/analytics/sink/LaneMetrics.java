package com.barnebys.analytics.sink;

/** What lanes count, each thing once, where it happens. Called by the delivering thread, per batch and not per row. */
public interface LaneMetrics {
    /** Counts nothing. */
    LaneMetrics NONE = new LaneMetrics() {};

    /** Rows that are in the table now, for certain. */
    default void delivered(String table, long rows) {}

    /** One row that was set aside; the table is empty when the record does not say one. */
    default void parked(String table, ParkReason reason) {}

    /** A batch was stored, so long after it was sent. */
    default void batch(int rows, long nanos) {}

    /** A lane failed and will try again. */
    default void retry(String table, RetryCause cause) {}

    /** Rows that were sent again and found to be there: what a plain retry would have stored twice. */
    default void duplicatesSuppressed(String table, long rows) {}

    /** Rows sent again although nobody can know whether they are there: their stream is gone. */
    default void possibleDuplicates(String table, long rows) {}

    /** A stream was made. */
    default void streamMade(String table) {}
}
