package com.barnebys.analytics.reference;

import java.util.Locale;

/** How a visitor's source was found. The last three answered {@link Source#OTHER} without knowing. */
public enum LookupOutcome {
    /** Remembered. */
    CACHED,
    /** Asked of the store, and answered in time. */
    STORED,
    /** The store took longer than {@link SourceLookup#WAIT_MAX}. */
    LATE,
    /** The store failed. */
    FAILED,
    /** Not asked: too many questions are under way. */
    SHED;

    /** As in metrics. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT);
    }
}
