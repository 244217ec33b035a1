package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import java.util.List;
import java.util.stream.Collectors;

/** What {@link Tables} does, as statements of GoogleSQL. */
final class Ddl {
    private final QualifiedNames names;
    private final boolean partitions;
    private final String location;

    Ddl(QualifiedNames names, boolean partitions, String location) {
        this.names = names;
        this.location = location;
        this.partitions = partitions;
    }

    String createDataset() {
        return "CREATE SCHEMA IF NOT EXISTS " + names.dataset() + " OPTIONS (location = '" + location + "');";
    }

    String createTable(String table, TableSchema schema) {
        String columns = schema.columns().stream().map(Ddl::definition).collect(Collectors.joining(",\n  "));
        String layout = partitions ? "\nPARTITION BY DATETIME_TRUNC(`timestamp`, DAY)\nCLUSTER BY `programId`" : "";
        return "CREATE TABLE IF NOT EXISTS " + names.of(table) + " (\n  " + columns + "\n)" + layout + ";";
    }

    String addColumns(String table, List<Column> columns) {
        return columns.stream()
                .map(column -> "\n  ADD COLUMN IF NOT EXISTS " + definition(column))
                .collect(Collectors.joining(",", "ALTER TABLE " + names.of(table), ";"));
    }

    private static String definition(Column column) {
        TargetType type = SchemaMerge.target(column).type();
        return "`" + column.name() + "` " + type;
    }
}
