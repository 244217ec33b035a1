package com.barnebys.analytics.sink;

/** What kept a batch from being stored this time. The names are those in metric and log. */
public enum RetryCause {
    /** Somebody else holds the lock, or the other side asks for patience. */
    BUSY,
    /** No room; goes on by itself when there is some again. */
    DISK_FULL,
    /** Reading or writing failed, or the sink cannot be reached. */
    IO,
    /** Anything else; the log has the whole story. */
    OTHER
}
