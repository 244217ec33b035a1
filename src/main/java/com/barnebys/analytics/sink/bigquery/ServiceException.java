package com.barnebys.analytics.sink.bigquery;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A blocking call to BigQuery failed, after the client's own tries. */
final class ServiceException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Failure failure;

    ServiceException(Failure failure, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.failure = failure;
    }

    /** What made a task fail: one of these, or a bug, which is OTHER. */
    static ServiceException of(CompletionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return cause instanceof ServiceException service
                ? service
                : new ServiceException(Failure.OTHER, cause.toString(), cause);
    }

    Failure failure() {
        return failure;
    }
}
