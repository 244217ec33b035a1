package com.barnebys.analytics.sink;

import java.io.IOException;
import java.util.SortedMap;

/** Keeps rows that no sink will ever take until a person has looked at them. */
public interface Parking {
    /**
     * Keeps one record; it is durable when this returns.
     *
     * <p>It may come a second time under the same sequence number, when the batch around it had to be stored again.
     *
     * @param detail what was wrong, for the person who looks; no part of the row
     * @throws IOException the row is not kept, so nothing may step over it
     */
    void park(long sequence, byte[] buffer, int offset, int length, ParkReason reason, String detail)
            throws IOException;

    /**
     * Keeps several rows of a batch, as {@link #park(long, byte[], int, int, ParkReason, String)} keeps one.
     *
     * @param details what was wrong, by the row's place in the batch
     * @throws IOException nothing may step over any of them; some may be kept all the same
     */
    default void park(RowBatch batch, SortedMap<Integer, String> details, ParkReason reason) throws IOException {
        for (var each : details.entrySet()) {
            int row = each.getKey();
            park(batch.sequence(row), batch.buffer(), batch.offset(row), batch.length(row), reason, each.getValue());
        }
    }
}
