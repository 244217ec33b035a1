package com.barnebys.analytics.sink.bigquery.fake;

import static com.barnebys.analytics.sink.bigquery.fake.Writers.append;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.core.ApiFuture;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.FixedHeaderProvider;
import com.google.api.gax.rpc.StatusCode;
import com.google.cloud.bigquery.storage.v1.AppendRowsResponse;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteClient;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteSettings;
import com.google.cloud.bigquery.storage.v1.CreateWriteStreamRequest;
import com.google.cloud.bigquery.storage.v1.Exceptions;
import com.google.cloud.bigquery.storage.v1.GetWriteStreamRequest;
import com.google.cloud.bigquery.storage.v1.ProtoRows;
import com.google.cloud.bigquery.storage.v1.ProtoSchema;
import com.google.cloud.bigquery.storage.v1.StreamWriter;
import com.google.cloud.bigquery.storage.v1.TableName;
import com.google.cloud.bigquery.storage.v1.WriteStream;
import com.google.cloud.bigquery.storage.v1.WriteStreamView;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Storage Write API of the fake, asked by the genuine client. */
@Timeout(60)
class FakeBigQueryTest {
    private static final String TABLE = TableName.of("p", "d", "click").toString();

    /** 2026-11-23 18:01:08.243 */
    private static final long PACKED =
            ((2026L << 26 | 11L << 22 | 23L << 17 | 18L << 12 | 1L << 6 | 8L) << 20) | 243_000L;

    /** It tells of every connection; held here since a logger nobody holds forgets its level. */
    private static final Logger CLIENT_LOG = Logger.getLogger("com.google.cloud.bigquery.storage");

    static {
        CLIENT_LOG.setLevel(Level.OFF);
    }

    private final FakeBigQuery fake = FakeBigQuery.start();
    private final List<StreamWriter> writers = new ArrayList<>();
    private BigQueryWriteClient client;

    @BeforeEach
    void connect() throws IOException {
        fake.createTable("d", "click", "eventId STRING", "lead BOOLEAN", "timestamp DATETIME");
        client = BigQueryWriteClient.create(BigQueryWriteSettings.newBuilder()
                .setCredentialsProvider(NoCredentialsProvider.create())
                .setHeaderProvider(FixedHeaderProvider.create("x-goog-request-params", "write_stream=s"))
                .setTransportChannelProvider(InstantiatingGrpcChannelProvider.newBuilder()
                        .setEndpoint(fake.grpcAddress())
                        .setChannelConfigurator(ManagedChannelBuilder::usePlaintext)
                        .build())
                .build());
    }

    /** A writer whose call is stalled takes minutes to close: not the test's. */
    @AfterEach
    void disconnect() {
        fake.close();
        Thread closer = new Thread(() -> {
            writers.forEach(StreamWriter::close);
            client.close();
        });
        closer.setDaemon(true);
        closer.start();
    }

    private String createStream() {
        return client.createWriteStream(CreateWriteStreamRequest.newBuilder()
                        .setParent(TABLE)
                        .setWriteStream(WriteStream.newBuilder().setType(WriteStream.Type.COMMITTED))
                        .build())
                .getName();
    }

    private StreamWriter writer(String stream) throws IOException {
        return writer(stream, schema("eventId", "lead", "timestamp"));
    }

    private StreamWriter writer(String stream, DescriptorProto schema) throws IOException {
        ProtoSchema writerSchema =
                ProtoSchema.newBuilder().setProtoDescriptor(schema).build();
        StreamWriter writer = Writers.withSchema(StreamWriter.newBuilder(stream, client), writerSchema)
                .setTraceId("test:1")
                .setMaxRetryDuration(Duration.ofSeconds(20))
                .build();
        writers.add(writer);
        return writer;
    }

    /** Strings, but for the lead and the timestamp. */
    private static DescriptorProto schema(String... names) {
        DescriptorProto.Builder schema = DescriptorProto.newBuilder().setName("Row");
        for (String name : names) {
            schema.addFieldBuilder()
                    .setName(name)
                    .setNumber(schema.getFieldCount())
                    .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                    .setType(
                            switch (name) {
                                case "lead" -> FieldDescriptorProto.Type.TYPE_BOOL;
                                case "timestamp" -> FieldDescriptorProto.Type.TYPE_INT64;
                                default -> FieldDescriptorProto.Type.TYPE_STRING;
                            });
        }
        return schema.build();
    }

    private static ByteString row(byte[] eventId, long timestamp) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeByteArray(1, eventId);
        out.writeBool(2, false);
        out.writeInt64(3, timestamp);
        out.flush();
        return ByteString.copyFrom(bytes.toByteArray());
    }

    private static ProtoRows rows(String... eventIds) throws IOException {
        ProtoRows.Builder rows = ProtoRows.newBuilder();
        for (String eventId : eventIds) {
            rows.addSerializedRows(row(eventId.getBytes(UTF_8), PACKED));
        }
        return rows.build();
    }

    private static AppendRowsResponse get(ApiFuture<AppendRowsResponse> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(ApiFuture<AppendRowsResponse> future) throws Exception {
        try {
            throw new AssertionError(get(future));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void rowsAreStoredAtTheirOffsetsWithTheirValues() throws Exception {
        String stream = createStream();
        StreamWriter writer = writer(stream);

        assertThat(get(append(writer, rows("a", "b"), 0))
                        .getAppendResult()
                        .getOffset()
                        .getValue())
                .isZero();
        assertThat(get(append(writer, rows("c"), 2))
                        .getAppendResult()
                        .getOffset()
                        .getValue())
                .isEqualTo(2);

        assertThat(fake.rows("click").get(0))
                .isEqualTo(Map.of(
                        "eventId",
                        "a",
                        "lead",
                        false,
                        "timestamp",
                        LocalDateTime.of(2026, 11, 23, 18, 1, 8, 243_000_000)));
        assertThat(fake.countsByEventId("d.click")).isEqualTo(Map.of("a", 1, "b", 1, "c", 1));
        assertThat(fake.streams()).containsExactly(new StreamFacts(stream, "d.click", 3, false));
        assertThat(fake.appends()).extracting(AppendFacts::offset).containsExactly(0L, 2L);
        assertThat(fake.appends().get(1).traceId()).contains("test:1");
        assertThat(fake.appends().get(1).requestParams()).contains("write_stream=");
        assertThat(fake.counters().openCalls()).isEqualTo(1);
    }

    @Test
    void anOffsetThatIsTakenSaysWhichIsNext() throws Exception {
        StreamWriter writer = writer(createStream());
        get(append(writer, rows("a", "b", "c"), 0));

        Exceptions.OffsetAlreadyExists taken =
                (Exceptions.OffsetAlreadyExists) failure(append(writer, rows("a", "b"), 1));

        assertThat(taken.getExpectedOffset()).isEqualTo(3);
        assertThat(taken.getActualOffset()).isEqualTo(1);
        assertThat(taken.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
        assertThat(fake.rowCount("click")).isEqualTo(3);
    }

    @Test
    void anOffsetBeyondTheEndIsOutOfRangeAndTheCallGoesOn() throws Exception {
        StreamWriter writer = writer(createStream());

        Exceptions.OffsetOutOfRange beyond = (Exceptions.OffsetOutOfRange) failure(append(writer, rows("a"), 5));

        assertThat(beyond.getExpectedOffset()).isZero();
        assertThat(beyond.getActualOffset()).isEqualTo(5);
        get(append(writer, rows("a"), 0));
    }

    @Test
    void badRowsAreNamedAndNothingIsStored() throws Exception {
        StreamWriter writer = writer(createStream());
        ProtoRows rows = ProtoRows.newBuilder()
                .addSerializedRows(row("fine".getBytes(UTF_8), PACKED))
                .addSerializedRows(row(new byte[] {(byte) 0xC3, 0x28}, PACKED))
                .addSerializedRows(row("no such day".getBytes(UTF_8), PACKED | 31L << 37))
                .addSerializedRows(
                        row("unknown".getBytes(UTF_8), PACKED).concat(ByteString.copyFrom(new byte[] {0x48, 1})))
                .build();

        Exceptions.AppendSerializationError error =
                (Exceptions.AppendSerializationError) failure(append(writer, rows, 0));

        assertThat(error.getRowIndexToErrorMessage()).containsOnlyKeys(1, 2, 3);
        assertThat(fake.rowCount("click")).isZero();
    }

    @Test
    void rowsTheTestRefusesAreNamedAsFarAsItSays() throws Exception {
        StreamWriter writer = writer(createStream());
        fake.faults().refuseRows(row -> String.valueOf(row.get("eventId")).startsWith("bad"), 1);

        Exceptions.AppendSerializationError error =
                (Exceptions.AppendSerializationError) failure(append(writer, rows("good", "bad1", "bad2"), 0));
        assertThat(error.getRowIndexToErrorMessage()).containsOnlyKeys(1);

        fake.faults().acceptRows().refuseRequestsWith(row -> "bad1".equals(row.get("eventId")));
        Throwable spoiled = failure(append(writer, rows("good", "bad1", "bad2"), 0));
        assertThat(Status.fromThrowable(spoiled).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(spoiled).isNotInstanceOf(Exceptions.AppendSerializationError.class);
    }

    @Test
    void bytesThatAreNoMessageSpoilTheRequest() throws Exception {
        StreamWriter writer = writer(createStream());
        ProtoRows rows = ProtoRows.newBuilder()
                .addSerializedRows(ByteString.copyFrom(new byte[] {0x0A, 100}))
                .build();

        assertThat(Status.fromThrowable(failure(append(writer, rows, 0))).getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aFinalizedStreamKeepsItsCountAndTakesNoMore() throws Exception {
        String stream = createStream();
        StreamWriter writer = writer(stream);
        get(append(writer, rows("a", "b"), 0));

        assertThat(client.finalizeWriteStream(stream).getRowCount()).isEqualTo(2);
        assertThat(client.finalizeWriteStream(stream).getRowCount()).isEqualTo(2);

        assertThat(failure(append(writer, rows("c"), 2))).isInstanceOf(Exceptions.StreamFinalizedException.class);
    }

    @Test
    void streamsAndTablesThatAreNotThereAreNotFound() throws Exception {
        String stream = createStream();
        fake.forgetStreams("click");

        assertThat(failure(append(writer(stream), rows("a"), 0))).isInstanceOf(Exceptions.StreamNotFound.class);
        assertThatThrownBy(() -> client.finalizeWriteStream(stream)).isInstanceOf(ApiException.class);

        fake.dropTable("d", "click");
        assertThatThrownBy(this::createStream)
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.getStatusCode().getCode()).isEqualTo(StatusCode.Code.NOT_FOUND));
        fake.faults().missingTablesLookForbidden(true);
        assertThatThrownBy(this::createStream).hasMessageContaining("(or it may not exist)");
    }

    @Test
    void theDefaultStreamTakesNoOffset() throws Exception {
        StreamWriter writer = writer(TABLE + "/streams/_default");

        assertThat(get(append(writer, rows("a"))).getAppendResult().hasOffset()).isFalse();
        assertThat(Status.fromThrowable(failure(append(writer, rows("b"), 1))).getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(fake.rowCount("click")).isEqualTo(1);
    }

    @Test
    void aWriterMustFitTheTable() throws Exception {
        String stream = createStream();
        DescriptorProto.Builder wrongType = schema("eventId", "lead").toBuilder();
        wrongType.getFieldBuilder(1).setType(FieldDescriptorProto.Type.TYPE_STRING);

        assertThat(failure(append(writer(stream, schema("EVENTID", "other")), rows("a"), 0)))
                .isInstanceOf(Exceptions.SchemaMismatchedException.class);
        assertThat(failure(append(writer(stream, wrongType.build()), rows("a"), 0)))
                .hasMessageContaining("The proto field mismatched with BigQuery field at Row.lead, the proto field type"
                        + " string, BigQuery field type BOOLEAN");
        fake.faults().schemaErrorsEndCall(true);
        assertThat(failure(append(writer(stream, schema("EVENTID", "other")), rows("a"), 0)))
                .isInstanceOf(Exceptions.SchemaMismatchedException.class);
    }

    @Test
    void aNewColumnIsKnownAfterAWhileAndToNewCallsOnly() throws Exception {
        String stream = createStream();
        StreamWriter old = writer(stream);
        get(append(old, rows("a"), 0));
        fake.faults().schemaLag(1);
        addColumn("source");

        assertThat(failure(append(writer(stream, schema("source")), rows("a"), 1)))
                .isInstanceOf(Exceptions.SchemaMismatchedException.class);
        get(append(writer(stream, schema("source")), only("site"), 1));

        assertThat(fake.rows("click").get(1).get("source")).isEqualTo("site");
        assertThat(get(append(old, rows("c"), 2)).getUpdatedSchema().getFieldsCount())
                .isEqualTo(4);
    }

    private static ProtoRows only(String firstField) {
        ByteString text = ByteString.copyFromUtf8(firstField);
        return ProtoRows.newBuilder()
                .addSerializedRows(ByteString.copyFrom(new byte[] {0x0A, (byte) text.size()})
                        .concat(text))
                .build();
    }

    private void addColumn(String name) throws IOException, InterruptedException {
        JsonObject schema = fake.resource("click").getJsonObject("schema");
        schema.getJsonArray("fields").add(new JsonObject().put("name", name).put("type", "STRING"));
        HttpRequest patch = HttpRequest.newBuilder(URI.create(fake.restUrl() + "/projects/p/datasets/d/tables/click"))
                .method(
                        "PATCH",
                        BodyPublishers.ofString(
                                new JsonObject().put("schema", schema).encode()))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(patch, BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aRequestCanBeTooLarge() throws Exception {
        fake.faults().requestBytesMax(200);

        Throwable failure = failure(append(writer(createStream()), rows("x".repeat(200)), 0));

        assertThat(failure)
                .hasMessageContaining("AppendRows request too large: ")
                .hasMessageContaining(" limit 200");
    }

    @Test
    void aFullViewShowsTheSchema() {
        GetWriteStreamRequest.Builder request =
                GetWriteStreamRequest.newBuilder().setName(TABLE + "/_default");

        assertThat(client.getWriteStream(request.build()).hasTableSchema()).isFalse();
        assertThat(client.getWriteStream(request.setView(WriteStreamView.FULL).build())
                        .getTableSchema()
                        .getFieldsList())
                .extracting(field -> field.getName() + " " + field.getType())
                .containsExactly("eventId STRING", "lead BOOL", "timestamp DATETIME");
    }

    @Test
    void aCutAfterStoringIsFoundOutByTheOffset() throws Exception {
        StreamWriter writer = writer(createStream());
        fake.faults()
                .append(AppendFault.NONE)
                .append(AppendFault.cut(Status.UNAVAILABLE).afterStoring());
        get(append(writer, rows("a"), 0));

        // The client connects again and sends again by itself.
        assertThat(failure(append(writer, rows("b"), 1))).isInstanceOf(Exceptions.OffsetAlreadyExists.class);

        assertThat(fake.countsByEventId("click")).isEqualTo(Map.of("a", 1, "b", 1));
        assertThat(fake.counters().appendCalls()).isEqualTo(2);
        assertThat(fake.counters().appendRequests()).isEqualTo(3);
    }

    @Test
    void faultsComeInTheirOrderAndForTheirTable() throws Exception {
        StreamWriter writer = writer(createStream());
        fake.faults()
                .append("other", AppendFault.answer(Status.ABORTED), 1)
                .append("click", AppendFault.answer(AppendFault.THROUGHPUT_QUOTA), 1)
                .append(AppendFault.answer(Status.INTERNAL.withDescription("lost"))
                        .afterStoring());

        assertThat(failure(append(writer, rows("a"), 0))).hasMessageContaining("AppendRows throughput");
        assertThat(failure(append(writer, rows("a"), 0))).hasMessageContaining("lost");
        assertThat(failure(append(writer, rows("a"), 0))).isInstanceOf(Exceptions.OffsetAlreadyExists.class);
    }

    @Test
    void silenceIsNoAnswerUntilTheCallIsCut() throws Exception {
        StreamWriter writer = writer(createStream());
        fake.faults().append(AppendFault.SILENCE);

        ApiFuture<AppendRowsResponse> append = append(writer, rows("a"), 0);
        while (fake.counters().appendRequests() == 0) {
            Thread.onSpinWait();
        }
        assertThat(append.isDone()).isFalse();
        fake.cutCalls(Status.UNAVAILABLE);

        assertThat(get(append).getAppendResult().getOffset().getValue()).isZero();
    }

    @Test
    void answersKeepTheirOrderWhenOneIsLate() throws Exception {
        StreamWriter writer = writer(createStream());
        fake.faults().append(AppendFault.late(Duration.ofMillis(100))).ackDelay(Duration.ofMillis(1));

        ApiFuture<AppendRowsResponse> first = append(writer, rows("a"), 0);
        ApiFuture<AppendRowsResponse> second = append(writer, rows("b"), 1);

        assertThat(get(second).getAppendResult().getOffset().getValue()).isEqualTo(1);
        assertThat(get(first).getAppendResult().getOffset().getValue()).isZero();
    }

    @Test
    void callsFailAsOftenAsTheyAreTold() {
        fake.faults().createStreamQuota(1).permissionDenied(1);

        // After the first the client tries again by itself.
        assertThatThrownBy(this::createStream).hasMessageContaining("(or it may not exist)");
        createStream();

        assertThat(fake.counters().createStreamCalls()).isEqualTo(3);
    }

    @Test
    void whatWasStoredOutlivesAnOutage() throws Exception {
        String address = fake.grpcAddress();
        String stream = createStream();
        StreamWriter writer = writer(stream);
        get(append(writer, rows("a"), 0));

        fake.stopServers();
        ApiFuture<AppendRowsResponse> during = append(writer, rows("b"), 1);
        fake.startServers();

        assertThat(fake.grpcAddress()).isEqualTo(address);
        assertThat(get(during).getAppendResult().getOffset().getValue()).isEqualTo(1);
        assertThat(fake.streams("click")).containsExactly(new StreamFacts(stream, "d.click", 2, false));
    }

    @Test
    void randomFaultsLoseAndDoubleNothingWhereOffsetsAreKept() throws Exception {
        fake.faults().random(new RandomFaults(1, 300));
        String stream = createStream();
        StreamWriter writer = writer(stream);
        int stored = 0;
        for (int offset = 0; offset < 60; ) {
            try {
                get(append(writer, rows("e" + stored), offset));
                offset++;
                stored++;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Exceptions.OffsetAlreadyExists) {
                    offset++;
                    stored++;
                } else if (e.getCause() instanceof Exceptions.StreamFinalizedException) {
                    stored += (int) client.finalizeWriteStream(stream).getRowCount() - offset;
                    offset = 0;
                    stream = createStream();
                    writer = writer(stream);
                } else if (e.getCause() instanceof StatusRuntimeException) {
                    writer = writer(stream);
                } else {
                    throw e;
                }
            }
        }
        Map<String, Integer> counts = fake.countsByEventId("click");
        assertThat(counts).hasSize(stored);
        assertThat(counts.values()).containsOnly(1);
    }
}
