package com.barnebys.analytics.http;

import com.barnebys.analytics.reference.Creation;
import io.vertx.core.AsyncResult;
import java.util.Locale;

/** What became of a reference that a browser told. */
public enum ReferenceAnswer {
    CREATED,
    ALREADY_CREATED,
    /** The store is away or full. */
    FAILED,
    /** Over RATE_LIMIT. */
    TOO_MANY_REQUESTS,
    /** A prefetch, or a visitor who asked for privacy under PRIVACY_SIGNALS=drop. */
    SKIPPED;

    static ReferenceAnswer of(AsyncResult<Creation> result) {
        return result.failed() ? FAILED : result.result() == Creation.CREATED ? CREATED : ALREADY_CREATED;
    }

    /** The word for metrics and logs. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT);
    }
}
