package com.barnebys.analytics.hit;

import org.jspecify.annotations.Nullable;

/**
 * A verified track hit: one of our keys signed every value in it.
 *
 * @param kind {@code [A-Za-z0-9_]{1,64}}, not {@code events}; names the table
 * @param isAffiliate starts a session for {@code programId}
 * @param url where to redirect, absolute http(s); "" for a pixel
 * @param dealType null when absent or empty
 * @param source null when absent or empty
 * @param rule how it was signed
 * @param keyPosition which key of the ring signed it; 0 is the current one
 */
public record TrackHit(
        String programId,
        String kind,
        boolean isAffiliate,
        String url,
        String dimension1,
        String dimension2,
        String dimension3,
        String dimension4,
        String dimension5,
        boolean isSponsored,
        @Nullable String dealType,
        @Nullable String source,
        boolean hasFingerprint,
        SignatureRule rule,
        int keyPosition)
        implements Verdict {

    /** The kind whose rows also know where the click came from. */
    public static final String CLICK = "click";

    public boolean isClick() {
        return kind.equals(CLICK);
    }

    public boolean isRedirect() {
        return !url.isEmpty();
    }
}
