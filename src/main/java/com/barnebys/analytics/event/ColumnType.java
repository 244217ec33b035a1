package com.barnebys.analytics.event;

/** Values are {@link String}, {@link Boolean}, and packed civil time as {@link Long} ({@link CivilTime}). */
public enum ColumnType {
    TEXT,
    BOOLEAN,
    DATETIME
}
