package com.barnebys.analytics.sink.bigquery.fake;

import com.google.cloud.bigquery.storage.v1.RowError;
import com.google.cloud.bigquery.storage.v1.StorageError;
import com.google.cloud.bigquery.storage.v1.StorageError.StorageErrorCode;
import com.google.protobuf.Any;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;

/** The Storage Write API does not do what it was asked. The texts are those of the service as far as they are known. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient com.google.rpc.Status status;
    private final transient List<RowError> rowErrors;

    private Refusal(com.google.rpc.Status status, List<RowError> rowErrors) {
        super(status.getMessage(), null, false, false);
        this.status = status;
        this.rowErrors = rowErrors;
    }

    static Refusal of(Status status) {
        String message = status.getDescription() == null ? "" : status.getDescription();
        return new Refusal(plain(status.getCode(), message), List.of());
    }

    static Refusal invalid(String message) {
        return of(Status.INVALID_ARGUMENT.withDescription(message));
    }

    static Refusal tableMissing(String table, boolean looksForbidden) {
        return looksForbidden ? of(forbidden(table)) : notFound(table);
    }

    /** The text is the service's, whether the table is missing or not. */
    static Status forbidden(String table) {
        return Status.PERMISSION_DENIED.withDescription(
                "Permission 'TABLES_UPDATE_DATA' denied on resource '" + table + "' (or it may not exist).");
    }

    static Refusal notFound(String entity) {
        return of(Status.NOT_FOUND.withDescription("Requested entity was not found. Entity: " + entity));
    }

    static Refusal streamMissing(String stream) {
        return detailed(
                Status.Code.NOT_FOUND, StorageErrorCode.STREAM_NOT_FOUND, stream, "Requested entity was not found.");
    }

    static Refusal streamFinalized(String stream) {
        return detailed(
                Status.Code.INVALID_ARGUMENT,
                StorageErrorCode.STREAM_FINALIZED,
                stream,
                "Stream has been finalized and cannot be appended.");
    }

    static Refusal offsetTaken(String stream, long expected, long received) {
        return detailed(
                Status.Code.ALREADY_EXISTS,
                StorageErrorCode.OFFSET_ALREADY_EXISTS,
                stream,
                "The offset is within stream, expected offset " + expected + ", received " + received);
    }

    static Refusal offsetBeyond(String stream, long expected, long received) {
        return detailed(
                Status.Code.OUT_OF_RANGE,
                StorageErrorCode.OFFSET_OUT_OF_RANGE,
                stream,
                "The offset is beyond stream, expected offset " + expected + ", received " + received);
    }

    static Refusal extraField(String entity, String field) {
        return detailed(
                Status.Code.INVALID_ARGUMENT,
                StorageErrorCode.SCHEMA_MISMATCH_EXTRA_FIELDS,
                entity,
                "Input schema has more fields than BigQuery schema, extra fields: '" + field + "'");
    }

    static Refusal rows(String entity, List<RowError> errors) {
        return new Refusal(
                plain(
                        Status.Code.INVALID_ARGUMENT,
                        "Errors found while processing rows. Please refer to the row_errors field for details. The list"
                                + " may not be complete because of the size limitations. Entity: " + entity),
                errors);
    }

    /** The client parses the numbers off the end of the detail's message, which must not name the entity. */
    private static Refusal detailed(Status.Code code, StorageErrorCode storageCode, String entity, String message) {
        StorageError detail = StorageError.newBuilder()
                .setCode(storageCode)
                .setEntity(entity)
                .setErrorMessage(message)
                .build();
        com.google.rpc.Status status = plain(code, message + " Entity: " + entity).toBuilder()
                .addDetails(Any.pack(detail))
                .build();
        return new Refusal(status, List.of());
    }

    private static com.google.rpc.Status plain(Status.Code code, String message) {
        return com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .build();
    }

    /** For an answer within a call. */
    com.google.rpc.Status status() {
        return status;
    }

    List<RowError> rowErrors() {
        return rowErrors;
    }

    /** For the end of a call: the details travel in the trailers. */
    StatusRuntimeException asEnd() {
        return StatusProto.toStatusRuntimeException(status);
    }
}
