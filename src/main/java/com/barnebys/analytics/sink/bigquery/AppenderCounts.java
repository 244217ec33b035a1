package com.barnebys.analytics.sink.bigquery;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What all appenders of a process count together. Any thread. */
final class AppenderCounts {
    /** Values left out because the table has no column for them; once for each time a row is sent. */
    final LongAdder droppedValues = new LongAdder();

    /** Connections given up whose client has not ended yet. Should go back to 0 within seconds. */
    final AtomicInteger closing = new AtomicInteger();
}
