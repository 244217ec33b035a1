package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.CivilTime;
import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.MalformedRowException;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import com.barnebys.analytics.sink.bigquery.TableShape.Target;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.google.cloud.bigquery.BigQuery;
import com.google.cloud.bigquery.BigQueryError;
import com.google.cloud.bigquery.InsertAllRequest;
import com.google.cloud.bigquery.InsertAllRequest.RowToInsert;
import com.google.cloud.bigquery.InsertAllResponse;
import com.google.cloud.bigquery.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Sends blocks of rows through REST, tabledata.insertAll: for networks without gRPC, and emulators without the Storage
 * Write API. Under the same insertId, the row's {@code eventId}, BigQuery stores a row once within about a minute; later
 * it does not remember.
 */
final class InsertAllAppender implements Appender {
    /** At a time; as many more may wait. A lane has no more under way. */
    private static final int REQUESTS_MAX = 4;

    private final TableId table;
    private final TableShape shape;
    private final BigQuery rest;
    private final ShapedRow row;
    private final Column eventId;
    private final OwedResults results;
    private final AppenderCounts counts;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            REQUESTS_MAX, REQUESTS_MAX, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(REQUESTS_MAX), task -> {
                Thread thread = new Thread(task, "bigquery-insert-all");
                thread.setDaemon(true);
                return thread;
            });

    /** @param limit of time for each result, waiting for a thread included */
    InsertAllAppender(BigQuery rest, TableId table, TableShape shape, Duration limit, AppenderCounts counts) {
        this.rest = rest;
        this.table = table;
        this.shape = shape;
        this.counts = counts;
        row = new ShapedRow(shape);
        TableSchema schema = TableSchema.of(shape.table());
        eventId = schema.column(schema.indexOf("eventId"));
        results = new OwedResults(limit);
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public CompletableFuture<AppendResult> append(RowBatch rows, long offset) {
        InsertAllRequest.Builder request =
                InsertAllRequest.newBuilder(table).setSkipInvalidRows(false).setIgnoreUnknownValues(false);
        Map<Integer, String> malformed = new HashMap<>();
        long dropped = 0;
        for (int i = 0; i < rows.rows(); i++) {
            try {
                row.read(rows, i);
                request.addRow(json());
                dropped += row.dropped();
            } catch (MalformedRowException e) {
                malformed.put(i, e.getMessage());
            }
        }
        if (!malformed.isEmpty()) {
            return CompletableFuture.completedFuture(new RowsRefused(malformed));
        }
        CompletableFuture<AppendResult> result = results.add();
        long leftOut = dropped;
        try {
            threads.execute(() -> counts.complete(result, send(request.build()), leftOut));
        } catch (RejectedExecutionException e) {
            result.complete(new Failed(Failure.CONNECTION, "closed, or too many requests at a time", e));
        }
        return result;
    }

    private RowToInsert json() {
        Map<String, Object> values = new HashMap<>();
        for (Target target : shape.targets()) {
            Object value = row.value(target);
            if (value != null) {
                values.put(target.column().name(), json(target.type(), value));
            }
        }
        Object id = row.value(eventId);
        return id == null ? RowToInsert.of(values) : RowToInsert.of(id.toString(), values);
    }

    /** Times as text: a DATETIME without, a TIMESTAMP with a zone (BigQuery, "Data types", canonical formats). */
    private static Object json(TargetType type, Object value) {
        return switch (type) {
            case DATETIME -> CivilTime.format((Long) value);
            case TIMESTAMP -> {
                long micros = (Long) value;
                yield Instant.ofEpochSecond(
                                Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000L)
                        .toString();
            }
            case STRING, BOOL, INT64 -> value;
        };
    }

    private AppendResult send(InsertAllRequest request) {
        try {
            return result(rest.insertAll(request));
        } catch (RuntimeException e) {
            return Failures.result(e);
        }
    }

    /**
     * Rows are stored all or none. {@code invalid} is a row's own fault, {@code stopped} that of another row in the block,
     * anything else nobody's.
     */
    private static AppendResult result(InsertAllResponse response) {
        if (!response.hasErrors()) {
            return new Stored(-1);
        }
        Map<Integer, String> invalid = new HashMap<>();
        List<BigQueryError> others = new ArrayList<>();
        for (Map.Entry<Long, List<BigQueryError>> errors :
                response.getInsertErrors().entrySet()) {
            for (BigQueryError error : errors.getValue()) {
                if (isInvalid(error) && schemaFailure(error) == Failure.OTHER) {
                    invalid.putIfAbsent(Math.toIntExact(errors.getKey()), text(error));
                } else if (!"stopped".equals(error.getReason())) {
                    others.add(error);
                }
            }
        }
        if (others.isEmpty()) {
            return invalid.isEmpty()
                    ? new Failed(Failure.CONNECTION, "rows were stopped, and none is named as the reason", null)
                    : new RowsRefused(invalid);
        }
        BigQueryError first = others.get(0);
        return new Failed(failure(first), text(first), null);
    }

    private static boolean isInvalid(BigQueryError error) {
        return "invalid".equals(error.getReason());
    }

    private static Failure failure(BigQueryError error) {
        if (isInvalid(error)) {
            return schemaFailure(error);
        }
        String reason = String.valueOf(error.getReason());
        return reason.equals("quotaExceeded") || reason.equals("rateLimitExceeded")
                ? Failure.QUOTA
                : Failure.CONNECTION;
    }

    /**
     * Every row is written with the columns and types of the shape, so a column that is not there, or of another type, is
     * the table's doing: not one row's, though each row is reported.
     */
    private static Failure schemaFailure(BigQueryError error) {
        String text = text(error).toLowerCase(Locale.ROOT);
        if (text.contains("no such field")) {
            return Failure.SCHEMA_UNKNOWN_FIELD;
        }
        return text.contains("cannot convert")
                        || text.contains("could not convert")
                        || text.contains("missing required field")
                ? Failure.SCHEMA_TYPE
                : Failure.OTHER;
    }

    private static String text(BigQueryError error) {
        String place = error.getLocation() == null || error.getLocation().isEmpty() ? "" : error.getLocation() + ": ";
        return Failures.shown(place + error.getMessage());
    }

    @Override
    public boolean lacksColumns() {
        return shape.lacksColumns();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        results.failAll("the appender was closed");
    }
}
