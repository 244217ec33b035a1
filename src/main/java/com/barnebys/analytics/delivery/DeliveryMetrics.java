package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.RetryCause;

/**
 * What delivery counts, each thing once, when the sink's position has passed it: so accepted = delivered + parked + in
 * spool. Called by the delivery thread, per batch and not per row.
 */
public interface DeliveryMetrics {
    /** Counts nothing. */
    DeliveryMetrics NONE = new DeliveryMetrics() {};

    /** Rows that are in the sink now. */
    default void delivered(String table, long rows) {}

    /** One row that was set aside; the table is empty when the row does not say one. */
    default void parked(String table, ParkReason reason) {}

    /** A batch was not stored, or nobody knows. */
    default void retry(RetryCause cause) {}

    /** A batch was stored, in so much time. */
    default void batch(int rows, long nanos) {}
}
