package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What all appenders of a process count together. Any thread. */
final class AppenderCounts {
    /** Values left out because the table has no column for them, of rows that are in the table. */
    final LongAdder droppedValues = new LongAdder();

    /** Connections given up whose client has not ended yet. Should go back to 0 within seconds. */
    final AtomicInteger closing = new AtomicInteger();

    /** Passes on what the service said of a block. One that is sent several times is there once, and counts once. */
    void complete(CompletableFuture<AppendResult> result, AppendResult said, long dropped) {
        boolean isThere = said instanceof Stored || said instanceof AlreadyExists;
        if (isThere && !result.isDone()) {
            droppedValues.add(dropped);
        }
        result.complete(said);
    }
}
