package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.Column;
import java.util.List;

/**
 * A table that rows can be written to, and what had to be done for it.
 *
 * @param columns the ones the change is about
 */
record PreparedTable(TableShape shape, Change change, List<Column> columns) {
    PreparedTable {
        columns = List.copyOf(columns);
    }

    enum Change {
        NONE,
        CREATED,
        /** Columns were added. */
        WIDENED,
        /** Columns lack, and BA may not add them: their values are dropped. */
        NOT_ALLOWED
    }

    String columnNames() {
        return String.join(", ", columns.stream().map(Column::name).toList());
    }
}
