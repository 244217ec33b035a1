package com.barnebys.analytics.sink.bigquery.fake;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The REST API: datasets, tables and insertAll. Runs on one event loop, so requests do not interleave. */
final class RestService {
    private static final String ROOT = "/bigquery/v2";

    /** Those every method takes, and those of the methods it has. */
    private static final Set<String> PARAMETERS = Set.of(
            "alt",
            "fields",
            "key",
            "prettyPrint",
            "quotaUser",
            "accessPolicyVersion",
            "autodetect_schema",
            "datasetView",
            "maxResults",
            "pageToken",
            "selectedFields",
            "view");

    private static final Set<String> DATASET_MEMBERS = Set.of(
            "datasetReference",
            "location",
            "description",
            "friendlyName",
            "labels",
            "access",
            "defaultTableExpirationMs",
            "defaultPartitionExpirationMs",
            "kind",
            "etag",
            "id",
            "selfLink",
            "creationTime",
            "lastModifiedTime");

    private final Warehouse warehouse;
    private final Faults faults;
    private final Ledger ledger;

    RestService(Warehouse warehouse, Faults faults, Ledger ledger) {
        this.warehouse = warehouse;
        this.faults = faults;
        this.ledger = ledger;
    }

    /** A request sorted out; dataset and table are empty where its path has none. */
    private record Question(
            Faults.Rest kind,
            String project,
            String dataset,
            String table,
            JsonObject body,
            int bytes,
            @Nullable String ifMatch) {
        String tableName() {
            return project + ":" + dataset + "." + table;
        }
    }

    private record Answer(int status, String type, String body) {
        static Answer json(int status, JsonObject body) {
            return new Answer(status, "application/json; charset=UTF-8", body.encode());
        }
    }

    void handle(HttpServerRequest request) {
        request.body().onSuccess(body -> handle(request, body));
    }

    private void handle(HttpServerRequest request, Buffer body) {
        try {
            Question question = read(request, body);
            ledger.restRequested(question.kind());
            RestFault fault = faults.nextRest(question.kind(), tableOf(question));
            Answer answer = fault.isDone() ? answer(question) : Answer.json(200, new JsonObject());
            switch (fault.effect()) {
                case NONE -> send(request, answer);
                case ERROR -> send(request, refused(new RestRefusal(fault.status(), fault.reason(), fault.message())));
                case HTML ->
                    send(
                            request,
                            new Answer(
                                    fault.status(),
                                    "text/html; charset=UTF-8",
                                    "<!DOCTYPE html><html><title>Error " + fault.status() + "</title><p>"
                                            + fault.message() + "</html>"));
                case HANG -> {}
                case CLOSE -> request.connection().close();
            }
        } catch (RestRefusal e) {
            send(request, refused(e));
        } catch (DecodeException | ClassCastException e) {
            send(request, refused(new RestRefusal(400, "parseError", "Invalid JSON payload received. " + e)));
        }
    }

    private static Answer refused(RestRefusal refusal) {
        return Answer.json(refusal.status(), refusal.body());
    }

    private static void send(HttpServerRequest request, Answer answer) {
        request.response().setStatusCode(answer.status());
        if (answer.status() != 204) {
            request.response().putHeader("Content-Type", answer.type());
        }
        request.response().end(answer.body());
    }

    private static Question read(HttpServerRequest request, Buffer body) throws RestRefusal {
        for (String parameter : request.params().names()) {
            if (!PARAMETERS.contains(parameter)) {
                throw RestRefusal.invalid("Invalid JSON payload received. Unknown name \"" + parameter
                        + "\": Cannot bind query parameter.");
            }
        }
        String path = request.path().startsWith(ROOT) ? request.path().substring(ROOT.length()) : request.path();
        List<String> parts = Arrays.stream(path.substring(1).split("/"))
                .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
                .toList();
        // The JDK's HTTP client knows no PATCH; Google's then sends POST and this.
        String override = request.getHeader("X-HTTP-Method-Override");
        String method = override == null ? request.method().name() : override;
        return new Question(
                kind(method, parts),
                parts.get(1),
                part(parts, 3),
                part(parts, 5),
                body.length() == 0 ? new JsonObject() : body.toJsonObject(),
                body.length(),
                request.getHeader("If-Match"));
    }

    private static String part(List<String> parts, int index) {
        return index < parts.size() ? parts.get(index) : "";
    }

    private static Faults.Rest kind(String method, List<String> parts) throws RestRefusal {
        List<String> names = List.of("projects", "", "datasets", "", "tables", "", "insertAll");
        boolean isKnown = parts.size() >= 3 && parts.size() <= names.size();
        for (int i = 0; isKnown && i < parts.size(); i++) {
            isKnown = names.get(i).isEmpty() || names.get(i).equals(parts.get(i));
        }
        return switch (isKnown ? method + " " + parts.size() : "") {
            case "POST 3" -> Faults.Rest.DATASET_INSERT;
            case "GET 4" -> Faults.Rest.DATASET_GET;
            case "GET 5" -> Faults.Rest.TABLE_LIST;
            case "POST 5" -> Faults.Rest.TABLE_INSERT;
            case "GET 6" -> Faults.Rest.TABLE_GET;
            case "PATCH 6" -> Faults.Rest.TABLE_PATCH;
            case "DELETE 6" -> Faults.Rest.TABLE_DELETE;
            case "POST 7" -> Faults.Rest.INSERT_ALL;
            default -> throw RestRefusal.notFound(method + " " + String.join("/", parts));
        };
    }

    private static String tableOf(Question question) {
        return question.kind() == Faults.Rest.TABLE_INSERT
                ? reference(question.body(), "tableReference").getString("tableId", "")
                : question.table();
    }

    private static JsonObject reference(JsonObject body, String name) {
        return body.getJsonObject(name, new JsonObject());
    }

    private Answer answer(Question question) {
        try {
            JsonObject body = perform(question);
            return body == null ? new Answer(204, "", "") : Answer.json(200, body);
        } catch (RestRefusal e) {
            return refused(e);
        }
    }

    private @Nullable JsonObject perform(Question question) throws RestRefusal {
        if (question.kind() == Faults.Rest.DATASET_INSERT) {
            return insertDataset(question);
        }
        if (!warehouse.hasDataset(question.dataset())) {
            throw RestRefusal.notFound("Dataset " + question.project() + ":" + question.dataset());
        }
        return switch (question.kind()) {
            case DATASET_INSERT, DATASET_GET -> dataset(question.project(), question.dataset());
            case TABLE_LIST -> listTables(question);
            case TABLE_INSERT -> insertTable(question);
            case TABLE_GET -> TableResource.show(question.project(), table(question));
            case TABLE_PATCH -> patchTable(question);
            case TABLE_DELETE -> {
                table(question);
                warehouse.dropTable(question.dataset(), question.table());
                yield null;
            }
            case INSERT_ALL -> {
                FakeTable table = table(question);
                if (table.isHidden()) {
                    throw RestRefusal.notFound("Table " + question.tableName());
                }
                yield InsertAll.perform(table, question.body(), question.bytes());
            }
        };
    }

    private JsonObject insertDataset(Question question) throws RestRefusal {
        TableResource.checkMembers(question.body(), DATASET_MEMBERS);
        String dataset = reference(question.body(), "datasetReference").getString("datasetId", "");
        TableResource.checkId("Dataset", dataset);
        if (!warehouse.addDataset(dataset, question.body().getString("location", "US"))) {
            throw new RestRefusal(409, "duplicate", "Already Exists: Dataset " + question.project() + ":" + dataset);
        }
        return dataset(question.project(), dataset);
    }

    private JsonObject dataset(String project, String dataset) {
        return new JsonObject()
                .put("kind", "bigquery#dataset")
                .put("id", project + ":" + dataset)
                .put("etag", "etag-" + dataset)
                .put("location", warehouse.location(dataset))
                .put(
                        "datasetReference",
                        new JsonObject().put("projectId", project).put("datasetId", dataset));
    }

    private JsonObject listTables(Question question) {
        JsonArray tables = new JsonArray();
        warehouse
                .tables(question.dataset())
                .forEach(table -> tables.add(TableResource.summary(question.project(), table)));
        return new JsonObject()
                .put("kind", "bigquery#tableList")
                .put("tables", tables)
                .put("totalItems", tables.size());
    }

    private JsonObject insertTable(Question question) throws RestRefusal {
        String name = tableOf(question);
        TableResource.checkId("table", name);
        List<FakeColumn> columns = TableResource.columns(question.body());
        List<FakeColumn> known = columns == null ? List.of() : columns;
        JsonObject settings = TableResource.settings(question.body(), known);
        FakeTable table = warehouse.addTable(question.dataset(), name, known, settings);
        if (table == null) {
            throw new RestRefusal(
                    409,
                    "duplicate",
                    "Already Exists: Table " + question.project() + ":" + question.dataset() + "." + name);
        }
        table.hideFor(faults.newTableCalls());
        return TableResource.show(question.project(), table);
    }

    private JsonObject patchTable(Question question) throws RestRefusal {
        FakeTable table = table(question);
        if (question.ifMatch() != null && !question.ifMatch().equals(table.etag())) {
            throw new RestRefusal(412, "conditionNotMet", "Precondition check failed.");
        }
        TableResource.patch(table, question.body(), question.tableName());
        return TableResource.show(question.project(), table);
    }

    private FakeTable table(Question question) throws RestRefusal {
        TableResource.checkId("table", question.table());
        FakeTable table = warehouse.table(question.dataset(), question.table());
        if (table == null) {
            throw RestRefusal.notFound("Table " + question.tableName());
        }
        return table;
    }
}
