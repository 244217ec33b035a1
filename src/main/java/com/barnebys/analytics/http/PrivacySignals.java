package com.barnebys.analytics.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** What {@code Sec-GPC: 1} and {@code DNT: 1} do. */
public enum PrivacySignals {
    /** Nothing. */
    IGNORE,
    /** The answer is the same; no cookie is set or read, address and user agent are not stored. */
    ANONYMOUS,
    /** Answered, not stored. */
    DROP;

    /** Whether the request asks for privacy and is given it. */
    boolean applyTo(MultiMap headers) {
        return this != IGNORE && ("1".equals(headers.get(Header.SEC_GPC)) || "1".equals(headers.get(Header.DNT)));
    }

    /**
     * Why a request is not to be stored; null when it is.
     *
     * @param isPrivate {@link #applyTo} of the same request
     */
    @Nullable SkipReason skipped(MultiMap headers, boolean isPrivate) {
        if (startsWithPrefetch(headers.get(Header.SEC_PURPOSE)) || startsWithPrefetch(headers.get(Header.PURPOSE))) {
            return SkipReason.PREFETCH;
        }
        return isPrivate && this == DROP ? SkipReason.PRIVACY : null;
    }

    private static boolean startsWithPrefetch(@Nullable String purpose) {
        return purpose != null && purpose.regionMatches(true, 0, "prefetch", 0, 8);
    }

    /** Apart, since whoever reads settings needs this enum, and not what Netty starts to make a name of a header. */
    private static final class Header {
        static final CharSequence SEC_GPC = HttpHeaders.createOptimized("sec-gpc");
        static final CharSequence DNT = HttpHeaders.createOptimized("dnt");
        static final CharSequence SEC_PURPOSE = HttpHeaders.createOptimized("sec-purpose");
        static final CharSequence PURPOSE = HttpHeaders.createOptimized("purpose");
    }
}
