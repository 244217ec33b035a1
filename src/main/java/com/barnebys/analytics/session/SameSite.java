package com.barnebys.analytics.session;

/**
 * SameSite of the session cookie. Measured in Chromium 156: a cookie set on a redirect reaches a pixel on another site
 * only as None with Secure, and not Partitioned; Lax is never sent there.
 */
public enum SameSite {
    /** None with Secure when the request came by https, else Lax. */
    AUTO,
    LAX,
    STRICT,
    /** Always with Secure: browsers refuse it otherwise. */
    NONE
}
