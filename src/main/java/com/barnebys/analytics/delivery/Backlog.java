package com.barnebys.analytics.delivery;

import java.io.IOException;
import java.util.UUID;

/** What delivery needs of the spool, in the spool's own words; the other implementation is the tests'. */
interface Backlog {
    UUID id();

    /** A reader that begins at that sequence number, or at the first there is. */
    Reader read(long from) throws IOException;

    /** All below may be forgotten. */
    void trim(long below) throws IOException;

    /** The number the next record will get. */
    long nextSequence();

    /** The lowest number still there. */
    long firstSequence();

    /** One thread. */
    interface Reader {
        /** Hands out flushed records with ascending numbers, where numbers may be missing; 0 when there are none now. */
        int read(int maxRecords, long maxBytes, RecordConsumer consumer) throws IOException;

        /** The number after what was handed out or passed over. */
        long position();

        void seek(long sequence) throws IOException;

        /** Gives back what it holds open. */
        void close() throws IOException;
    }

    /** Takes one record; the buffer holds it only during the call. */
    interface RecordConsumer {
        void accept(long sequence, byte[] buffer, int offset, int length);
    }
}
