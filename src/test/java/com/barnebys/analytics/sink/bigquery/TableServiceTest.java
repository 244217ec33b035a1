package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.Emulator;
import com.google.cloud.bigquery.BigQuery;
import com.google.cloud.bigquery.TableId;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes over the wire, against answers said by the test. */
class TableServiceTest {
    private record Sent(String method, String path, String ifMatch, String body) {}

    private record Answer(int status, String type, String body) {}

    private final List<Sent> sent = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Answer> answers = new ArrayDeque<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aPatchCarriesTheEtagAndEveryFieldAsItWasRead() throws Exception {
        JsonArray foreign = new JsonArray()
                .add(new JsonObject()
                        .put("name", "programId")
                        .put("type", "STRING")
                        .put("mode", "REQUIRED")
                        .put("description", "who pays")
                        .put("policyTags", new JsonObject().put("names", new JsonArray().add("projects/p/tag"))))
                .add(new JsonObject()
                        .put("name", "partner")
                        .put("type", "RECORD")
                        .put("mode", "REPEATED")
                        .put(
                                "fields",
                                new JsonArray()
                                        .add(new JsonObject().put("name", "a").put("type", "FLOAT")))
                        .put("aPropertyOfNextYear", new JsonObject().put("kept", true)));
        answer(200, table("\"abc==\"", foreign));
        answer(200, table("\"abd==\"", foreign));

        PreparedTable widened = tables().ensure("click", TableSchema.TRACK);

        assertThat(widened.change()).isEqualTo(PreparedTable.Change.WIDENED);
        Sent patch = sent.get(1);
        // The JDK's HttpURLConnection knows no PATCH; Google's client then says it in a header.
        assertThat(patch.method()).isEqualTo("POST, override PATCH");
        assertThat(patch.path()).isEqualTo("/bigquery/v2/projects/p/datasets/d/tables/click");
        assertThat(patch.ifMatch()).isEqualTo("\"abc==\"");
        JsonObject body = new JsonObject(patch.body());
        JsonArray fields = body.getJsonObject("schema").getJsonArray("fields");
        assertThat(body.fieldNames()).containsExactly("schema");
        assertThat(body.getJsonObject("schema").getString("aPropertyOfTheSchema"))
                .isEqualTo("kept");
        assertThat(fields.getJsonObject(0)).isEqualTo(foreign.getJsonObject(0));
        assertThat(fields.getJsonObject(1)).isEqualTo(foreign.getJsonObject(1));
        assertThat(fields).hasSize(2 + TableSchema.TRACK.size() - 1);
        assertThat(fields.getJsonObject(2).encode())
                .isEqualTo(new JsonObject()
                        .put("mode", "NULLABLE")
                        .put("name", "lead")
                        .put("type", "BOOLEAN")
                        .encode());
    }

    /** The reason for not using it. When this fails, TableService may become shorter. */
    @Test
    void aPatchOfGooglesOwnClientHoldsAgainstNobodyAndLosesProperties() throws Exception {
        JsonArray fields = new JsonArray()
                .add(new JsonObject()
                        .put("name", "programId")
                        .put("type", "STRING")
                        .put("aPropertyOfNextYear", "kept"));
        JsonObject table = table("\"abc==\"", fields)
                .put(
                        "tableReference",
                        new JsonObject()
                                .put("projectId", "p")
                                .put("datasetId", "d")
                                .put("tableId", "click"));
        answer(200, table);
        answer(200, table);
        BigQuery client = new GoogleAccess(options()).rest();

        client.update(client.getTable(TableId.of("d", "click")));

        JsonObject body = new JsonObject(sent.get(1).body());
        assertThat(sent.get(1).method()).isEqualTo("POST, override PATCH");
        assertThat(sent.get(1).ifMatch()).isNull();
        assertThat(body.getString("etag")).isEqualTo("\"abc==\"");
        assertThat(body.getJsonObject("schema")
                        .getJsonArray("fields")
                        .getJsonObject(0)
                        .fieldNames())
                .contains("name", "type")
                .doesNotContain("aPropertyOfNextYear");
    }

    @Test
    void whereThereIsNoEtagNoneIsSent() throws Exception {
        answer(200, table(null, new JsonArray()));
        answer(200, table(null, new JsonArray()));

        tables().ensure("click", TableSchema.TRACK);

        assertThat(sent.get(1).ifMatch()).isNull();
    }

    @Test
    void aViewIsNoTable() {
        answer(200, table("e", new JsonArray()).put("type", "VIEW"));

        ServiceException e = failure();

        assertThat(e.failure()).isEqualTo(Failure.SCHEMA_TYPE);
        assertThat(e).hasMessage("table click is a VIEW (expected: TABLE)");
        assertThat(sent).hasSize(1);
    }

    @Test
    void aPageOfAProxyIsNoAnswerWhateverItsStatus() {
        String page = "<html><body>Please log in</body></html>";
        for (int status : new int[] {200, 404, 503}) {
            answers.add(new Answer(status, "text/html", page));

            ServiceException e = failure();

            assertThat(e.failure()).isNotEqualTo(Failure.DATASET_MISSING);
            assertThat(e.getMessage()).hasSizeLessThan(400).startsWith("table click: ");
        }
        assertThat(sent)
                .hasSize(3)
                .allSatisfy(request -> assertThat(request.method()).isEqualTo("GET"));
    }

    @Test
    void allPagesOfTablesAreReadAndViewsLeftOut() throws Exception {
        answer(
                200,
                page("next")
                        .put(
                                "tables",
                                new JsonArray().add(listed("click", "TABLE")).add(listed("ops_ctr", "VIEW"))));
        answer(200, page("last"));
        answer(200, page(null).put("tables", new JsonArray().add(listed("view", "TABLE"))));

        assertThat(service().names()).contains(List.of("click", "view"));
        assertThat(sent.stream().map(Sent::path)).allMatch("/bigquery/v2/projects/p/datasets/d/tables"::equals);
    }

    private static JsonObject page(String token) {
        JsonObject page = new JsonObject().put("kind", "bigquery#tableList");
        return token == null ? page : page.put("nextPageToken", token);
    }

    private static JsonObject listed(String table, String type) {
        return new JsonObject().put("type", type).put("tableReference", new JsonObject().put("tableId", table));
    }

    private static JsonObject table(String etag, JsonArray fields) {
        JsonObject table = new JsonObject()
                .put("type", "TABLE")
                .put(
                        "schema",
                        new JsonObject().put("aPropertyOfTheSchema", "kept").put("fields", fields));
        return etag == null ? table : table.put("etag", etag);
    }

    private void answer(int status, JsonObject body) {
        answers.add(new Answer(status, "application/json; charset=UTF-8", body.encode()));
    }

    private void handle(HttpExchange exchange) throws IOException {
        String override = exchange.getRequestHeaders().getFirst("X-HTTP-Method-Override");
        boolean isZipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
        try (InputStream body = isZipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
            sent.add(new Sent(
                    exchange.getRequestMethod() + (override == null ? "" : ", override " + override),
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders().getFirst("If-Match"),
                    new String(body.readAllBytes(), StandardCharsets.UTF_8)));
        }
        Answer answer = answers.remove();
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.sendResponseHeaders(answer.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private ServiceException failure() {
        return catchThrowableOfType(
                ServiceException.class,
                () -> assertThat(tables().ensure("click", TableSchema.TRACK)).isNull());
    }

    private Tables tables() {
        return new Tables(service(), options());
    }

    private TableService service() {
        return new TableService(new GoogleAccess(options()));
    }

    private BigQueryOptions options() {
        String address = "127.0.0.1:" + server.getAddress().getPort();
        return new BigQueryOptions(
                Optional.of("p"),
                "d",
                DeliveryMode.EXACTLY_ONCE,
                Optional.empty(),
                Optional.of(new Emulator("http://" + address, "127.0.0.1:1")),
                false,
                "US",
                true);
    }
}
