package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.RowBatch;
import java.util.concurrent.CompletableFuture;

/**
 * An open way for the rows of one table. Requests may overlap and arrive in the order of the calls. One thread calls;
 * results come on any.
 */
interface Appender {
    /**
     * Sends a block; never blocks, never throws: whatever goes wrong is the result. The future completes normally, within
     * a limit of time, and the batch must stay as it is until then.
     *
     * @param rows rows of this appender's table, one or more
     * @param offset the place in the stream; ignored where there is none
     */
    CompletableFuture<AppendResult> append(RowBatch rows, long offset);

    /** Whether it leaves columns out that the table may have by now, so that another would know more. Any time. */
    default boolean isOutdated() {
        return false;
    }

    /** Whether it leaves columns out because the table lacks them. */
    default boolean lacksColumns() {
        return false;
    }

    /** Gives up the connection and returns at once. What is on its way completes as failed, or as what it was. */
    void close();
}
