package com.barnebys.analytics.sink.bigquery;

import org.jspecify.annotations.Nullable;

/** A blocking call to BigQuery failed, after the client's own tries. */
final class ServiceException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Failure failure;

    ServiceException(Failure failure, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }
}
