package com.barnebys.analytics.event;

import org.jspecify.annotations.Nullable;

/**
 * One row of the table {@code events}: what a visitor did on a site, told by his browser or by the site's server. Texts
 * are stored as those of a {@link TrackEvent}.
 *
 * @param url the page; null when not given
 * @param clientIp already masked; null when the visitor asked for privacy
 * @param userAgent null when there is none or the visitor asked for privacy
 * @param source {@code barnebys} or {@code other}
 * @param sessionId the id his browser was given; null when not given
 * @param timestampMillis since the epoch, UTC
 * @param eventId of {@link EventIds#LENGTH} ASCII characters, for an event that may be told twice and is one all the same;
 *     null: a new one
 */
public record ConversionEvent(
        String programId,
        @Nullable String url,
        @Nullable String clientIp,
        @Nullable String userAgent,
        String category,
        String action,
        String label,
        String value,
        String currency,
        String source,
        @Nullable String sessionId,
        long timestampMillis,
        @Nullable String eventId) {}
