package com.barnebys.analytics.sink.bigquery.fake;

import com.barnebys.analytics.sink.bigquery.fake.RowDecoder.BadRowException;
import com.google.cloud.bigquery.storage.v1.RowError;
import com.google.protobuf.ByteString;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One table: columns, rows and streams. Columns are only ever added, at the end. Any thread; one at a time. */
final class FakeTable {
    private static final AtomicLong VERSIONS = new AtomicLong();
    private static final long INSERT_ID_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String dataset;
    private final String name;
    private final Faults faults;
    private final boolean keepsRows;
    private final long createdMillis = System.currentTimeMillis();
    private final List<FakeColumn> columns;
    private final List<@Nullable Object[]> rows = new ArrayList<>();
    private final Map<String, Stream> streams = new LinkedHashMap<>();
    private final Map<String, Long> insertIds = new HashMap<>();

    private JsonObject settings;
    private String etag = nextEtag();
    private long rowCount;
    private boolean isDropped;
    private int hiddenCalls;

    /** How many of the columns AppendRows knows while the schema lags. */
    private int columnsKnown;

    private int refusedForLag;

    FakeTable(
            String dataset,
            String name,
            List<FakeColumn> columns,
            JsonObject settings,
            Faults faults,
            boolean keepsRows) {
        this.dataset = dataset;
        this.name = name;
        this.columns = new ArrayList<>(columns);
        this.settings = settings;
        this.faults = faults;
        this.keepsRows = keepsRows;
        this.columnsKnown = columns.size();
    }

    private static final class Stream {
        private long rows;
        private boolean isFinalized;
    }

    private static String nextEtag() {
        return "etag-" + VERSIONS.incrementAndGet();
    }

    String dataset() {
        return dataset;
    }

    String name() {
        return name;
    }

    long createdMillis() {
        return createdMillis;
    }

    synchronized List<FakeColumn> columns() {
        return List.copyOf(columns);
    }

    /** Those AppendRows takes; fewer for a while after a patch, if the faults say so. */
    synchronized List<FakeColumn> columnsKnown() {
        if (refusedForLag >= faults.schemaLag()) {
            columnsKnown = columns.size();
        }
        return List.copyOf(columns.subList(0, columnsKnown));
    }

    synchronized void countRefusedForLag() {
        refusedForLag++;
    }

    /** Everything of its resource but schema and counts: partitioning, clustering, labels... */
    synchronized JsonObject settings() {
        return settings;
    }

    synchronized String etag() {
        return etag;
    }

    synchronized void change(List<FakeColumn> added, JsonObject settings) {
        if (!added.isEmpty()) {
            columnsKnown();
            refusedForLag = 0;
            columns.addAll(added);
            columnsKnown();
        }
        this.settings = settings;
        etag = nextEtag();
    }

    synchronized void drop() {
        isDropped = true;
    }

    synchronized void hideFor(int calls) {
        hiddenCalls = calls;
    }

    /** Whether the streaming surfaces still do not know it. */
    synchronized boolean isHidden() {
        return hiddenCalls > 0 && hiddenCalls-- > 0;
    }

    synchronized void addStream(String stream) {
        streams.put(stream, new Stream());
    }

    synchronized void forgetStream(String stream) {
        streams.remove(stream);
    }

    synchronized boolean hasStream(String stream) {
        return streams.containsKey(stream);
    }

    /** Returns how many rows it holds, each time it is called. */
    synchronized long finalizeStream(String stream) throws Refusal {
        Stream found = stream(stream);
        found.isFinalized = true;
        return found.rows;
    }

    private Stream stream(String stream) throws Refusal {
        Stream found = streams.get(stream);
        if (found == null) {
            throw Refusal.streamMissing(stream);
        }
        return found;
    }

    synchronized List<StreamFacts> streams() {
        List<StreamFacts> facts = new ArrayList<>();
        streams.forEach((stream, state) ->
                facts.add(new StreamFacts(stream, dataset + "." + name, state.rows, state.isFinalized)));
        return facts;
    }

    /**
     * Stores all rows or none.
     *
     * @param stream full name; null for the default stream
     * @param offset null: at the end
     * @return where the first row is; -1 for the default stream
     */
    synchronized long append(
            @Nullable String stream, @Nullable Long offset, List<ByteString> serialized, RowDecoder decoder)
            throws Refusal {
        if (isDropped) {
            throw Refusal.notFound("Table is deleted: " + dataset + "." + name);
        }
        Stream target = stream == null ? null : stream(stream);
        if (target != null) {
            if (target.isFinalized) {
                throw Refusal.streamFinalized(String.valueOf(stream));
            }
            requireOffset(String.valueOf(stream), offset, target.rows);
        }
        if (keepsRows) {
            rows.addAll(decode(serialized, decoder));
        }
        rowCount += serialized.size();
        if (target == null) {
            return -1;
        }
        target.rows += serialized.size();
        return target.rows - serialized.size();
    }

    private static void requireOffset(String stream, @Nullable Long offset, long expected) throws Refusal {
        if (offset != null && offset < expected) {
            throw Refusal.offsetTaken(stream, expected, offset);
        }
        if (offset != null && offset > expected) {
            throw Refusal.offsetBeyond(stream, expected, offset);
        }
    }

    private List<@Nullable Object[]> decode(List<ByteString> serialized, RowDecoder decoder) throws Refusal {
        List<@Nullable Object[]> decoded = new ArrayList<>(serialized.size());
        List<RowError> errors = new ArrayList<>();
        for (int i = 0; i < serialized.size(); i++) {
            try {
                @Nullable Object[] row = decoder.decode(serialized.get(i));
                judge(row);
                decoded.add(row);
            } catch (BadRowException e) {
                errors.add(RowError.newBuilder()
                        .setIndex(i)
                        .setCode(RowError.RowErrorCode.FIELDS_ERROR)
                        .setMessage(e.getMessage())
                        .build());
            }
        }
        if (!errors.isEmpty()) {
            throw Refusal.rows(
                    dataset + "." + name, errors.subList(0, Math.min(errors.size(), faults.listedRowsMax())));
        }
        return decoded;
    }

    /** Asks the faults whether this row is to be a bad one, or one that spoils the request. */
    void judge(@Nullable Object[] row) throws Refusal, BadRowException {
        if (faults.judgesRows()) {
            Map<String, @Nullable Object> values = asMap(row);
            if (faults.spoilsRequest(values)) {
                throw Refusal.invalid("Request contains an invalid argument.");
            }
            if (faults.refusesRow(values)) {
                throw new BadRowException("Invalid value, by order of the test");
            }
        }
    }

    /** For insertAll: rows whose id was seen within the minute are taken for stored. */
    synchronized void insert(List<@Nullable Object[]> decoded, List<@Nullable String> ids) {
        long now = System.nanoTime();
        insertIds.values().removeIf(seen -> now - seen > INSERT_ID_NANOS);
        for (int i = 0; i < decoded.size(); i++) {
            String id = ids.get(i);
            if (id == null || insertIds.put(id, now) == null) {
                rowCount++;
                if (keepsRows) {
                    rows.add(decoded.get(i));
                }
            }
        }
    }

    synchronized void forgetInsertIds() {
        insertIds.clear();
    }

    synchronized long rowCount() {
        return rowCount;
    }

    synchronized List<Map<String, @Nullable Object>> rows() {
        List<Map<String, @Nullable Object>> maps = new ArrayList<>(rows.size());
        rows.forEach(row -> maps.add(asMap(row)));
        return maps;
    }

    private synchronized Map<String, @Nullable Object> asMap(@Nullable Object[] row) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            map.put(columns.get(i).name(), i < row.length ? row[i] : null);
        }
        return Collections.unmodifiableMap(map);
    }

    /** How often each value of a column is there; NULL counts as {@code "null"}. */
    synchronized Map<String, Integer> counts(String column) {
        int place = columns.stream().map(FakeColumn::name).toList().indexOf(column);
        Map<String, Integer> counts = new HashMap<>();
        for (@Nullable Object[] row : rows) {
            Object value = place >= 0 && place < row.length ? row[place] : null;
            counts.merge(String.valueOf(value), 1, Integer::sum);
        }
        return counts;
    }
}
