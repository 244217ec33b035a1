package com.barnebys.analytics.sink.bigquery;

/** How rows go to BigQuery: a setting, never switched by itself. */
public enum DeliveryMode {
    /** Storage Write API, one COMMITTED stream for each table and process, explicit offsets. */
    EXACTLY_ONCE,
    /** Storage Write API, default stream: a connection lost at the wrong moment stores a block twice. */
    AT_LEAST_ONCE,
    /** tabledata.insertAll with insertId = eventId, which BigQuery remembers for about a minute. */
    INSERT_ALL
}
