package com.barnebys.analytics.http;

import com.barnebys.analytics.conversion.RateLimit;
import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.session.SessionOptions;
import org.jspecify.annotations.Nullable;

/**
 * What the edge decides by. Immutable; a reload swaps the whole of it, and handlers notice by identity.
 *
 * @param siteUrl where incomplete hits go; null: they are refused
 * @param apiToken what servers show to be let in; null: nobody is
 * @param rateLimit of the unsigned routes; null: none
 * @param utmSource what {@code hasUTMTag} looks for
 */
public record EdgeOptions(
        SecretRing secrets,
        SessionOptions session,
        @Nullable String siteUrl,
        String utmSource,
        TrustedProxies trustedProxies,
        PrivacySignals privacySignals,
        @Nullable Secret apiToken,
        @Nullable RateLimit rateLimit) {
    /** These with another limit, whose buckets are as full as they are. */
    public EdgeOptions with(@Nullable RateLimit limit) {
        return new EdgeOptions(secrets, session, siteUrl, utmSource, trustedProxies, privacySignals, apiToken, limit);
    }
}
