package com.barnebys.analytics.sink;

import java.io.IOException;

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
}
