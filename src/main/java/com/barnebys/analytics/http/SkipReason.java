package com.barnebys.analytics.http;

import java.util.Locale;

/** Why a request is answered but not stored. */
public enum SkipReason {
    /** HEAD and every other method than GET: link scanners. */
    METHOD,
    /** The browser fetches ahead; nobody has seen it. */
    PREFETCH,
    /** The visitor asked for privacy, and PRIVACY_SIGNALS is drop. */
    PRIVACY;

    /** The word for metrics and logs. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT);
    }
}
