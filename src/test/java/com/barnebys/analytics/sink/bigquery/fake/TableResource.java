package com.barnebys.analytics.sink.bigquery.fake;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A table as JSON, in and out (REST reference, "tables"). What it does not know it refuses. */
final class TableResource {
    private static final Pattern TABLE_ID = Pattern.compile("[A-Za-z0-9_]{1,1024}");
    private static final Pattern COLUMN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,299}");

    private static final Set<String> SETTINGS = Set.of(
            "friendlyName",
            "description",
            "labels",
            "timePartitioning",
            "clustering",
            "requirePartitionFilter",
            "expirationTime",
            "defaultCollation");

    /** A client sends back what it got; the service does not look at it. */
    private static final Set<String> OUTPUT_ONLY = Set.of(
            "kind",
            "etag",
            "id",
            "selfLink",
            "creationTime",
            "lastModifiedTime",
            "location",
            "type",
            "numRows",
            "numBytes",
            "numLongTermBytes");

    private static final Set<String> FIELD_MEMBERS =
            Set.of("name", "type", "mode", "description", "maxLength", "precision", "scale", "policyTags", "fields");
    private static final Set<String> PARTITIONING_MEMBERS =
            Set.of("type", "field", "expirationMs", "requirePartitionFilter");

    private TableResource() {}

    static void checkId(String what, String id) throws RestRefusal {
        if (!TABLE_ID.matcher(id).matches()) {
            throw RestRefusal.invalid("Invalid " + what + " ID \"" + id + "\". " + what
                    + " IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.");
        }
    }

    /** The columns of a resource, or null where it says nothing of them. */
    static @Nullable List<FakeColumn> columns(JsonObject resource) throws RestRefusal {
        JsonObject schema = resource.getJsonObject("schema");
        if (schema == null) {
            return null;
        }
        checkMembers(schema, Set.of("fields"));
        List<FakeColumn> columns = new ArrayList<>();
        Set<String> names = new HashSet<>();
        JsonArray fields = schema.getJsonArray("fields", new JsonArray());
        for (int i = 0; i < fields.size(); i++) {
            FakeColumn column = column(fields.getJsonObject(i));
            if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
                throw RestRefusal.invalid("Duplicate field name: " + column.name());
            }
            columns.add(column);
        }
        return columns;
    }

    private static FakeColumn column(JsonObject field) throws RestRefusal {
        checkMembers(field, FIELD_MEMBERS);
        String name = field.getString("name", "");
        if (!COLUMN_NAME.matcher(name).matches()) {
            throw RestRefusal.invalid("Invalid field name \"" + name
                    + "\". Fields must contain only letters, numbers, and underscores, start with a letter or"
                    + " underscore, and be at most 300 characters long.");
        }
        String mode = field.getString("mode", "NULLABLE");
        if (!mode.equals("NULLABLE") && !mode.equals("REQUIRED")) {
            throw RestRefusal.invalid("The fake has no " + mode + " columns: " + name);
        }
        try {
            return new FakeColumn(name, FakeType.named(field.getString("type", "")), mode.equals("REQUIRED"));
        } catch (IllegalArgumentException e) {
            throw RestRefusal.invalid("Invalid value for type: " + field.getString("type") + " is not a valid value");
        }
    }

    /** What is kept of a resource; refuses what is in none, or does not fit the columns. */
    static JsonObject settings(JsonObject resource, List<FakeColumn> columns) throws RestRefusal {
        JsonObject settings = new JsonObject();
        for (String member : resource.fieldNames()) {
            if (SETTINGS.contains(member)) {
                settings.put(member, resource.getValue(member));
            } else if (!OUTPUT_ONLY.contains(member) && !member.equals("tableReference") && !member.equals("schema")) {
                throw unknown(member);
            }
        }
        checkPartitioning(settings.getJsonObject("timePartitioning"), columns);
        checkClustering(settings.getJsonObject("clustering"), columns);
        return settings;
    }

    private static void checkPartitioning(@Nullable JsonObject partitioning, List<FakeColumn> columns)
            throws RestRefusal {
        if (partitioning == null) {
            return;
        }
        checkMembers(partitioning, PARTITIONING_MEMBERS);
        String type = partitioning.getString("type", "");
        if (!Set.of("HOUR", "DAY", "MONTH", "YEAR").contains(type)) {
            throw RestRefusal.invalid("Invalid time partitioning type: " + type);
        }
        String field = partitioning.getString("field");
        if (field == null) {
            return;
        }
        FakeType column = requireColumn(field, "partitioning", columns).type();
        if (!column.isTime() || column == FakeType.DATE && type.equals("HOUR")) {
            throw RestRefusal.invalid("The field specified for partitioning is of type " + column + ": " + field);
        }
    }

    private static void checkClustering(@Nullable JsonObject clustering, List<FakeColumn> columns) throws RestRefusal {
        if (clustering == null) {
            return;
        }
        checkMembers(clustering, Set.of("fields"));
        JsonArray fields = clustering.getJsonArray("fields", new JsonArray());
        if (fields.isEmpty() || fields.size() > 4) {
            throw RestRefusal.invalid("Clustering takes 1 to 4 fields, not " + fields.size());
        }
        for (int i = 0; i < fields.size(); i++) {
            FakeType type =
                    requireColumn(fields.getString(i), "clustering", columns).type();
            if (type == FakeType.FLOAT || type == FakeType.JSON || type == FakeType.BYTES) {
                throw RestRefusal.invalid("Clustering is not possible by a field of type " + type);
            }
        }
    }

    private static FakeColumn requireColumn(String name, String purpose, List<FakeColumn> columns) throws RestRefusal {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> RestRefusal.invalid(
                        "The field specified for " + purpose + " cannot be found in the schema: " + name));
    }

    /** Only NULLABLE columns may be added, and partitioning stays as it is. */
    static void patch(FakeTable table, JsonObject patch, String displayName) throws RestRefusal {
        List<FakeColumn> now = table.columns();
        List<FakeColumn> wanted = columns(patch);
        List<FakeColumn> added = new ArrayList<>();
        if (wanted != null) {
            String mismatch = "Provided Schema does not match Table " + displayName + ". ";
            for (FakeColumn column : now) {
                FakeColumn other = wanted.stream()
                        .filter(c -> c.name().equalsIgnoreCase(column.name()))
                        .findFirst()
                        .orElseThrow(() ->
                                RestRefusal.invalid(mismatch + "Field " + column.name() + " is missing in new schema"));
                if (!other.equals(column)) {
                    throw RestRefusal.invalid(
                            mismatch + "Field " + column.name() + " has changed from " + column + " to " + other);
                }
            }
            added.addAll(wanted);
            added.removeAll(now);
            if (added.stream().anyMatch(FakeColumn::isRequired)) {
                throw RestRefusal.invalid(mismatch + "Cannot add required fields to an existing schema.");
            }
        }
        List<FakeColumn> after = new ArrayList<>(now);
        after.addAll(added);
        JsonObject settings = table.settings().copy();
        JsonObject changes = settings(patch, after);
        if (changes.containsKey("timePartitioning")
                && !samePartitioning(changes.getJsonObject("timePartitioning"), settings)) {
            throw RestRefusal.invalid("Cannot change the partitioning of table " + displayName);
        }
        settings.mergeIn(changes);
        table.change(added, settings);
    }

    private static boolean samePartitioning(@Nullable JsonObject wanted, JsonObject settings) {
        JsonObject now = settings.getJsonObject("timePartitioning");
        if (wanted == null || now == null) {
            return wanted == now;
        }
        return wanted.getString("type").equals(now.getString("type"))
                && wanted.getString("field", "").equals(now.getString("field", ""));
    }

    static JsonObject show(String project, FakeTable table) {
        JsonArray fields = new JsonArray();
        for (FakeColumn column : table.columns()) {
            fields.add(new JsonObject()
                    .put("name", column.name())
                    .put("type", column.type().name())
                    .put("mode", column.mode()));
        }
        return summary(project, table)
                .mergeIn(table.settings())
                .put("etag", table.etag())
                .put("schema", new JsonObject().put("fields", fields))
                .put("numRows", String.valueOf(table.rowCount()))
                .put("numBytes", "0")
                .put("lastModifiedTime", String.valueOf(table.createdMillis()))
                .put("location", "US");
    }

    /** As tables.list has it. */
    static JsonObject summary(String project, FakeTable table) {
        return new JsonObject()
                .put("kind", "bigquery#table")
                .put("id", project + ":" + table.dataset() + "." + table.name())
                .put("type", "TABLE")
                .put("creationTime", String.valueOf(table.createdMillis()))
                .put(
                        "tableReference",
                        new JsonObject()
                                .put("projectId", project)
                                .put("datasetId", table.dataset())
                                .put("tableId", table.name()));
    }

    static void checkMembers(JsonObject object, Set<String> known) throws RestRefusal {
        for (String member : object.fieldNames()) {
            if (!known.contains(member)) {
                throw unknown(member);
            }
        }
    }

    private static RestRefusal unknown(String member) {
        return RestRefusal.invalid(
                "Invalid JSON payload received. Unknown name \"" + member + "\": Cannot find field.");
    }
}
