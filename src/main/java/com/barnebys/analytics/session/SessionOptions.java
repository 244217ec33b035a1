package com.barnebys.analytics.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the session cookie is set.
 *
 * @param cookieName a token of RFC 6265
 * @param maxAge from the affiliate's hit on, whole seconds; also checked when the cookie comes back
 * @param domain Domain attribute; null: only the host that set it
 */
public record SessionOptions(
        String cookieName,
        Duration maxAge,
        SameSite sameSite,
        @Nullable String domain) {
    public SessionOptions {
        if (maxAge.toSeconds() < 1) {
            throw new IllegalArgumentException("SESSION_MAX_AGE: " + maxAge + " (expected: at least a second)");
        }
    }
}
