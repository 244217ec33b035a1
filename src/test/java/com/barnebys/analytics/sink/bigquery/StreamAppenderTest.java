package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.barnebys.analytics.sink.bigquery.fake.AppendFacts;
import com.barnebys.analytics.sink.bigquery.fake.AppendFault;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StreamAppenderTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final TableShape CLICK = Shapes.whole("click");

    private final FakeBigQuery fake = FakeBigQuery.start();
    private final GoogleAccess access = TestAccess.to(fake, DeliveryMode.EXACTLY_ONCE);
    private final AppenderCounts counts = new AppenderCounts();
    private final List<Appender> open = new ArrayList<>();
    private String stream = "";

    @BeforeEach
    void makeTable() throws ServiceException {
        fake.createTrackTable("d", "click");
        stream = createStream("click");
    }

    @AfterEach
    void close() {
        open.forEach(Appender::close);
        waitUntil("all writers are closed", () -> counts.closing.get() == 0);
        fake.close();
    }

    private String createStream(String table) throws ServiceException {
        try (Streams streams = Streams.open(access.writeSettings(null))) {
            return streams.create(access.tablePath(table));
        }
    }

    private StreamAppender open() throws ServiceException {
        return open(CLICK, stream, LIMIT);
    }

    private StreamAppender open(TableShape shape, String to, Duration limit) throws ServiceException {
        StreamAppender appender = StreamAppender.open(
                shape,
                to,
                !to.endsWith("/_default"),
                access.writeSettings(to),
                "barnebys-analytics:test",
                limit,
                counts);
        open.add(appender);
        return appender;
    }

    private static AppendResult get(CompletableFuture<AppendResult> result) {
        return result.orTimeout(40, TimeUnit.SECONDS).join();
    }

    private static void assertFailed(AppendResult result, Failure failure) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.failure()).isEqualTo(failure));
    }

    static void waitUntil(String what, BooleanSupplier isSo) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!isSo.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void rowsAreStoredWithTheirValuesAtTheirOffsets() throws ServiceException {
        StreamAppender appender = open();

        CompletableFuture<AppendResult> first = appender.append(SampleRows.clicks(1, 3), 0);
        CompletableFuture<AppendResult> second = appender.append(SampleRows.clicks(4, 2), 3);

        assertThat(get(first)).isEqualTo(new Stored(0));
        assertThat(get(second)).isEqualTo(new Stored(3));
        assertThat(fake.rows("click"))
                .extracting(row -> row.get("programId"))
                .containsExactly("p1", "p2", "p3", "p4", "p5");
        assertThat(fake.rows("click").get(4))
                .contains(
                        entry("lead", false),
                        entry("url", "https://www.example.com/lots/1?utm_source=barnebys"),
                        entry("clientIP", "203.0.113.0"),
                        entry("dimension1", "d1"),
                        entry("dimension2", ""),
                        entry("dealType", null),
                        entry("timestamp", LocalDateTime.parse("2026-11-23T18:01:08.243")),
                        entry("hasUTMTag", true),
                        entry("source", null),
                        entry("hasFingerprint", true))
                .hasSize(TableSchema.TRACK.size())
                .hasEntrySatisfying("eventId", id -> assertThat(id.toString()).hasSize(36));
    }

    @Test
    void theCallIsRoutedAndSaysWhoseItIs() throws ServiceException {
        StreamAppender appender = open();

        assertThat(get(appender.append(SampleRows.clicks(1, 1), 0))).isEqualTo(new Stored(0));
        assertThat(get(appender.append(SampleRows.clicks(2, 1), 1))).isEqualTo(new Stored(1));

        AppendFacts sent = fake.appends().get(0);
        AppendFacts next = fake.appends().get(1);
        assertThat(sent.offset()).as("0 is said, too").isZero();
        assertThat(next.offset()).isEqualTo(1);
        assertThat(next.bytes()).as("without the schema").isLessThan(sent.bytes() - 200);
        assertThat(sent.requestParams()).isEqualTo("write_stream=" + URLEncoder.encode(stream, StandardCharsets.UTF_8));
        assertThat(sent.traceId()).endsWith(" barnebys-analytics:test");
        assertThat(sent.stream()).isEqualTo(stream);
    }

    @Test
    void theDefaultStreamHasNoOffsets() throws ServiceException {
        StreamAppender appender = open(CLICK, Streams.defaultStream(access.tablePath("click")), LIMIT);

        assertThat(get(appender.append(SampleRows.clicks(1, 2), 7))).isEqualTo(new Stored(-1));
        assertThat(get(appender.append(SampleRows.clicks(1, 2), 7))).isEqualTo(new Stored(-1));

        assertThat(fake.rowCount("click")).isEqualTo(4);
        assertThat(fake.appends()).extracting(AppendFacts::offset).containsOnly(-1L);
    }

    @Test
    void whatIsStoredIsNotStoredAgain() throws ServiceException {
        assertThat(get(open().append(SampleRows.clicks(1, 3), 0))).isEqualTo(new Stored(0));

        assertThat(get(open().append(SampleRows.clicks(1, 3), 0))).isEqualTo(new AlreadyExists(3));

        assertThat(fake.rowCount("click")).isEqualTo(3);
    }

    @Test
    void aGapIsRefused() throws ServiceException {
        assertFailed(get(open().append(SampleRows.clicks(1, 3), 5)), Failure.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void aTableOfOtherTypesGetsItsOwnRows() throws ServiceException {
        fake.createTable(
                "d",
                "view",
                "programId STRING",
                "lead STRING",
                "isSponsored INTEGER",
                "timestamp TIMESTAMP",
                "id STRING");
        Set<String> lacking = Set.of(
                "url",
                "clientIP",
                "userAgent",
                "dimension1",
                "dimension2",
                "dimension3",
                "dimension4",
                "dimension5",
                "dealType",
                "hasUTMTag",
                "source",
                "hasFingerprint",
                "eventId");
        TableShape shape = Shapes.shape(
                "view",
                lacking,
                Map.of(
                        "lead", TargetType.STRING,
                        "isSponsored", TargetType.INT64,
                        "timestamp", TargetType.TIMESTAMP));
        StreamAppender appender = open(shape, createStream("view"), LIMIT);

        assertThat(get(appender.append(SampleRows.batch(1, SampleRows.record("view", "house")), 0)))
                .isEqualTo(new Stored(0));

        assertThat(fake.rows("view").get(0))
                .containsOnly(
                        entry("programId", "house"),
                        entry("lead", "false"),
                        entry("isSponsored", 0L),
                        entry("timestamp", SampleRows.TIME),
                        entry("id", null));
        assertThat(counts.droppedValues.sum()).isPositive();
    }

    @Test
    void aValueThatIsLeftOutCountsOnceHoweverOftenItsRowIsSent() throws ServiceException {
        TableShape shape = Shapes.shape("click", Set.of("hasUTMTag"), Map.of());
        fake.faults().append(AppendFault.answer(Status.INTERNAL)).append(AppendFault.cut(Status.PERMISSION_DENIED));

        assertFailed(get(open(shape, stream, LIMIT).append(SampleRows.clicks(1, 3), 0)), Failure.CONNECTION);
        assertFailed(get(open(shape, stream, LIMIT).append(SampleRows.clicks(1, 3), 0)), Failure.PERMISSION_DENIED);
        assertThat(counts.droppedValues.sum()).isZero();

        assertThat(get(open(shape, stream, LIMIT).append(SampleRows.clicks(1, 3), 0)))
                .isEqualTo(new Stored(0));
        assertThat(counts.droppedValues.sum()).isEqualTo(3);
    }

    @Test
    void valuesOfRowsWhoseAnswerGotLostCountWhenTheyTurnOutToBeThere() throws ServiceException {
        TableShape shape = Shapes.shape("click", Set.of("hasUTMTag"), Map.of());
        fake.faults().append(AppendFault.cut(Status.PERMISSION_DENIED).afterStoring());

        assertFailed(get(open(shape, stream, LIMIT).append(SampleRows.clicks(1, 3), 0)), Failure.PERMISSION_DENIED);
        assertThat(get(open(shape, stream, LIMIT).append(SampleRows.clicks(1, 3), 0)))
                .isEqualTo(new AlreadyExists(3));

        assertThat(counts.droppedValues.sum()).isEqualTo(3);
    }

    @Test
    void onlyWhatIsSaidToBeStoredIsStored() throws ServiceException {
        fake.faults().append(AppendFault.WORDLESS);

        assertFailed(get(open().append(SampleRows.clicks(1, 3), 0)), Failure.CONNECTION);
    }

    @Test
    void refusedRowsCountWithoutAnErrorOfTheRequest() throws ServiceException {
        fake.faults().append(AppendFault.ROWS_ONLY);

        assertThat(get(open().append(SampleRows.clicks(1, 3), 0)))
                .isInstanceOfSatisfying(
                        RowsRefused.class,
                        refused -> assertThat(refused.errors()).containsOnlyKeys(0));
    }

    static Stream<Arguments> faults() {
        // spotless:off
        return Stream.of(
                arguments("internal error in an answer", faults(f -> f.append(AppendFault.answer(Status.INTERNAL))), Failure.CONNECTION),
                arguments("aborted in an answer", faults(f -> f.append(AppendFault.answer(Status.ABORTED))), Failure.CONNECTION),
                arguments("overloaded in an answer", faults(f -> f.append(AppendFault.answer(AppendFault.OVERLOADED))), Failure.CONNECTION),
                arguments("quota in an answer", faults(f -> f.append(AppendFault.answer(AppendFault.THROUGHPUT_QUOTA))), Failure.QUOTA),
                arguments("quota, ends the call", faults(f -> f.append(AppendFault.cut(AppendFault.THROUGHPUT_QUOTA))), Failure.QUOTA),
                arguments("forbidden, ends the call", faults(f -> f.append(AppendFault.cut(Status.PERMISSION_DENIED))), Failure.PERMISSION_DENIED),
                arguments("missing, as forbidden", faults(f -> f.permissionDenied(1)), Failure.PERMISSION_DENIED),
                arguments("unauthenticated", faults(f -> f.unauthenticated(1)), Failure.UNAUTHENTICATED),
                arguments("finalized", faults(f -> f.append(AppendFault.FINALIZED)), Failure.STREAM_FINALIZED),
                arguments("too large", faults(f -> f.requestBytesMax(300)), Failure.TOO_LARGE),
                arguments("a bad row, not named", faults(f -> f.refuseRequestsWith(row -> true)), Failure.INVALID),
                arguments("call not opened", faults(f -> f.call(Faults.Call.OPEN_APPEND, Status.NOT_FOUND, 1)), Failure.NOT_FOUND));
        // spotless:on
    }

    private static Consumer<Faults> faults(Consumer<Faults> faults) {
        return faults;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void eachFaultIsSorted(String name, Consumer<Faults> fault, Failure expected) throws ServiceException {
        fault.accept(fake.faults());

        assertFailed(get(open().append(SampleRows.clicks(1, 3), 0)), expected);

        fake.faults().clear();
        assertThat(fake.rowCount("click")).isZero();
    }

    /** Only an answer says of the rows that they are not stored. */
    @Test
    void theEndOfACallIsToldFromAnAnswer() throws ServiceException {
        fake.faults()
                .append(AppendFault.answer(Status.INVALID_ARGUMENT))
                .append(AppendFault.cut(Status.INVALID_ARGUMENT).afterStoring());
        StreamAppender appender = open();

        AppendResult answered = get(appender.append(SampleRows.clicks(1, 3), 0));
        AppendResult ended = get(appender.append(SampleRows.clicks(1, 3), 0));

        assertFailed(answered, Failure.INVALID);
        assertFailed(ended, Failure.INVALID);
        assertThat(((Failed) answered).endsCall()).isFalse();
        assertThat(((Failed) ended).endsCall()).isTrue();
        assertThat(fake.rowCount("click")).isEqualTo(3);
    }

    @Test
    void aConnectionLostBeforeStoringIsMadeAgain() throws ServiceException {
        fake.faults().append(AppendFault.cut(Status.UNAVAILABLE));

        assertThat(get(open().append(SampleRows.clicks(1, 3), 0))).isEqualTo(new Stored(0));
    }

    @Test
    void aConnectionLostAfterStoringStoresNothingTwice() throws ServiceException {
        fake.faults().append(AppendFault.cut(Status.ABORTED).afterStoring());

        assertThat(get(open().append(SampleRows.clicks(1, 3), 0))).isEqualTo(new AlreadyExists(3, true));

        assertThat(fake.rowCount("click")).isEqualTo(3);
    }

    @Test
    void aTableThatHasMoreColumnsByNowIsSeenInTheNextAnswer() throws ServiceException {
        fake.createTable("d", "view", "programId STRING");
        String views = createStream("view");
        Set<String> lacking = new HashSet<>(
                TableSchema.TRACK.columns().stream().map(Column::name).toList());
        lacking.remove("programId");
        StreamAppender narrow = open(Shapes.shape("view", lacking, Map.of()), views, LIMIT);
        assertThat(get(narrow.append(SampleRows.batch(1, SampleRows.record("view", "a")), 0)))
                .isEqualTo(new Stored(0));
        assertThat(narrow.isOutdated()).isFalse();

        TableShape whole = new Tables(new TableService(access), access.options()).prepare("view", TableSchema.TRACK);
        assertThat(get(narrow.append(SampleRows.batch(2, SampleRows.record("view", "b")), 1)))
                .isEqualTo(new Stored(1));

        assertThat(narrow.isOutdated()).isTrue();
        assertThat(whole.isNative()).isTrue();
    }

    /** The client takes the second one for the next request's. Here it must say so. */
    @Test
    void anAnswerThatComesTwiceIsSeenByItsPlace() throws ServiceException {
        fake.faults().ackDelay(Duration.ofSeconds(1)).append(AppendFault.ANSWERED_TWICE);
        StreamAppender appender = open();

        CompletableFuture<AppendResult> first = appender.append(SampleRows.clicks(1, 3), 0);
        CompletableFuture<AppendResult> second = appender.append(SampleRows.clicks(4, 2), 3);

        assertThat(get(first)).isEqualTo(new Stored(0));
        assertThat(get(second)).isNotEqualTo(new Stored(3));
    }

    @Test
    void theRequestsBehindAFailedOneFailToo() throws ServiceException {
        fake.faults().append(AppendFault.answer(Status.INTERNAL));
        StreamAppender appender = open();

        CompletableFuture<AppendResult> first = appender.append(SampleRows.clicks(1, 3), 0);
        CompletableFuture<AppendResult> second = appender.append(SampleRows.clicks(4, 3), 3);

        assertFailed(get(first), Failure.CONNECTION);
        assertFailed(get(second), Failure.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void aWriterThatHasEndedSaysSo() throws ServiceException {
        fake.faults().append(AppendFault.cut(Status.PERMISSION_DENIED));
        StreamAppender appender = open();
        assertFailed(get(appender.append(SampleRows.clicks(1, 3), 0)), Failure.PERMISSION_DENIED);

        assertFailed(get(appender.append(SampleRows.clicks(1, 3), 0)), Failure.CONNECTION);
    }

    @Test
    void refusedRowsAreNamed() throws ServiceException {
        fake.faults().refuseRows(row -> Set.of("p2", "p4").contains(row.get("programId")));

        AppendResult result = get(open().append(SampleRows.clicks(1, 5), 0));

        assertThat(result)
                .isInstanceOfSatisfying(
                        RowsRefused.class,
                        refused -> assertThat(refused.errors()).containsOnlyKeys(1, 3));
        assertThat(fake.rowCount("click")).isZero();
    }

    @Test
    void malformedRowsAreNamedWithoutBeingSent() throws ServiceException {
        TableShape shape = Shapes.shape("click", Set.of("source"), Map.of());
        byte[] good = SampleRows.record("click", "a");

        AppendResult result =
                get(open(shape, stream, LIMIT).append(SampleRows.batch(1, good, SampleRows.MALFORMED, good), 0));

        assertThat(result)
                .isInstanceOfSatisfying(
                        RowsRefused.class,
                        refused -> assertThat(refused.errors()).containsOnlyKeys(1));
        assertThat(fake.counters().appendRequests()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aColumnTheTableLacksIsSchema(boolean endsCall) throws ServiceException {
        fake.faults().schemaErrorsEndCall(endsCall);
        fake.createTable("d", "view", "programId STRING");

        assertFailed(
                get(open(Shapes.whole("view"), createStream("view"), LIMIT)
                        .append(SampleRows.batch(1, SampleRows.record("view", "house")), 0)),
                Failure.SCHEMA_UNKNOWN_FIELD);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aColumnOfAnotherTypeIsSchema(boolean endsCall) throws ServiceException {
        fake.faults().schemaErrorsEndCall(endsCall);
        fake.createTable("d", "view", "programId STRING", "lead STRING");
        Set<String> lacking = new HashSet<>();
        TableSchema.TRACK.columns().forEach(column -> lacking.add(column.name()));
        lacking.removeAll(Set.of("programId", "lead"));

        assertFailed(
                get(open(Shapes.shape("view", lacking, Map.of()), createStream("view"), LIMIT)
                        .append(SampleRows.batch(1, SampleRows.record("view", "house")), 0)),
                Failure.SCHEMA_TYPE);
    }

    @Test
    void aDroppedTableIsNotFound() throws ServiceException {
        fake.dropTable("d", "click");

        assertFailed(get(open().append(SampleRows.clicks(1, 1), 0)), Failure.NOT_FOUND);
    }

    @Test
    void aSilentServerIsWaitedForNoLongerThanTheLimit() throws ServiceException {
        fake.faults().append(AppendFault.SILENCE);
        StreamAppender appender = open(CLICK, stream, Duration.ofMillis(300));

        CompletableFuture<AppendResult> first = appender.append(SampleRows.clicks(1, 3), 0);
        CompletableFuture<AppendResult> second = appender.append(SampleRows.clicks(4, 3), 3);

        assertFailed(get(first), Failure.TIMEOUT);
        assertFailed(get(second), Failure.TIMEOUT);
    }

    @Test
    void closingDoesNotWaitForAStalledServer() throws ServiceException {
        fake.faults().append(AppendFault.SILENCE);
        StreamAppender appender = open();
        CompletableFuture<AppendResult> first = appender.append(SampleRows.clicks(1, 3), 0);
        CompletableFuture<AppendResult> second = appender.append(SampleRows.clicks(4, 3), 3);
        waitUntil("the request is there", () -> fake.counters().appendRequests() > 0);

        long start = System.nanoTime();
        appender.close();
        long nanos = System.nanoTime() - start;

        assertThat(Duration.ofNanos(nanos)).isLessThan(Duration.ofSeconds(5));
        assertFailed(get(first), Failure.CONNECTION);
        assertFailed(get(second), Failure.CONNECTION);
        waitUntil("the call has ended", () -> fake.counters().openCalls() == 0);
        waitUntil("the writer is closed, which alone takes 330 s", () -> counts.closing.get() == 0);
    }

    @Test
    void closingDoesNotWaitForAServerThatIsAway() throws ServiceException {
        StreamAppender appender = open();
        assertThat(get(appender.append(SampleRows.clicks(1, 3), 0))).isEqualTo(new Stored(0));
        fake.stopServers();
        CompletableFuture<AppendResult> result = appender.append(SampleRows.clicks(4, 3), 3);

        appender.close();

        assertFailed(get(result), Failure.CONNECTION);
        waitUntil("the writer is closed", () -> counts.closing.get() == 0);
    }

    @Test
    void closingLeavesNoThreads() throws ServiceException {
        fake.faults().append(AppendFault.SILENCE, 100);
        List<CompletableFuture<AppendResult>> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            results.add(open().append(SampleRows.clicks(1, 3), 0));
        }
        waitUntil("the requests are there", () -> fake.counters().appendRequests() == 10);
        int threads = Thread.activeCount();

        open.forEach(Appender::close);

        assertThat(results).allSatisfy(result -> assertFailed(get(result), Failure.CONNECTION));
        waitUntil("the writers are closed", () -> counts.closing.get() == 0);
        // At least the thread that sends and the one for callbacks, of each.
        waitUntil("the threads are gone", () -> Thread.activeCount() <= threads - 20);
    }

    @Test
    void nothingIsSentAfterClosing() throws ServiceException {
        fake.faults().append(AppendFault.SILENCE);
        StreamAppender appender = open();
        CompletableFuture<AppendResult> unused = appender.append(SampleRows.clicks(1, 3), 0);
        waitUntil("the request is there", () -> fake.counters().appendRequests() > 0);

        appender.close();
        assertFailed(get(appender.append(SampleRows.clicks(4, 3), 3)), Failure.CONNECTION);
        waitUntil("the writer is closed", () -> counts.closing.get() == 0);

        assertThat(fake.counters().appendRequests()).as("not even a resend").isEqualTo(1);
        assertThat(fake.rowCount("click")).isZero();
    }

    @Test
    void appendDoesNotBlockWhereNobodyReads() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + deaf.getLocalPort();
            GoogleAccess nowhere = TestAccess.to("http://" + address, address, DeliveryMode.EXACTLY_ONCE);
            StreamAppender appender = StreamAppender.open(
                    CLICK, stream, true, nowhere.writeSettings(stream), "a:b", Duration.ofSeconds(5), counts);
            open.add(appender);
            RowBatch large = SampleRows.clicks(1, 26_000);
            List<CompletableFuture<AppendResult>> results = new ArrayList<>();

            for (int i = 0; i < 4; i++) {
                results.add(appender.append(large, i * 26_000L));
            }

            assertThat(large.size()).isGreaterThan(4_000_000);
            assertThat(results)
                    .as("what was waited for would be given up by now")
                    .noneMatch(CompletableFuture::isDone);
            assertThat(results).allSatisfy(result -> assertFailed(get(result), Failure.TIMEOUT));
        }
    }

    @Test
    void beyondItsLimitsItRefusesInsteadOfBlocking() throws ServiceException {
        fake.faults().append(AppendFault.SILENCE);
        StreamAppender appender = open();
        List<CompletableFuture<AppendResult>> results = new ArrayList<>();

        for (int i = 0; i < 70; i++) {
            results.add(appender.append(SampleRows.clicks(i + 1, 1), i));
        }

        assertFailed(get(results.get(69)), Failure.CONNECTION);
        assertThat(results.get(0)).isNotDone();
    }

    @Test
    void aStreamThatIsGoneIsNotFound() throws ServiceException {
        assertFailed(
                get(open(CLICK, access.tablePath("click") + "/streams/gone", LIMIT)
                        .append(SampleRows.clicks(1, 1), 0)),
                Failure.NOT_FOUND);
    }
}
