package com.barnebys.analytics.event;

import java.util.ArrayList;
import java.util.List;

/** The columns of a table in the order of the production tables. The place in the list is the protobuf field number. */
public final class TableSchema {
    /** Every kind of track hit is a table of this shape. */
    public static final TableSchema TRACK = new TableSchema()
            .with("programId", ColumnType.TEXT)
            .with("lead", ColumnType.BOOLEAN)
            .with("url", ColumnType.TEXT)
            .with("clientIP", ColumnType.TEXT)
            .with("userAgent", ColumnType.TEXT)
            .with("dimension1", ColumnType.TEXT)
            .with("dimension2", ColumnType.TEXT)
            .with("dimension3", ColumnType.TEXT)
            .with("dimension4", ColumnType.TEXT)
            .with("dimension5", ColumnType.TEXT)
            .with("isSponsored", ColumnType.BOOLEAN)
            .with("dealType", ColumnType.TEXT)
            .with("timestamp", ColumnType.DATETIME)
            .with("hasUTMTag", ColumnType.BOOLEAN)
            .with("source", ColumnType.TEXT)
            .with("hasFingerprint", ColumnType.BOOLEAN)
            .with("eventId", ColumnType.TEXT);

    /** The table of conversion events; no kind of track hit may have its name. */
    public static final String EVENTS_TABLE = "events";

    /** Conversion events of browsers and of the webhook. */
    public static final TableSchema EVENTS = new TableSchema()
            .with("programId", ColumnType.TEXT)
            .with("url", ColumnType.TEXT)
            .with("clientIP", ColumnType.TEXT)
            .with("userAgent", ColumnType.TEXT)
            .with("category", ColumnType.TEXT)
            .with("action", ColumnType.TEXT)
            .with("label", ColumnType.TEXT)
            .with("value", ColumnType.TEXT)
            .with("currency", ColumnType.TEXT)
            .with("source", ColumnType.TEXT)
            .with("sessionId", ColumnType.TEXT)
            .with("timestamp", ColumnType.DATETIME)
            .with("eventId", ColumnType.TEXT);

    private final List<Column> columns = new ArrayList<>();

    private TableSchema() {}

    private TableSchema with(String name, ColumnType type) {
        columns.add(new Column(name, type, columns.size() + 1));
        return this;
    }

    /** The schema of a table: that of conversion events, or of the track hits of a kind. */
    public static TableSchema of(String table) {
        return table.equals(EVENTS_TABLE) ? EVENTS : TRACK;
    }

    public List<Column> columns() {
        return List.copyOf(columns);
    }

    public int size() {
        return columns.size();
    }

    public Column column(int index) {
        return columns.get(index);
    }

    /** Place of the column of that name, counted from 0. */
    public int indexOf(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no column " + name);
    }
}
