package com.barnebys.analytics.sink.bigquery.fake;

import static java.lang.invoke.MethodType.methodType;

import com.google.api.core.ApiFuture;
import com.google.cloud.bigquery.storage.v1.AppendRowsResponse;
import com.google.cloud.bigquery.storage.v1.ProtoRows;
import com.google.cloud.bigquery.storage.v1.ProtoSchema;
import com.google.cloud.bigquery.storage.v1.StreamWriter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * The overloaded methods of StreamWriter, called by their exact types: javac looks at every overload, and some want
 * Arrow's classes, which are not on the class path.
 */
final class Writers {
    private static final MethodHandle SCHEMA =
            handle(StreamWriter.Builder.class, "setWriterSchema", StreamWriter.Builder.class, ProtoSchema.class);
    private static final MethodHandle APPEND = handle(StreamWriter.class, "append", ApiFuture.class, ProtoRows.class);
    private static final MethodHandle APPEND_AT =
            handle(StreamWriter.class, "append", ApiFuture.class, ProtoRows.class, long.class);

    private Writers() {}

    private static MethodHandle handle(Class<?> owner, String name, Class<?> result, Class<?>... arguments) {
        try {
            return MethodHandles.publicLookup().findVirtual(owner, name, methodType(result, arguments));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static StreamWriter.Builder withSchema(StreamWriter.Builder builder, ProtoSchema schema) {
        try {
            return (StreamWriter.Builder) SCHEMA.invoke(builder, schema);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked")
    static ApiFuture<AppendRowsResponse> append(StreamWriter writer, ProtoRows rows) {
        try {
            return (ApiFuture<AppendRowsResponse>) APPEND.invoke(writer, rows);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked")
    static ApiFuture<AppendRowsResponse> append(StreamWriter writer, ProtoRows rows, long offset) {
        try {
            return (ApiFuture<AppendRowsResponse>) APPEND_AT.invoke(writer, rows, offset);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
