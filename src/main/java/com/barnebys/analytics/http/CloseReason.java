package com.barnebys.analytics.http;

import java.util.Locale;

/** Why a connection was ended from our side. */
public enum CloseReason {
    /** What it sent is no request, or one that could be read in two ways. */
    MALFORMED,
    /** It took too long over one request. */
    SLOW,
    /** It was idle too long. */
    IDLE,
    /** It does not read its answers. */
    DEAF;

    /** The word for metrics and logs. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT);
    }
}
