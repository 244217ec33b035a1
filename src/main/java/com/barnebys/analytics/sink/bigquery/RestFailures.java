package com.barnebys.analytics.sink.bigquery;

import com.google.auth.Retryable;
import com.google.cloud.bigquery.BigQueryException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sorts what REST calls throw, from either of Google's clients, by what can be done about it. Status and reason are those
 * of https://cloud.google.com/bigquery/docs/error-messages (read 2026-11).
 */
final class RestFailures {
    private static final int CAUSES_MAX = 10;
    private static final int SHOWN_MAX = 300;

    private static final Set<String> QUOTA_REASONS =
            Set.of("rateLimitExceeded", "quotaExceeded", "userRateLimitExceeded", "dailyLimitExceeded");

    private RestFailures() {}

    /**
     * The failure with its message in one line.
     *
     * @param what was tried, such as {@code table click}
     * @param e a {@link BigQueryException}, or an {@link IOException} of a client without retries
     */
    static ServiceException of(String what, Exception e) {
        BigQueryException known = e instanceof IOException io ? new BigQueryException(io) : null;
        if (e instanceof BigQueryException thrown) {
            known = thrown;
        }
        Failure failure = known == null ? Failure.OTHER : sort(known);
        return new ServiceException(failure, what + ": " + shown(known == null ? e : known), e);
    }

    static Failure sort(BigQueryException e) {
        // Refused by the token server, not by BigQuery: its status says nothing about our request.
        Optional<Retryable> login = cause(e, Retryable.class);
        if (login.isPresent()) {
            return login.get().isRetryable() ? Failure.CONNECTION : Failure.UNAUTHENTICATED;
        }
        if (e.getCode() <= 0) {
            return cause(e, SocketTimeoutException.class).isPresent() ? Failure.TIMEOUT : withoutAnswer(e);
        }
        return sort(e.getCode(), e.getReason(), String.valueOf(e.getMessage()));
    }

    private static Failure sort(int status, @Nullable String reason, String message) {
        if (reason != null && QUOTA_REASONS.contains(reason)) {
            return Failure.QUOTA;
        }
        return switch (status) {
            case 400 -> isTooLarge(message) ? Failure.TOO_LARGE : Failure.INVALID;
            case 401 -> Failure.UNAUTHENTICATED;
            case 403 -> Failure.PERMISSION_DENIED;
            case 404 -> Failure.NOT_FOUND;
            case 408 -> Failure.TIMEOUT;
            case 413 -> Failure.TOO_LARGE;
            case 429 -> Failure.QUOTA;
            default -> status >= 500 ? Failure.CONNECTION : Failure.OTHER;
        };
    }

    /** insertAll has no reason of its own for it. */
    private static boolean isTooLarge(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("payload size exceeds") || lower.contains("too many rows present");
    }

    private static Failure withoutAnswer(BigQueryException e) {
        return cause(e, IOException.class).isPresent() ? Failure.CONNECTION : Failure.OTHER;
    }

    private static <T> Optional<T> cause(Throwable e, Class<T> type) {
        Throwable cause = e;
        for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    /** A proxy answers with a page of HTML, and Google's clients make all of it the message. */
    private static String shown(Exception e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        String line = message.lines().map(String::strip).findFirst().orElse("");
        return line.length() <= SHOWN_MAX ? line : line.substring(0, SHOWN_MAX) + "...";
    }
}
