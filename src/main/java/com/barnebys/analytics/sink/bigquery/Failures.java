package com.barnebys.analytics.sink.bigquery;

import com.google.api.gax.rpc.ApiException;
import com.google.auth.Retryable;
import com.google.cloud.bigquery.BigQueryException;
import com.google.cloud.bigquery.storage.v1.Exceptions;
import com.google.cloud.bigquery.storage.v1.Exceptions.AppendSerializtionError;
import com.google.cloud.bigquery.storage.v1.Exceptions.InflightLimitExceededException;
import com.google.cloud.bigquery.storage.v1.Exceptions.MaximumRequestCallbackWaitTimeExceededException;
import com.google.cloud.bigquery.storage.v1.Exceptions.OffsetAlreadyExists;
import com.google.cloud.bigquery.storage.v1.Exceptions.OffsetOutOfRange;
import com.google.cloud.bigquery.storage.v1.Exceptions.SchemaMismatchedException;
import com.google.cloud.bigquery.storage.v1.Exceptions.StorageException;
import com.google.cloud.bigquery.storage.v1.Exceptions.StreamFinalizedException;
import com.google.cloud.bigquery.storage.v1.Exceptions.StreamNotFound;
import com.google.cloud.bigquery.storage.v1.Exceptions.StreamWriterClosedException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sorts what Google's clients throw by what can be done about it.
 *
 * <p>What decides, in this order: the type of the exception, the service's own error code (StorageError), the gRPC status,
 * and the text only where one status stands for several things: {@code INVALID_ARGUMENT} is a row, a schema, a size or a
 * stream that has ended. Texts are those asserted by the integration tests of the client (java-bigquerystorage,
 * ITBigQueryWriteManualClientTest) or quoted in its issues.
 *
 * <p>When a connection breaks, the client gives the reason to the oldest request only; those behind it fail as aborted,
 * which is a lost connection here.
 */
final class Failures {
    /** No chain of causes in Google's clients is that long, and one with a loop has to end. */
    private static final int CAUSES_MAX = 16;

    /** Of a text that is logged: a proxy may answer with a page of HTML. */
    private static final int SHOWN_MAX = 300;

    private static final Pattern EXPECTED_OFFSET = Pattern.compile("expected(?: offset)?:? ([0-9]{1,18})");

    private Failures() {}

    /** What became of an append that ended this way. */
    static AppendResult result(Throwable error) {
        Throwable core = core(error);
        if (core instanceof AppendSerializtionError rows
                && !rows.getRowIndexToErrorMessage().isEmpty()) {
            Map<Integer, String> errors = new HashMap<>(rows.getRowIndexToErrorMessage());
            errors.replaceAll((row, text) -> shown(text));
            return new AppendResult.RowsRefused(errors);
        }
        if (core instanceof OffsetAlreadyExists || code(core) == Status.Code.ALREADY_EXISTS) {
            return new AppendResult.AlreadyExists(expectedOffset(core));
        }
        // What ends a call comes as an exception of the transport, an answer's error never does.
        boolean endsCall = first(error, e -> e instanceof ApiException) != null;
        return new AppendResult.Failed(failure(error), shown(text(core)), error, endsCall);
    }

    /** What to tell who asked for something that blocks. */
    static ServiceException exception(String what, Throwable error) {
        return new ServiceException(failure(error), what + ": " + shown(text(core(error))), error);
    }

    static Failure failure(Throwable error) {
        Throwable core = core(error);
        if (core instanceof BigQueryException rest) {
            return RestFailures.sort(rest);
        }
        if (core instanceof OffsetOutOfRange) {
            return Failure.OFFSET_OUT_OF_RANGE;
        }
        if (core instanceof StreamFinalizedException) {
            return Failure.STREAM_FINALIZED;
        }
        if (core instanceof StreamNotFound) {
            return Failure.NOT_FOUND;
        }
        if (core instanceof SchemaMismatchedException) {
            return Failure.SCHEMA_UNKNOWN_FIELD;
        }
        if (core instanceof StreamWriterClosedException || core instanceof InflightLimitExceededException) {
            return Failure.CONNECTION;
        }
        if (core instanceof MaximumRequestCallbackWaitTimeExceededException || core instanceof TimeoutException) {
            return Failure.TIMEOUT;
        }
        Status.Code code = code(core);
        if (code != null) {
            return failure(code, text(core).toLowerCase(Locale.ROOT), error);
        }
        if (isRefusedLogin(error)) {
            return Failure.UNAUTHENTICATED;
        }
        return core instanceof IOException || core instanceof RejectedExecutionException
                ? Failure.CONNECTION
                : Failure.OTHER;
    }

    private static Failure failure(Status.Code code, String text, Throwable error) {
        return switch (code) {
            case UNAUTHENTICATED -> Failure.UNAUTHENTICATED;
            case PERMISSION_DENIED -> Failure.PERMISSION_DENIED;
            case NOT_FOUND -> Failure.NOT_FOUND;
            case OUT_OF_RANGE -> Failure.OFFSET_OUT_OF_RANGE;
            case INVALID_ARGUMENT, FAILED_PRECONDITION -> refusal(code, text);
            // A message larger than the server, or a proxy, reads has the status of a used-up quota. In Java it is
            // "gRPC message exceeds maximum size", in Go, C++ and Python "received message larger than max".
            case RESOURCE_EXHAUSTED -> isTooLarge(text) ? Failure.TOO_LARGE : Failure.QUOTA;
            // "Task is overloaded (memory-protection)" is UNAVAILABLE: a new connection may meet a better task.
            case UNAVAILABLE, ABORTED, CANCELLED, INTERNAL, DEADLINE_EXCEEDED, UNKNOWN, DATA_LOSS -> {
                if (isTooLarge(text)) {
                    yield Failure.TOO_LARGE; // seen as INTERNAL too
                }
                yield isRefusedLogin(error) ? Failure.UNAUTHENTICATED : Failure.CONNECTION;
            }
            default -> Failure.OTHER;
        };
    }

    /** The request was understood as wrong; only the text says what about it. */
    private static Failure refusal(Status.Code code, String text) {
        if (isTooLarge(text)) {
            return Failure.TOO_LARGE;
        }
        if (text.contains("finalized")) {
            return Failure.STREAM_FINALIZED;
        }
        if (text.contains("input schema has more fields")) {
            return Failure.SCHEMA_UNKNOWN_FIELD;
        }
        if (text.contains("proto field mismatched") || text.contains("proto field type")) {
            return Failure.SCHEMA_TYPE;
        }
        if (text.contains("table is deleted")) {
            return Failure.NOT_FOUND;
        }
        if (text.contains("connection is closed") || text.contains("connection is already closed")) {
            return Failure.CONNECTION;
        }
        return code == Status.Code.INVALID_ARGUMENT ? Failure.INVALID : Failure.OTHER;
    }

    private static boolean isTooLarge(String text) {
        return text.contains("request too large")
                || text.contains("messagesize is too large")
                || text.contains("exceeds maximum size")
                || text.contains("larger than max");
    }

    /** The token's issuer said no. A try that failed on the way there is not that: it may be repeated. */
    private static boolean isRefusedLogin(Throwable error) {
        return first(
                        error,
                        e -> (e instanceof Retryable login && !login.isRetryable())
                                || text(e).contains("invalid_grant"))
                != null;
    }

    private static long expectedOffset(Throwable core) {
        if (core instanceof OffsetAlreadyExists exists && exists.getExpectedOffset() >= 0) {
            return exists.getExpectedOffset();
        }
        Matcher offset = EXPECTED_OFFSET.matcher(text(core));
        return offset.find() ? Long.parseLong(offset.group(1)) : -1;
    }

    /** The one in the chain of causes that says most: the service's word, else the client's, else what began it. */
    private static Throwable core(Throwable error) {
        Throwable status = first(
                error,
                e -> e instanceof StatusRuntimeException
                        || e instanceof StatusException
                        || e instanceof BigQueryException);
        if (status != null) {
            return typed(status);
        }
        Throwable client = first(error, e -> e instanceof ApiException);
        if (client != null) {
            return client;
        }
        Throwable root = first(error, e -> e.getCause() == null);
        return root == null ? error : root;
    }

    private static @Nullable Throwable first(Throwable error, Predicate<Throwable> isIt) {
        Throwable cause = error;
        for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
            if (isIt.test(cause)) {
                return cause;
            }
            cause = cause.getCause();
        }
        return null;
    }

    /**
     * The client makes a typed exception of some errors, and of the same errors elsewhere it does not. It throws when a
     * text with offsets goes on behind them (3.35).
     */
    private static Throwable typed(Throwable status) {
        if (status instanceof StorageException || status instanceof BigQueryException) {
            return status;
        }
        try {
            StorageException typed = Exceptions.toStorageException(status);
            return typed == null ? status : typed;
        } catch (RuntimeException e) {
            return status;
        }
    }

    private static Status.@Nullable Code code(Throwable core) {
        if (core instanceof StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
        if (core instanceof StatusException e) {
            return e.getStatus().getCode();
        }
        return core instanceof ApiException e
                ? Status.Code.valueOf(e.getStatusCode().getCode().name())
                : null;
    }

    /** For the log. */
    static String shown(String text) {
        String line = text.lines().map(String::strip).findFirst().orElse("");
        return line.length() <= SHOWN_MAX ? line : line.substring(0, SHOWN_MAX) + "...";
    }

    /** What is at the bottom of it, for the log: a message may be no more than {@code io exception}, or the name of a host. */
    static String root(@Nullable Throwable error) {
        Throwable root = error;
        for (int i = 0; i < CAUSES_MAX && root != null && root.getCause() != null; i++) {
            root = root.getCause();
        }
        return root == null || root == error ? "" : " (" + shown(root.toString()) + ")";
    }

    private static String text(Throwable error) {
        return error.getMessage() == null ? error.toString() : error.getMessage();
    }
}
