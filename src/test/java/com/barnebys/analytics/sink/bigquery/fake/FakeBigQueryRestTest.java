package com.barnebys.analytics.sink.bigquery.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.gax.retrying.RetrySettings;
import com.google.cloud.NoCredentials;
import com.google.cloud.bigquery.BigQuery;
import com.google.cloud.bigquery.BigQueryError;
import com.google.cloud.bigquery.BigQueryException;
import com.google.cloud.bigquery.BigQueryOptions;
import com.google.cloud.bigquery.Clustering;
import com.google.cloud.bigquery.DatasetInfo;
import com.google.cloud.bigquery.Field;
import com.google.cloud.bigquery.InsertAllRequest;
import com.google.cloud.bigquery.InsertAllResponse;
import com.google.cloud.bigquery.Schema;
import com.google.cloud.bigquery.StandardSQLTypeName;
import com.google.cloud.bigquery.StandardTableDefinition;
import com.google.cloud.bigquery.Table;
import com.google.cloud.bigquery.TableId;
import com.google.cloud.bigquery.TableInfo;
import com.google.cloud.bigquery.TimePartitioning;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The REST API of the fake, asked by the genuine client. */
@Timeout(60)
class FakeBigQueryRestTest {
    private static final TableId CLICK = TableId.of("d", "click");
    private static final Field EVENT_ID = Field.of("eventId", StandardSQLTypeName.STRING);
    private static final Field TIMESTAMP = Field.of("timestamp", StandardSQLTypeName.DATETIME);

    private final FakeBigQuery fake = FakeBigQuery.start();
    private final BigQuery client = BigQueryOptions.newBuilder()
            .setProjectId("p")
            .setHost(fake.restUrl())
            .setCredentials(NoCredentials.getInstance())
            .setRetrySettings(RetrySettings.newBuilder().setMaxAttempts(1).build())
            .build()
            .getService();

    @AfterEach
    void stop() {
        fake.close();
    }

    private Table create(Field... fields) {
        fake.createDataset("d");
        return client.create(TableInfo.of(CLICK, StandardTableDefinition.of(Schema.of(fields))));
    }

    private void assertRefused(int code, String reason, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(BigQueryException.class, e -> {
            assertThat(e.getCode()).isEqualTo(code);
            assertThat(e.getReason()).isEqualTo(reason);
        });
    }

    @Test
    void datasetsAreMadeOnce() {
        assertThat(client.getDataset("d")).isNull();

        assertThat(client.create(DatasetInfo.of("d")).getDatasetId().getDataset())
                .isEqualTo("d");

        assertThat(client.getDataset("d")).isNotNull();
        assertRefused(409, "duplicate", () -> client.create(DatasetInfo.of("d")));
    }

    @Test
    void tablesAreShownAsTheyWereMade() {
        fake.createDataset("d");
        assertThat(client.getTable(CLICK)).isNull();
        StandardTableDefinition definition = StandardTableDefinition.newBuilder()
                .setSchema(Schema.of(EVENT_ID, TIMESTAMP))
                .setTimePartitioning(TimePartitioning.newBuilder(TimePartitioning.Type.DAY)
                        .setField("timestamp")
                        .build())
                .setClustering(
                        Clustering.newBuilder().setFields(List.of("eventId")).build())
                .build();

        client.create(TableInfo.of(CLICK, definition));

        StandardTableDefinition shown = client.getTable(CLICK).getDefinition();
        assertThat(shown.getSchema().getFields()).extracting(Field::getName).containsExactly("eventId", "timestamp");
        assertThat(shown.getTimePartitioning().getField()).isEqualTo("timestamp");
        assertThat(shown.getClustering().getFields()).containsExactly("eventId");
        assertThat(fake.columns("click")).containsExactly("eventId STRING", "timestamp DATETIME");
        assertRefused(409, "duplicate", () -> client.create(TableInfo.of(CLICK, definition)));
        assertThat(client.listTables("d").iterateAll()).hasSize(1);
        assertThat(client.delete(CLICK)).isTrue();
        assertThat(client.delete(CLICK)).isFalse();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        fake.createDataset("d");
        Schema schema = Schema.of(EVENT_ID);
        StandardTableDefinition wrongPartition = StandardTableDefinition.newBuilder()
                .setSchema(schema)
                .setTimePartitioning(TimePartitioning.newBuilder(TimePartitioning.Type.DAY)
                        .setField("eventId")
                        .build())
                .build();

        assertRefused(400, "invalid", () -> client.create(TableInfo.of(CLICK, wrongPartition)));
        assertRefused(
                400,
                "invalid",
                () -> client.create(TableInfo.of(TableId.of("d", "no-dash"), StandardTableDefinition.of(schema))));
        assertRefused(
                404,
                "notFound",
                () -> client.create(TableInfo.of(TableId.of("other", "t"), StandardTableDefinition.of(schema))));
        assertRefused(
                400,
                "invalid",
                () -> create(EVENT_ID, EVENT_ID.toBuilder().setName("EventId").build()));
    }

    @Test
    void aPatchAddsNullableColumnsOnly() {
        Table table = create(EVENT_ID);

        table.toBuilder()
                .setDefinition(StandardTableDefinition.of(Schema.of(EVENT_ID, TIMESTAMP)))
                .build()
                .update();

        assertThat(fake.columns("click")).containsExactly("eventId STRING", "timestamp DATETIME");
        for (Schema schema : List.of(
                Schema.of(EVENT_ID),
                Schema.of(EVENT_ID, Field.of("timestamp", StandardSQLTypeName.STRING)),
                Schema.of(
                        EVENT_ID,
                        TIMESTAMP,
                        Field.newBuilder("x", StandardSQLTypeName.BOOL)
                                .setMode(Field.Mode.REQUIRED)
                                .build()))) {
            assertRefused(400, "invalid", () -> client.update(TableInfo.of(CLICK, StandardTableDefinition.of(schema))));
        }
    }

    @Test
    void aPatchOfAnotherVersionIsRefused() throws Exception {
        create(EVENT_ID);
        String etag = fake.resource("click").getString("etag");

        assertThat(patch("{\"description\": \"new\"}", etag).statusCode()).isEqualTo(200);
        HttpResponse<String> second = patch("{\"description\": \"newer\"}", etag);

        assertThat(second.statusCode()).isEqualTo(412);
        assertThat(second.body()).contains("conditionNotMet");
        assertThat(patch("{\"descriptoin\": \"typo\"}", fake.resource("click").getString("etag"))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void anOutageCutsWhatHangs() throws Exception {
        create(EVENT_ID);
        fake.faults().rest(Faults.Rest.TABLE_PATCH, RestFault.HANG, 1);
        Thread outage = new Thread(() -> {
            while (fake.counters().restRequests() < 2) {
                Thread.onSpinWait();
            }
            fake.stopServers();
        });
        outage.start();

        assertThatThrownBy(() -> patch("{}", fake.resource("click").getString("etag")))
                .isInstanceOf(IOException.class);
        outage.join();
        fake.startServers();

        assertThat(client.getTable(CLICK)).isNotNull();
    }

    private HttpResponse<String> patch(String body, String etag) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(fake.restUrl() + "/projects/p/datasets/d/tables/click"))
                .header("If-Match", etag)
                .method("PATCH", BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    @Test
    void insertAllStoresEachInsertIdOnceAMinute() {
        create(EVENT_ID, TIMESTAMP);
        InsertAllRequest request = InsertAllRequest.newBuilder(CLICK)
                .addRow("id-a", Map.of("eventId", "a", "timestamp", "2026-11-23 18:01:08.243"))
                .addRow("id-b", Map.of("eventId", "b".repeat(1000)))
                .build();

        assertThat(client.insertAll(request).hasErrors()).isFalse();
        client.insertAll(request);
        assertThat(fake.rowCount("click")).isEqualTo(2);
        assertThat(fake.rows("click").get(0).get("timestamp"))
                .isEqualTo(LocalDateTime.of(2026, 11, 23, 18, 1, 8, 243_000_000));

        fake.forgetInsertIds("click");
        client.insertAll(request);
        assertThat(fake.rowCount("click")).isEqualTo(4);
        assertThat(fake.counters().insertAllRequests()).isEqualTo(3);
    }

    @Test
    void insertAllNamesInvalidRowsAndStopsTheOthers() {
        create(EVENT_ID, TIMESTAMP);
        InsertAllRequest.Builder request = InsertAllRequest.newBuilder(CLICK)
                .addRow("1", Map.of("eventId", "a"))
                .addRow("2", Map.of("eventId", "b", "hasUTMTag", true))
                .addRow("3", Map.of("timestamp", "2026-11-23T18:01:08.243Z"));

        InsertAllResponse stopped = client.insertAll(request.build());

        assertThat(stopped.getErrorsFor(0)).extracting(BigQueryError::getReason).containsExactly("stopped");
        BigQueryError invalid = stopped.getErrorsFor(1).get(0);
        assertThat(invalid.getReason()).isEqualTo("invalid");
        assertThat(invalid.getLocation()).isEqualTo("hasUTMTag");
        assertThat(invalid.getMessage()).isEqualTo("no such field: hasUTMTag.");
        assertThat(stopped.getErrorsFor(2)).extracting(BigQueryError::getReason).containsExactly("invalid");
        assertThat(fake.rowCount("click")).isZero();

        assertThat(client.insertAll(request.setSkipInvalidRows(true).build()).getInsertErrors())
                .containsOnlyKeys(1L, 2L);
        assertThat(fake.countsByEventId("click")).isEqualTo(Map.of("a", 1));
    }

    @Test
    void insertAllHasLimits() {
        create(EVENT_ID);
        InsertAllRequest.Builder rows = InsertAllRequest.newBuilder(CLICK);
        for (int i = 0; i <= 50_000; i++) {
            rows.addRow(Map.of());
        }
        InsertAllRequest large = InsertAllRequest.newBuilder(CLICK)
                .addRow(Map.of("eventId", "x".repeat(10 * 1024 * 1024)))
                .build();

        assertThatThrownBy(() -> client.insertAll(rows.build())).hasMessageContaining("too many rows present");
        assertThatThrownBy(() -> client.insertAll(large)).hasMessageContaining("payload size exceeds the limit");
        assertThat(fake.rowCount("click")).isZero();
    }

    @Test
    void requestsFailAsTheyAreTold() {
        create(EVENT_ID);
        InsertAllRequest insert = InsertAllRequest.newBuilder(CLICK)
                .addRow("1", Map.of("eventId", "a"))
                .build();
        fake.faults()
                .rest(Faults.Rest.TABLE_GET, RestFault.error(403, "rateLimitExceeded", "slowly"), 1)
                .rest(Faults.Rest.TABLE_GET, RestFault.BAD_GATEWAY, 1)
                .rest(
                        Faults.Rest.INSERT_ALL,
                        RestFault.error(503, "backendError", "later").afterDoing(),
                        1)
                .rest(Faults.Rest.TABLE_DELETE, RestFault.CLOSED, 10);

        assertRefused(403, "rateLimitExceeded", () -> client.getTable(CLICK));
        assertThatThrownBy(() -> client.getTable(CLICK)).isInstanceOf(BigQueryException.class);
        assertThat(client.getTable(CLICK)).isNotNull();
        assertRefused(503, "backendError", () -> client.insertAll(insert));
        assertThat(fake.rowCount("click")).isEqualTo(1);
        assertThatThrownBy(() -> client.delete(CLICK)).isInstanceOf(BigQueryException.class);
        assertThat(fake.hasTable("d", "click")).isTrue();
    }

    @Test
    void aNewTableAndANewColumnTakeTheirTime() throws Exception {
        fake.faults().newTablesInvisible(1).schemaLag(2);
        Table table = create(EVENT_ID);
        InsertAllRequest insert = InsertAllRequest.newBuilder(CLICK)
                .addRow("1", Map.of("eventId", "a"))
                .build();

        assertRefused(404, "notFound", () -> client.insertAll(insert));
        assertThat(client.insertAll(insert).hasErrors()).isFalse();

        table.toBuilder()
                .setDefinition(StandardTableDefinition.of(Schema.of(EVENT_ID, TIMESTAMP)))
                .build()
                .update();
        // The Storage Write API's side of it is in FakeBigQueryTest.
        assertThat(fake.columns("click")).hasSize(2);
    }
}
