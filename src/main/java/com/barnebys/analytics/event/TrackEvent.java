package com.barnebys.analytics.event;

import org.jspecify.annotations.Nullable;

/**
 * One row of a track hit, as the tables in production have it.
 *
 * <p>Text is stored as it came, except that NUL is removed, a lone surrogate becomes U+FFFD and a value of more than
 * {@value EventWriter#VALUE_BYTES_MAX} bytes of UTF-8 is cut there.
 *
 * @param table the kind of the hit, {@code [A-Za-z0-9_]{1,64}}
 * @param clientIp already masked; null when the visitor asked for privacy
 * @param userAgent as HTTP reads a header, each character a byte (Latin-1); null when the visitor asked for privacy
 * @param timestampMillis since the epoch, UTC
 * @param dealType null when not given
 * @param click what only kind {@code click} knows; null for other kinds, whose columns stay NULL
 */
public record TrackEvent(
        String table,
        String programId,
        boolean isLead,
        String url,
        @Nullable String clientIp,
        @Nullable String userAgent,
        String dimension1,
        String dimension2,
        String dimension3,
        String dimension4,
        String dimension5,
        boolean isSponsored,
        @Nullable String dealType,
        long timestampMillis,
        boolean hasUtmTag,
        @Nullable Click click) {

    /** Columns of kind {@code click}; source is null when not given. */
    public record Click(@Nullable String source, boolean hasFingerprint) {}

    /** The second row of a hit that makes a lead: the affiliate's program, no fingerprint, all else from the hit. */
    public TrackEvent leadOf(String affiliateProgramId) {
        return new TrackEvent(
                table,
                affiliateProgramId,
                true,
                url,
                clientIp,
                userAgent,
                dimension1,
                dimension2,
                dimension3,
                dimension4,
                dimension5,
                isSponsored,
                dealType,
                timestampMillis,
                hasUtmTag,
                click == null ? null : new Click(click.source(), false));
    }
}
