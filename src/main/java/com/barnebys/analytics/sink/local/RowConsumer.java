package com.barnebys.analytics.sink.local;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes stored rows one by one. */
@FunctionalInterface
public interface RowConsumer {
    /**
     * Takes one row.
     *
     * @param columns the same list for all rows of a kind
     * @param values one per column: Boolean, String, null, or a number in a column that somebody has added; the
     *     array is used again for the next row
     */
    void accept(String kind, List<String> columns, @Nullable Object[] values) throws IOException;
}
