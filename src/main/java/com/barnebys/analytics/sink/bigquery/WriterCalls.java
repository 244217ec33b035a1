package com.barnebys.analytics.sink.bigquery;

import static java.lang.invoke.MethodType.methodType;

import com.google.api.core.ApiFuture;
import com.google.cloud.bigquery.storage.v1.AppendRowsResponse;
import com.google.cloud.bigquery.storage.v1.ProtoRows;
import com.google.cloud.bigquery.storage.v1.ProtoSchema;
import com.google.cloud.bigquery.storage.v1.StreamWriter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The two calls of StreamWriter that have an overload for Arrow. At run time nobody misses Arrow; but javac looks at every
 * overload, and will not compile the call where a class of one of them is not there. Arrow only for the compiler would be
 * on the tests' class path too, and they would no longer show that BA runs without.
 *
 * <p>A constant method handle is as fast as the call.
 */
final class WriterCalls {
    private static final MethodHandle APPEND =
            handle(StreamWriter.class, "append", methodType(ApiFuture.class, ProtoRows.class, long.class));

    private static final MethodHandle SET_WRITER_SCHEMA = handle(
            StreamWriter.Builder.class, "setWriterSchema", methodType(StreamWriter.Builder.class, ProtoSchema.class));

    private WriterCalls() {}

    private static MethodHandle handle(Class<?> owner, String name, MethodType type) {
        try {
            return MethodHandles.publicLookup().findVirtual(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(owner.getName() + "." + name + type + " (expected: as in 3.35)", e);
        }
    }

    /** @param offset -1: the end of the stream, wherever that is */
    @SuppressWarnings("unchecked") // as declared
    static ApiFuture<AppendRowsResponse> append(StreamWriter writer, ProtoRows rows, long offset) {
        try {
            return (ApiFuture<AppendRowsResponse>) APPEND.invokeExact(writer, rows, offset);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static StreamWriter.Builder setWriterSchema(StreamWriter.Builder builder, ProtoSchema schema) {
        try {
            return (StreamWriter.Builder) SET_WRITER_SCHEMA.invokeExact(builder, schema);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Neither method declares a checked exception. */
    private static RuntimeException unchecked(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
}
