package com.barnebys.analytics.sink.local;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the answer to a query: once the columns, also when there are no rows, then the rows one by one. */
public interface ResultConsumer {
    void columns(List<String> names) throws IOException;

    /**
     * Takes one row.
     *
     * @param values one per column, as SQLite has them, a blob in hex digits; the array is used again for the next row
     */
    void row(@Nullable Object[] values) throws IOException;
}
