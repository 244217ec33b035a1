package com.barnebys.analytics.sink.bigquery.fake;

import com.barnebys.analytics.sink.bigquery.fake.RowDecoder.BadRowException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One tabledata.insertAll request: all rows, or none where one is invalid, unless it asked to skip those. */
final class InsertAll {
    private static final int ROWS_MAX = 50_000;
    private static final int BYTES_MAX = 10 * 1024 * 1024;
    private static final Set<String> MEMBERS =
            Set.of("kind", "rows", "skipInvalidRows", "ignoreUnknownValues", "templateSuffix", "traceId");

    private final FakeTable table;
    private final List<FakeColumn> columns;
    private final boolean ignoresUnknown;
    private final JsonArray errors = new JsonArray();
    private final List<@Nullable Object[]> decoded = new ArrayList<>();
    private final List<@Nullable String> ids = new ArrayList<>();

    private InsertAll(FakeTable table, boolean ignoresUnknown) {
        this.table = table;
        this.columns = table.columns();
        this.ignoresUnknown = ignoresUnknown;
    }

    static JsonObject perform(FakeTable table, JsonObject request, int bytes) throws RestRefusal {
        if (bytes > BYTES_MAX) {
            throw new RestRefusal(
                    400, "badRequest", "Request payload size exceeds the limit: " + BYTES_MAX + " bytes.");
        }
        TableResource.checkMembers(request, MEMBERS);
        JsonArray rows = request.getJsonArray("rows", new JsonArray());
        if (rows.isEmpty()) {
            throw RestRefusal.invalid("No rows present in the request.");
        }
        if (rows.size() > ROWS_MAX) {
            throw RestRefusal.invalid(
                    "too many rows present in the request, limit: " + ROWS_MAX + " row count: " + rows.size() + ".");
        }
        InsertAll insert = new InsertAll(table, request.getBoolean("ignoreUnknownValues", false));
        return insert.store(rows, request.getBoolean("skipInvalidRows", false));
    }

    private JsonObject store(JsonArray rows, boolean skipsInvalid) throws RestRefusal {
        boolean[] isValid = new boolean[rows.size()];
        for (int i = 0; i < isValid.length; i++) {
            isValid[i] = decode(i, rows.getJsonObject(i));
        }
        boolean isStopped = !errors.isEmpty() && !skipsInvalid;
        for (int i = 0; isStopped && i < isValid.length; i++) {
            if (isValid[i]) {
                addError(i, "stopped", "", "");
            }
        }
        if (!isStopped) {
            table.insert(decoded, ids);
        }
        JsonObject answer = new JsonObject().put("kind", "bigquery#tableDataInsertAllResponse");
        return errors.isEmpty() ? answer : answer.put("insertErrors", errors);
    }

    private boolean decode(int index, JsonObject row) throws RestRefusal {
        TableResource.checkMembers(row, Set.of("insertId", "json"));
        @Nullable Object[] values = new Object[columns.size()];
        int errorsBefore = errors.size();
        Map<String, @Nullable Object> json = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        json.putAll(row.getJsonObject("json", new JsonObject()).getMap());
        for (int i = 0; i < values.length; i++) {
            FakeColumn column = columns.get(i);
            Object value = json.remove(column.name());
            if (value != null) {
                values[i] = convert(index, column, value);
            } else if (column.isRequired()) {
                addError(index, "invalid", column.name(), "Missing required field: " + column.name() + ".");
            }
        }
        if (!ignoresUnknown) {
            json.keySet().forEach(name -> addError(index, "invalid", name, "no such field: " + name + "."));
        }
        judge(index, values);
        if (errors.size() > errorsBefore) {
            return false;
        }
        decoded.add(values);
        ids.add(row.getString("insertId"));
        return true;
    }

    private @Nullable Object convert(int index, FakeColumn column, Object value) {
        try {
            return column.type().fromJson(value);
        } catch (IllegalArgumentException | DateTimeException e) {
            String type = column.type().name().toLowerCase(Locale.ROOT);
            addError(index, "invalid", column.name(), "Cannot convert value to " + type + " (bad value): " + value);
            return null;
        }
    }

    private void judge(int index, @Nullable Object[] values) throws RestRefusal {
        try {
            table.judge(values);
        } catch (BadRowException e) {
            addError(index, "invalid", "", String.valueOf(e.getMessage()));
        } catch (Refusal e) {
            throw RestRefusal.invalid(String.valueOf(e.getMessage()));
        }
    }

    private void addError(int index, String reason, String location, String message) {
        JsonObject error = new JsonObject()
                .put("reason", reason)
                .put("location", location)
                .put("debugInfo", "")
                .put("message", message);
        errors.add(new JsonObject().put("index", index).put("errors", new JsonArray().add(error)));
    }
}
