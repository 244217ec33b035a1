package com.barnebys.analytics.hit;

import java.util.Locale;

/** Why a request is refused: a small closed set, the same word in metric, log, answer and docs. */
public enum Rejection implements Verdict {
    INVALID_TARGET(400, "Invalid request target"),
    INVALID_SIGNATURE(400, "Invalid signed value"),
    EXPIRED(410, "Link expired"),
    INVALID_EXPIRY(400, "Invalid exp: expected Unix seconds"),
    /** The next three go to SITE_URL where there is one. */
    MISSING_PROGRAM(400, "Missing parameter: p (program)"),
    MISSING_KIND(400, "Missing parameter: k (kind)"),
    MISSING_PROGRAM_AND_KIND(400, "Missing parameters: p (program), k (kind)"),
    /** Not a track hit. */
    CONVERSION_EVENT(400, "This is a conversion event, which is not signed"),
    MISSING_EVENT_PARAMETER(400, "Missing parameter: p (program), c (category) and a (action) are needed"),
    /** Of the unsigned routes, with RATE_LIMIT. */
    TOO_MANY_REQUESTS(429, "Too many requests"),
    INVALID_KIND(400, "Invalid kind: expected 1 to 64 letters, digits, _ or -"),
    TOO_MANY_KINDS(400, "Too many kinds"),
    INVALID_URL(400, "Invalid url: expected an absolute http or https URL");

    private final int status;
    private final String text;

    Rejection(int status, String text) {
        this.status = status;
        this.text = text;
    }

    /** HTTP status of the answer. */
    public int status() {
        return status;
    }

    /** Body of the answer: a fixed text, nothing of the input in it. */
    public String text() {
        return text;
    }

    /** The word for metrics and logs. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the hit is incomplete rather than wrong: its visitor is sent to the site. */
    public boolean isIncomplete() {
        return this == MISSING_PROGRAM || this == MISSING_KIND || this == MISSING_PROGRAM_AND_KIND;
    }
}
