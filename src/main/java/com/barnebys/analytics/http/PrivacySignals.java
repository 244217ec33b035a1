package com.barnebys.analytics.http;

/** What {@code Sec-GPC: 1} and {@code DNT: 1} do. */
public enum PrivacySignals {
    /** Nothing. */
    IGNORE,
    /** The answer is the same; no cookie is set or read, address and user agent are not stored. */
    ANONYMOUS,
    /** Answered, not stored. */
    DROP
}
