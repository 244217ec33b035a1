package com.barnebys.analytics.http;

import java.util.Locale;

/** Which way a hit came in, for counting. */
public enum HitRoute {
    /** {@code /r/collect}, signed. */
    COLLECT,
    /** Every path that is no other route's, signed; and what cannot be read well enough to tell. */
    CATCH_ALL,
    /** {@code /r/collect?_h=event}, which nothing signs. */
    EVENT;

    /** The word for metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
