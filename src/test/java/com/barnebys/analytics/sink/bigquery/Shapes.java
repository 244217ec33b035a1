package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.TableShape.Target;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tables as they may be met. */
final class Shapes {
    private Shapes() {}

    /** All columns, of the types BA makes them. */
    static TableShape whole(String table) {
        return shape(table, Set.of(), Map.of());
    }

    static TableShape shape(String table, Set<String> lacking, Map<String, TargetType> others) {
        List<Target> targets = TableSchema.of(table).columns().stream()
                .filter(column -> !lacking.contains(column.name()))
                .map(column -> new Target(column, others.getOrDefault(column.name(), own(column))))
                .toList();
        return new TableShape(table, targets);
    }

    private static TargetType own(Column column) {
        return switch (column.type()) {
            case TEXT -> TargetType.STRING;
            case BOOLEAN -> TargetType.BOOL;
            case DATETIME -> TargetType.DATETIME;
        };
    }
}
