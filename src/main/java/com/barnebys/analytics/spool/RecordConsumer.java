package com.barnebys.analytics.spool;

/** Takes the records that a {@link SpoolReader} hands out, one by one and in order. */
@FunctionalInterface
public interface RecordConsumer {
    /**
     * Takes one record. The bytes are valid during the call only and not to be changed. When this throws, the record
     * counts as not handed out and comes again.
     */
    void accept(long sequence, byte[] buffer, int offset, int length);
}
