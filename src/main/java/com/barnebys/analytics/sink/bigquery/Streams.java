package com.barnebys.analytics.sink.bigquery;

import com.google.api.gax.rpc.StatusCode;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteClient;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteSettings;
import com.google.cloud.bigquery.storage.v1.GetWriteStreamRequest;
import com.google.cloud.bigquery.storage.v1.TableFieldSchema;
import com.google.cloud.bigquery.storage.v1.WriteStream;
import com.google.cloud.bigquery.storage.v1.WriteStreamView;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The Storage Write API beside appending: streams are made, ended and looked at. Every method blocks, for as long as the
 * retry settings of the client say; any thread.
 */
final class Streams implements AutoCloseable {
    private final BigQueryWriteClient client;

    private Streams(BigQueryWriteClient client) {
        this.client = client;
    }

    static Streams open(BigQueryWriteSettings settings) throws ServiceException {
        try {
            BigQueryWriteSettings.Builder patient = settings.toBuilder();
            // Left out: RESOURCE_EXHAUSTED. A quota that is used up is not filled again in seconds, and each try
            // counts.
            patient.createWriteStreamSettings()
                    .setRetryableCodes(StatusCode.Code.UNAVAILABLE, StatusCode.Code.DEADLINE_EXCEEDED);
            return new Streams(BigQueryWriteClient.create(patient.build()));
        } catch (IOException | RuntimeException e) {
            throw Failures.exception("cannot open the Storage Write API", e);
        }
    }

    /**
     * Makes a stream whose rows can be read as soon as they are acknowledged.
     *
     * @param table {@code projects/../datasets/../tables/..}
     * @return its name; the service forgets it after four days without rows
     */
    String create(String table) throws ServiceException {
        try {
            return client.createWriteStream(
                            table,
                            WriteStream.newBuilder()
                                    .setType(WriteStream.Type.COMMITTED)
                                    .build())
                    .getName();
        } catch (RuntimeException e) {
            throw Failures.exception("cannot create a stream for " + table, e);
        }
    }

    /** Ends a stream and returns how many rows it holds. */
    long finalizeStream(String stream) throws ServiceException {
        try {
            return client.finalizeWriteStream(stream).getRowCount();
        } catch (RuntimeException e) {
            throw Failures.exception("cannot finalize " + stream, e);
        }
    }

    /**
     * The columns the Storage Write API knows of a table, in lower case: it learns of a new one after REST does. Empty: it
     * knows the table, and does not say (emulators).
     */
    Optional<Set<String>> columns(String table) throws ServiceException {
        try {
            WriteStream stream = client.getWriteStream(GetWriteStreamRequest.newBuilder()
                    .setName(defaultStream(table))
                    .setView(WriteStreamView.FULL)
                    .build());
            if (!stream.hasTableSchema()) {
                return Optional.empty();
            }
            return Optional.of(stream.getTableSchema().getFieldsList().stream()
                    .map(TableFieldSchema::getName)
                    .map(name -> name.toLowerCase(Locale.ROOT))
                    .collect(Collectors.toUnmodifiableSet()));
        } catch (RuntimeException e) {
            throw Failures.exception("cannot look at " + table, e);
        }
    }

    /** Every table has one; no offsets, at least once. */
    static String defaultStream(String table) {
        return table + "/streams/_default";
    }

    @Override
    public void close() {
        client.close();
    }
}
