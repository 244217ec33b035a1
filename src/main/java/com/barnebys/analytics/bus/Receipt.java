package com.barnebys.analytics.bus;

import java.util.Locale;

/** What became of an event that was handed over. */
public enum Receipt {
    /** In the spool: it will be delivered or parked, exactly once. */
    STORED,
    /** The spool has no room; nothing was stored. */
    FULL,
    /** The spool failed; nothing was stored. */
    FAILED,
    /** Too much is on its way already; not handed over. */
    SHED,
    /** No receipt within the limit. It may still be stored: then exactly once, under its own id. */
    LATE;

    /** The word for metrics and logs. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT);
    }
}
