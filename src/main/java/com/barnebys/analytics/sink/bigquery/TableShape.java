package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import java.util.List;

/**
 * The columns of a table as BigQuery has it that BA can write to. What BA has and the table has not is dropped and
 * counted; what only the table has stays NULL.
 *
 * @param targets in the order of the schema, by the field numbers of {@link TableSchema}
 */
record TableShape(String table, List<Target> targets) {
    TableShape {
        targets = List.copyOf(targets);
    }

    /** One column: BA's, and what the table wants for it. */
    record Target(Column column, TargetType type) {}

    /** The types a value can be written as without losing anything. */
    enum TargetType {
        STRING,
        BOOL,
        INT64,
        DATETIME,
        TIMESTAMP
    }

    /** Whether BA has values for which the table has no column. */
    boolean lacksColumns() {
        return targets.size() < TableSchema.of(table).size();
    }

    /** Whether rows can be sent as the spool has them. */
    boolean isNative() {
        return !lacksColumns()
                && targets.stream().allMatch(target -> switch (target.column().type()) {
                    case TEXT -> target.type() == TargetType.STRING;
                    case BOOLEAN -> target.type() == TargetType.BOOL;
                    case DATETIME -> target.type() == TargetType.DATETIME;
                });
    }
}
