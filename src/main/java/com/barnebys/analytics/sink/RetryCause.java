package com.barnebys.analytics.sink;

/** What kept a batch from being stored this time. The names are those in metric and log. */
public enum RetryCause {
    /** Somebody else holds the lock, or the other side asks for patience. */
    BUSY,
    /** No room; goes on by itself when there is some again. */
    DISK_FULL,
    /** Reading or writing failed, or the sink cannot be reached. */
    IO,
    /** No answer within the limit. */
    TIMEOUT,
    /** A quota of the service is used up. */
    QUOTA,
    /** The service refuses us: permission or credentials. */
    ACCESS,
    /** Table, dataset or stream is not there. */
    MISSING,
    /** The table's columns are not what rows need. */
    SCHEMA,
    /** The request was not taken as it was: too large, or one of its rows. It is sent in parts. */
    REQUEST,
    /** Place and stream disagreed; the count of rows decides. */
    OFFSET,
    /** Anything else; the log has the whole story. */
    OTHER
}
