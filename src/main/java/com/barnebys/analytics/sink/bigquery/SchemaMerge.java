package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.ColumnType;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.TableShape.Target;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.google.api.services.bigquery.model.TableFieldSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a table has, held against what BA writes. Names match ignoring case, as everywhere in BigQuery.
 *
 * @param present columns that can be written as the table is
 * @param missing columns the table lacks, in the order of the schema
 */
record SchemaMerge(List<Target> present, List<Column> missing) {
    /** What a value can become without losing anything; the first is what BA itself asks for. */
    private static final Map<ColumnType, List<TargetType>> TYPES = Map.of(
            ColumnType.TEXT, List.of(TargetType.STRING),
            ColumnType.BOOLEAN, List.of(TargetType.BOOL, TargetType.STRING, TargetType.INT64),
            ColumnType.DATETIME, List.of(TargetType.DATETIME, TargetType.TIMESTAMP, TargetType.STRING));

    /** Columns that are NULL in some rows: for privacy, or since the visitor's link does not have them. */
    private static final Set<String> SOMETIMES_NULL =
            Set.of("clientIP", "userAgent", "dealType", "source", "hasFingerprint");

    SchemaMerge {
        present = List.copyOf(present);
        missing = List.copyOf(missing);
    }

    /**
     * Compares.
     *
     * @throws ServiceException SCHEMA_TYPE with every column in the way: a person has to change the table
     */
    static SchemaMerge of(String table, List<TableFieldSchema> fields, TableSchema desired) throws ServiceException {
        Map<String, TableFieldSchema> foreign = new HashMap<>();
        fields.forEach(field -> foreign.put(key(field.getName()), field));
        List<Target> present = new ArrayList<>();
        List<Column> missing = new ArrayList<>();
        List<String> conflicts = new ArrayList<>();
        for (Column column : desired.columns()) {
            TableFieldSchema field = foreign.remove(key(column.name()));
            if (field == null) {
                missing.add(column);
                continue;
            }
            TargetType type = targetType(column, field);
            if (type == null) {
                conflicts.add("column " + field.getName() + " is " + described(field) + " (expected: "
                        + expected(column.type()) + ")");
            } else if (isRequired(field) && SOMETIMES_NULL.contains(column.name())) {
                conflicts.add("column " + field.getName() + " is REQUIRED (expected: NULLABLE, some rows lack it)");
            } else {
                present.add(new Target(column, type));
            }
        }
        // In the table's order, which the map has lost.
        fields.stream()
                .filter(field -> foreign.containsKey(key(field.getName())) && isRequired(field))
                .forEach(field -> conflicts.add(
                        "column " + field.getName() + " is REQUIRED (expected: NULLABLE, since BA does not fill it)"));
        if (!conflicts.isEmpty()) {
            throw new ServiceException(
                    Failure.SCHEMA_TYPE, "table " + table + ": " + String.join("; ", conflicts), null);
        }
        return new SchemaMerge(present, missing);
    }

    /** The table's columns as they were read, then ours: nothing of a foreign column is touched. */
    List<TableFieldSchema> merged(List<TableFieldSchema> fields) {
        List<TableFieldSchema> merged = new ArrayList<>(fields);
        missing.forEach(column -> merged.add(field(column)));
        return merged;
    }

    /** The table as it is. */
    TableShape shape(String table) {
        return new TableShape(table, present);
    }

    /** The table with what it lacks. */
    TableShape widened(String table) {
        return new TableShape(
                table,
                Stream.concat(present.stream(), missing.stream().map(SchemaMerge::target))
                        .sorted(Comparator.comparingInt(
                                target -> target.column().field()))
                        .toList());
    }

    /** A column as BA makes it: NULLABLE, since a column that is added later cannot be anything else. */
    static TableFieldSchema field(Column column) {
        TargetType type = target(column).type();
        return new TableFieldSchema()
                .setName(column.name())
                .setType(type == TargetType.BOOL ? "BOOLEAN" : type.name())
                .setMode("NULLABLE");
    }

    /** A column with the type BA asks for where it makes it. */
    static Target target(Column column) {
        return new Target(column, types(column.type()).get(0));
    }

    private static @Nullable TargetType targetType(Column column, TableFieldSchema field) {
        if ("REPEATED".equalsIgnoreCase(field.getMode())) {
            return null;
        }
        TargetType type = switch (key(field.getType())) {
            case "string" -> TargetType.STRING;
            case "boolean", "bool" -> TargetType.BOOL;
            case "integer", "int64" -> TargetType.INT64;
            case "datetime" -> TargetType.DATETIME;
            case "timestamp" -> TargetType.TIMESTAMP;
            default -> null;
        };
        return type != null && types(column.type()).contains(type) ? type : null;
    }

    private static List<TargetType> types(ColumnType type) {
        return TYPES.getOrDefault(type, List.of());
    }

    private static String expected(ColumnType type) {
        return String.join(" or ", types(type).stream().map(TargetType::name).toList()) + ", since BA writes " + type;
    }

    private static String described(TableFieldSchema field) {
        return ("REPEATED".equalsIgnoreCase(field.getMode()) ? "REPEATED " : "") + field.getType();
    }

    private static boolean isRequired(TableFieldSchema field) {
        return "REQUIRED".equalsIgnoreCase(field.getMode());
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
