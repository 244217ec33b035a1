package com.barnebys.analytics.sink;

/** Why a row was set aside. The names are those in metric, log and dead letter. */
public enum ParkReason {
    /** The bytes cannot be read as a row: a bug, or a row of another version. */
    MALFORMED_ROW,
    /** It is a row, and the sink will not take it however often it is sent. */
    REFUSED_ROW
}
