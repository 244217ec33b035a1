package com.barnebys.analytics.sink.bigquery;

/** Why BigQuery did not take a request, sorted by what can be done about it. The names are those in metric and log. */
enum Failure {
    /** Another block was expected at this place of the stream: one before it failed, or state and stream disagree. */
    OFFSET_OUT_OF_RANGE,
    /** The stream takes no more rows; its count of rows is known to finalizeStream. */
    STREAM_FINALIZED,
    /** Stream or table is not there. */
    NOT_FOUND,
    /** The connection was lost, or the service asks to come again: nobody knows whether the request counted. */
    CONNECTION,
    /** No answer within the limit. Nobody knows whether the request counted. */
    TIMEOUT,
    /** A quota is used up; it is filled again in seconds to minutes. */
    QUOTA,
    /** More bytes or rows than one request may have. */
    TOO_LARGE,
    /** The request is not understood and no row is named: one of its rows, or its schema. */
    INVALID,
    /** A column was sent that the service does not know (yet: a new one takes minutes). */
    SCHEMA_UNKNOWN_FIELD,
    /** A column has another type in the table, and the values cannot be written as it. */
    SCHEMA_TYPE,
    /** Not allowed; can also be a table that is not there. */
    PERMISSION_DENIED,
    /** No credentials, or none that count. */
    UNAUTHENTICATED,
    /** The dataset is not there, and is not to be created. */
    DATASET_MISSING,
    /** Anything else; the log has the message. */
    OTHER
}
