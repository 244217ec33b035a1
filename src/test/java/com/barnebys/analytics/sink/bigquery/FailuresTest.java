package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.google.api.gax.grpc.GrpcStatusCode;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.ApiExceptionFactory;
import com.google.auth.Retryable;
import com.google.cloud.bigquery.BigQueryError;
import com.google.cloud.bigquery.BigQueryException;
import com.google.cloud.bigquery.storage.v1.Exceptions;
import com.google.cloud.bigquery.storage.v1.Exceptions.AppendSerializationError;
import com.google.cloud.bigquery.storage.v1.Exceptions.InflightLimitExceededException;
import com.google.cloud.bigquery.storage.v1.Exceptions.MaximumRequestCallbackWaitTimeExceededException;
import com.google.cloud.bigquery.storage.v1.Exceptions.StreamWriterClosedException;
import com.google.cloud.bigquery.storage.v1.StorageError;
import com.google.cloud.bigquery.storage.v1.StorageError.StorageErrorCode;
import com.google.protobuf.Any;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The numbers keep together what has one cause, as in the catalogue of errors the lane was designed by. */
class FailuresTest {
    private static final String STREAM = "projects/p/datasets/d/tables/click/streams/s";

    static Stream<Arguments> failures() {
        // spotless:off
        return Stream.of(
                arguments("2: offset out of range, in an answer", answered(StorageErrorCode.OFFSET_OUT_OF_RANGE, Status.Code.OUT_OF_RANGE, "The offset is beyond stream, expected offset 5, received 7"), Failure.OFFSET_OUT_OF_RANGE),
                arguments("2: offset out of range, without details", status(Status.OUT_OF_RANGE, "The offset is beyond stream"), Failure.OFFSET_OUT_OF_RANGE),
                arguments("3: finalized, in an answer", answered(StorageErrorCode.STREAM_FINALIZED, Status.Code.INVALID_ARGUMENT, "Stream has been finalized and cannot be appended."), Failure.STREAM_FINALIZED),
                arguments("3: finalized, without details", status(Status.INVALID_ARGUMENT, "Stream has been finalized and cannot be appended. Entity: " + STREAM), Failure.STREAM_FINALIZED),
                arguments("4: stream gone, in an answer", answered(StorageErrorCode.STREAM_NOT_FOUND, Status.Code.NOT_FOUND, "Requested entity was not found."), Failure.NOT_FOUND),
                arguments("4: stream gone, as the end of a call", ended(StorageErrorCode.STREAM_NOT_FOUND, Status.Code.NOT_FOUND, "Requested entity was not found."), Failure.NOT_FOUND),
                arguments("4: stream gone, without details", status(Status.NOT_FOUND, "Requested entity was not found. Entity: " + STREAM), Failure.NOT_FOUND),
                arguments("5: connection refused", api(status(Status.UNAVAILABLE, "io exception")), Failure.CONNECTION),
                arguments("5: reset", status(Status.UNAVAILABLE, "Connection reset by peer"), Failure.CONNECTION),
                arguments("5: idle", api(status(Status.ABORTED, "Closing the stream because it has been inactive for 600 seconds. Entity: " + STREAM)), Failure.CONNECTION),
                arguments("5: cancelled", status(Status.CANCELLED, "RST_STREAM closed stream. HTTP/2 error code: CANCEL"), Failure.CONNECTION),
                arguments("5: time is up", status(Status.DEADLINE_EXCEEDED, "deadline exceeded after 10s"), Failure.CONNECTION),
                arguments("5: writer closed", closed("Connection is closed due to io.grpc.StatusRuntimeException: PERMISSION_DENIED"), Failure.CONNECTION),
                arguments("5: writer closed, as plain status", status(Status.FAILED_PRECONDITION, "Connection is already closed during append"), Failure.CONNECTION),
                arguments("6: internal", status(Status.INTERNAL, "Internal error encountered"), Failure.CONNECTION),
                arguments("6: aborted", status(Status.ABORTED, "Aborted"), Failure.CONNECTION),
                arguments("6: unknown", status(Status.UNKNOWN, ""), Failure.CONNECTION),
                arguments("7: throughput", status(Status.RESOURCE_EXHAUSTED, "Exceeds 'AppendRows throughput' quota, user_id: project0000000000000001_us, status: INSUFFICIENT_TOKENS"), Failure.QUOTA),
                arguments("8: streams made", api(status(Status.RESOURCE_EXHAUSTED, "Exceeds quota limit subject: bigquerystorage.googleapis.com/write/max_active_streams")), Failure.QUOTA),
                arguments("9: overloaded", status(Status.UNAVAILABLE, "Task is overloaded (memory-protection) go/tr-t."), Failure.CONNECTION),
                arguments("11: bad request", status(Status.INVALID_ARGUMENT, "Rows must be specified."), Failure.INVALID),
                arguments("11: row errors that name no row", new AppendSerializationError(3, "Errors found while processing rows.", STREAM, Map.of()), Failure.INVALID),
                arguments("12: column unknown, in an answer", answered(StorageErrorCode.SCHEMA_MISMATCH_EXTRA_FIELDS, Status.Code.INVALID_ARGUMENT, "Input schema has more fields than BigQuery schema, extra fields: 'eventId'"), Failure.SCHEMA_UNKNOWN_FIELD),
                arguments("12: column unknown, as the end of a call", api(ended(StorageErrorCode.SCHEMA_MISMATCH_EXTRA_FIELDS, Status.Code.INVALID_ARGUMENT, "Input schema has more fields than BigQuery schema, extra fields: 'eventId'")), Failure.SCHEMA_UNKNOWN_FIELD),
                arguments("12: column unknown, without details", status(Status.INVALID_ARGUMENT, "Input schema has more fields than BigQuery schema, extra fields: 'eventId'"), Failure.SCHEMA_UNKNOWN_FIELD),
                arguments("13: type", api(status(Status.INVALID_ARGUMENT, "The proto field mismatched with BigQuery field at Row.lead, the proto field type bool, BigQuery field type STRING Entity: " + STREAM)), Failure.SCHEMA_TYPE),
                arguments("14: too large", status(Status.INVALID_ARGUMENT, "AppendRows request too large: 19923131 limit 10485760"), Failure.TOO_LARGE),
                arguments("14: too large, as internal", status(Status.INTERNAL, "AppendRows request too large: 19923131 limit 10485760"), Failure.TOO_LARGE),
                arguments("14: too large, with the class of row errors", new AppendSerializationError(3, "AppendRows request too large: 19923131 limit 10485760", STREAM, Map.of()), Failure.TOO_LARGE),
                arguments("14: too large for the client", status(Status.INVALID_ARGUMENT, "MessageSize is too large. Max allow: 20971520 Actual: 30000000"), Failure.TOO_LARGE),
                arguments("14: too large for gRPC", status(Status.RESOURCE_EXHAUSTED, "gRPC message exceeds maximum size 4194304: 5000000"), Failure.TOO_LARGE),
                arguments("14: too large for gRPC in Go", status(Status.RESOURCE_EXHAUSTED, "grpc: received message larger than max (8388700 vs. 4194304)"), Failure.TOO_LARGE),
                arguments("14: too large for gRPC in C++ and Python", api(status(Status.RESOURCE_EXHAUSTED, "SERVER: Received message larger than max (8388700 vs. 4194304)")), Failure.TOO_LARGE),
                arguments("15: table missing or forbidden", api(status(Status.PERMISSION_DENIED, "Permission 'TABLES_UPDATE_DATA' denied on resource 'projects/p/datasets/d/tables/click' (or it may not exist).")), Failure.PERMISSION_DENIED),
                arguments("15: table missing", api(status(Status.NOT_FOUND, "Requested entity was not found. Entity: projects/p/datasets/d/tables/click")), Failure.NOT_FOUND),
                arguments("15: table missing, by the service's code", ended(StorageErrorCode.TABLE_NOT_FOUND, Status.Code.NOT_FOUND, "Table not found"), Failure.NOT_FOUND),
                arguments("15: table deleted", status(Status.FAILED_PRECONDITION, "Table is deleted"), Failure.NOT_FOUND),
                arguments("17: permission denied", status(Status.PERMISSION_DENIED, "The caller does not have permission"), Failure.PERMISSION_DENIED),
                arguments("18: unauthenticated", status(Status.UNAUTHENTICATED, "Request had invalid authentication credentials."), Failure.UNAUTHENTICATED),
                arguments("18: plaintext", api(status(Status.UNAUTHENTICATED, "Credentials require channel with PRIVACY_AND_INTEGRITY security level. Observed security level: NONE")), Failure.UNAUTHENTICATED),
                arguments("18: login refused on the way", unavailable(new Login(false)), Failure.UNAUTHENTICATED),
                arguments("18: login refused, by its text", unavailable(new IOException("400 Bad Request {\"error\":\"invalid_grant\"}")), Failure.UNAUTHENTICATED),
                arguments("18: login refused before any call", new IOException("no token", new Login(false)), Failure.UNAUTHENTICATED),
                arguments("18: login cannot be reached", unavailable(new Login(true)), Failure.CONNECTION),
                arguments("19: no answer", new TimeoutException(), Failure.TIMEOUT),
                arguments("19: no answer, says the client", new MaximumRequestCallbackWaitTimeExceededException(Duration.ofSeconds(61), "w", Duration.ofSeconds(60)), Failure.TIMEOUT),
                arguments("20: in-flight limit", new InflightLimitExceededException(Status.RESOURCE_EXHAUSTED, "w", 64) {}, Failure.CONNECTION),
                arguments("24: REST, table missing", rest(404, "notFound", "Not found: Table p:d.click"), Failure.NOT_FOUND),
                arguments("26: REST, too large", rest(413, "uploadTooLarge", "Request too large"), Failure.TOO_LARGE),
                arguments("26: REST, payload", rest(400, "badRequest", "Request payload size exceeds the limit: 10485760 bytes."), Failure.TOO_LARGE),
                arguments("26: REST, rows", rest(400, "invalid", "too many rows present in the request, limit: 50000 row count: 50001."), Failure.TOO_LARGE),
                arguments("27: REST, rate", rest(403, "rateLimitExceeded", "Exceeded rate limits"), Failure.QUOTA),
                arguments("27: REST, quota", rest(403, "quotaExceeded", "Quota exceeded"), Failure.QUOTA),
                arguments("27: REST, 429", rest(429, "rateLimitExceeded", "Too many requests"), Failure.QUOTA),
                arguments("28: REST, server error", rest(503, "backendError", "Error encountered during execution"), Failure.CONNECTION),
                arguments("28: REST, refused", new BigQueryException(new ConnectException("Connection refused")), Failure.CONNECTION),
                arguments("28: REST, late", new BigQueryException(new SocketTimeoutException("Read timed out")), Failure.TIMEOUT),
                arguments("28: no answer, outside any client", new IOException("no route"), Failure.CONNECTION),
                arguments("29: REST, bad name", rest(400, "invalid", "Invalid table ID \"a b\"."), Failure.INVALID),
                arguments("client already closed", new RejectedExecutionException(), Failure.CONNECTION),
                arguments("not there in an emulator", api(status(Status.UNIMPLEMENTED, "unknown service")), Failure.OTHER),
                arguments("a bug", new IllegalStateException("what"), Failure.OTHER));
        // spotless:on
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void eachErrorIsSortedByWhatCanBeDone(String name, Throwable error, Failure expected) {
        assertThat(Failures.failure(error)).isEqualTo(expected);
        assertThat(Failures.failure(new ExecutionException(new CompletionException(error))))
                .isEqualTo(expected);
        assertThat(Failures.exception("cannot do it", error).failure()).isEqualTo(expected);

        AppendResult result = Failures.result(error);

        assertThat(result).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.failure()).isEqualTo(expected);
            assertThat(failed.message()).isNotEmpty();
            assertThat(failed.cause()).isSameAs(error);
        });
    }

    @Test
    void anOffsetThatExistsTellsTheNextOne() {
        assertThat(Failures.result(answered(
                        StorageErrorCode.OFFSET_ALREADY_EXISTS,
                        Status.Code.ALREADY_EXISTS,
                        "The offset is within stream, expected offset 1500, received 1000")))
                .isEqualTo(new AlreadyExists(1500));
        assertThat(Failures.result(api(ended(
                        StorageErrorCode.OFFSET_ALREADY_EXISTS,
                        Status.Code.ALREADY_EXISTS,
                        "The offset is within stream, expected offset 1500, received 1000"))))
                .isEqualTo(new AlreadyExists(1500));
        assertThat(Failures.result(status(Status.ALREADY_EXISTS, "expected offset 12, received 3 Entity: " + STREAM)))
                .isEqualTo(new AlreadyExists(12));
        assertThat(Failures.result(
                        status(Status.ALREADY_EXISTS, "the offset is within the stream, expected 12 but received 3")))
                .isEqualTo(new AlreadyExists(12));
        assertThat(Failures.result(
                        answered(StorageErrorCode.OFFSET_ALREADY_EXISTS, Status.Code.ALREADY_EXISTS, "it is there")))
                .isEqualTo(new AlreadyExists(-1));
        assertThat(Failures.result(ended(
                        StorageErrorCode.OFFSET_ALREADY_EXISTS,
                        Status.Code.ALREADY_EXISTS,
                        "expected offset 1500, received 1000 by this stream")))
                .as("the client's own parser throws")
                .isEqualTo(new AlreadyExists(1500));
    }

    @Test
    void rowErrorsNameTheirRows() {
        Throwable error = new AppendSerializationError(
                3, "Errors found while processing rows.", STREAM, Map.of(3, "Field lead", 8, "Field url"));

        assertThat(Failures.result(new ExecutionException(error)))
                .isEqualTo(new RowsRefused(Map.of(3, "Field lead", 8, "Field url")));
    }

    @Test
    void textsAreShownInOneLine() {
        AppendResult result = Failures.result(rest(502, "", "<html>" + "x".repeat(1_000) + "\n</html>"));

        assertThat(result)
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.message())
                                .hasSize(303)
                                .startsWith("<html>x")
                                .endsWith("x..."));
    }

    @Test
    void aChainWithALoopEnds() {
        IOException first = new IOException("first");
        first.initCause(new IOException("second", first));

        assertThat(Failures.failure(first)).isEqualTo(Failure.CONNECTION);
    }

    private static StatusRuntimeException status(Status status, String text) {
        return status.withDescription(text).asRuntimeException();
    }

    private static StatusRuntimeException unavailable(IOException cause) {
        return Status.UNAVAILABLE
                .withDescription("Credentials failed to obtain metadata")
                .withCause(cause)
                .asRuntimeException();
    }

    private static ApiException api(StatusRuntimeException cause) {
        return ApiExceptionFactory.createException(
                cause, GrpcStatusCode.of(cause.getStatus().getCode()), false);
    }

    private static com.google.rpc.Status detailed(StorageErrorCode code, Status.Code status, String text) {
        StorageError detail = StorageError.newBuilder()
                .setCode(code)
                .setEntity(STREAM)
                .setErrorMessage(text)
                .build();
        return com.google.rpc.Status.newBuilder()
                .setCode(status.value())
                .setMessage(text + " Entity: " + STREAM)
                .addDetails(Any.pack(detail))
                .build();
    }

    /** What the client makes of an error in an answer. */
    private static Throwable answered(StorageErrorCode code, Status.Code status, String text) {
        return Objects.requireNonNull(Exceptions.toStorageException(detailed(code, status, text), null));
    }

    /** What gRPC makes of an error that ends a call. */
    private static StatusRuntimeException ended(StorageErrorCode code, Status.Code status, String text) {
        return StatusProto.toStatusRuntimeException(detailed(code, status, text));
    }

    private static Throwable closed(String text) {
        try {
            Constructor<StreamWriterClosedException> constructor =
                    StreamWriterClosedException.class.getDeclaredConstructor(Status.class, String.class, String.class);
            constructor.setAccessible(true);
            return constructor.newInstance(Status.FAILED_PRECONDITION.withDescription(text), STREAM, "writer");
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static BigQueryException rest(int status, String reason, String text) {
        return new BigQueryException(status, text, new BigQueryError(reason, null, text));
    }

    /** As Google's credentials fail. */
    private static final class Login extends IOException implements Retryable {
        private static final long serialVersionUID = 1L;

        private final boolean isRetryable;

        Login(boolean isRetryable) {
            super("Error getting access token");
            this.isRetryable = isRetryable;
        }

        @Override
        public boolean isRetryable() {
            return isRetryable;
        }

        @Override
        public int getRetryCount() {
            return 0;
        }
    }

    @Test
    void theRootIsNamedWhereTheMessageIsThatOfAClient() {
        Throwable client = new IllegalStateException("io exception", new UnknownHostException("bigquery.example"));

        assertThat(Failures.root(client)).isEqualTo(" (java.net.UnknownHostException: bigquery.example)");
        assertThat(Failures.root(new IOException("alone"))).isEmpty();
        assertThat(Failures.root(null)).isEmpty();
    }
}
