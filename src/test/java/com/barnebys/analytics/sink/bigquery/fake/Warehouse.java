package com.barnebys.analytics.sink.bigquery.fake;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All datasets and tables, whatever the project is called. Outlives its servers. */
final class Warehouse {
    private final Map<String, Map<String, FakeTable>> datasets = new ConcurrentHashMap<>();
    private final Map<String, String> locations = new ConcurrentHashMap<>();
    private final Faults faults;
    private final boolean keepsRows;

    Warehouse(Faults faults, boolean keepsRows) {
        this.faults = faults;
        this.keepsRows = keepsRows;
    }

    /** Whether it is new. */
    boolean addDataset(String dataset, String location) {
        locations.putIfAbsent(dataset, location);
        return datasets.putIfAbsent(dataset, new ConcurrentHashMap<>()) == null;
    }

    String location(String dataset) {
        return locations.getOrDefault(dataset, "US");
    }

    boolean hasDataset(String dataset) {
        return datasets.containsKey(dataset);
    }

    /** Null where there is one already; the dataset must be there. */
    @Nullable FakeTable addTable(String dataset, String name, List<FakeColumn> columns, JsonObject settings) {
        FakeTable table = new FakeTable(dataset, name, columns, settings, faults, keepsRows);
        return tablesOf(dataset).putIfAbsent(name, table) == null ? table : null;
    }

    /** Whether it was there. Its streams go with it. */
    boolean dropTable(String dataset, String name) {
        FakeTable table = tablesOf(dataset).remove(name);
        if (table != null) {
            table.drop();
        }
        return table != null;
    }

    @Nullable FakeTable table(String dataset, String name) {
        return tablesOf(dataset).get(name);
    }

    List<FakeTable> tables(String dataset) {
        return List.copyOf(tablesOf(dataset).values());
    }

    private Map<String, FakeTable> tablesOf(String dataset) {
        return datasets.getOrDefault(dataset, Map.of());
    }

    Stream<FakeTable> allTables() {
        return datasets.values().stream().flatMap(tables -> tables.values().stream());
    }

    /** As the Storage Write API sees it. */
    FakeTable streaming(ResourceName name) throws Refusal {
        FakeTable table = table(name.dataset(), name.table());
        if (table == null || table.isHidden()) {
            throw Refusal.tableMissing(name.tablePath(), faults.missingTablesLookForbidden());
        }
        return table;
    }
}
