package com.barnebys.analytics.sink.bigquery.fake;

/**
 * A write stream as it is now.
 *
 * @param table {@code dataset.table}
 */
public record StreamFacts(String name, String table, long rows, boolean isFinalized) {}
