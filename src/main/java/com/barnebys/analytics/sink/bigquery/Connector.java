package com.barnebys.analytics.sink.bigquery;

import org.jspecify.annotations.Nullable;

/**
 * What a lane asks of BigQuery beside appending. Every method blocks, up to a minute, and is called by a thread that may;
 * several tables at a time.
 */
interface Connector extends AutoCloseable {
    /**
     * Makes sure the table is there and has every column that can be given to it.
     *
     * @return the columns rows can be written to
     */
    TableShape prepare(String table) throws ServiceException;

    /** Makes a COMMITTED stream for a table and returns its name. */
    String createStream(String table) throws ServiceException;

    /** Ends a stream for good and returns how many rows it holds. May be called again. */
    long finalizeStream(String stream) throws ServiceException;

    /**
     * Opens a way for rows.
     *
     * @param stream where exactly-once writes; null for the other modes
     */
    Appender open(TableShape shape, @Nullable String stream) throws ServiceException;

    /** Says that the credentials were refused: they are looked for again before the next call. Does not block. */
    default void credentialsRefused() {}

    /** Values left out since the start because their table has no column for them. */
    default long droppedValues() {
        return 0;
    }

    /** Gives back what the clients hold, without waiting for it. */
    @Override
    void close();
}
