package com.barnebys.analytics.demo;

import com.barnebys.analytics.sink.local.LocalStoreReader;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The newest rows of the demo's programs, out of the embedded store. Blocks for the disk. */
final class StoredRows {
    static final int ROWS_MAX = 50;

    private static final Set<String> PROGRAMS = Set.of(DemoLinks.MAGAZINE, DemoLinks.SHOP);
    /** Rows of one hit have one time; their ids go up (UUID version 7, on one event loop). */
    private static final Comparator<JsonObject> NEWEST_FIRST = Comparator.comparing(
                    (JsonObject row) -> row.getString("timestamp") + row.getString("eventId"))
            .reversed();

    private StoredRows() {}

    /** Objects of {@code table} and the columns that are not empty, the newest first. */
    static JsonArray read(Path store) throws IOException {
        List<JsonObject> rows = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(store)) {
            for (String table : reader.tables()) {
                if (DemoLinks.TABLES.contains(table)) {
                    reader.newest(
                            table,
                            PROGRAMS,
                            ROWS_MAX,
                            (kind, columns, values) -> rows.add(json(kind, columns, values)));
                }
            }
        } catch (FileNotFoundException e) {
            return new JsonArray();
        }
        rows.sort(NEWEST_FIRST);
        return new JsonArray(rows.subList(0, Math.min(ROWS_MAX, rows.size())));
    }

    private static JsonObject json(String table, List<String> columns, @Nullable Object[] values) {
        JsonObject json = new JsonObject().put("table", table);
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value != null && !value.equals("")) {
                json.put(columns.get(i), value);
            }
        }
        return json;
    }
}
