package com.barnebys.analytics.event;

/**
 * One column of a stored table.
 *
 * @param name as in BigQuery
 * @param type what the value is
 * @param field protobuf field number, 1 to 31; on disk, so never reused
 */
public record Column(String name, ColumnType type, int field) {
    public Column {
        if (field < 1 || field > 31) {
            throw new IllegalArgumentException("field of " + name + ": " + field + " (expected: 1 to 31)");
        }
    }
}
