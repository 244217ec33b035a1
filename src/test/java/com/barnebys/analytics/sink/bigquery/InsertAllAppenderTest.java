package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults.Rest;
import com.barnebys.analytics.sink.bigquery.fake.RestFault;
import com.google.cloud.bigquery.TableId;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class InsertAllAppenderTest {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private final FakeBigQuery fake = FakeBigQuery.start();
    private final GoogleAccess access = TestAccess.to(fake, DeliveryMode.INSERT_ALL);
    private final AppenderCounts counts = new AppenderCounts();
    private final List<Appender> open = new ArrayList<>();

    @BeforeEach
    void makeTable() {
        fake.createTrackTable("d", "click");
    }

    @AfterEach
    void close() {
        open.forEach(Appender::close);
        fake.close();
    }

    private InsertAllAppender open() throws ServiceException {
        return open(Shapes.whole("click"), LIMIT);
    }

    private InsertAllAppender open(TableShape shape, Duration limit) throws ServiceException {
        InsertAllAppender appender =
                new InsertAllAppender(access.rest(), TableId.of("p", "d", shape.table()), shape, limit, counts);
        open.add(appender);
        return appender;
    }

    private static AppendResult get(CompletableFuture<AppendResult> result) {
        return result.orTimeout(50, TimeUnit.SECONDS).join();
    }

    private static void assertFailed(AppendResult result, Failure failure) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.failure()).isEqualTo(failure));
    }

    @Test
    void rowsAreStoredWithTheirValues() throws ServiceException {
        assertThat(get(open().append(SampleRows.clicks(1, 3), 17))).isEqualTo(new Stored(-1));

        assertThat(fake.rows("click")).extracting(row -> row.get("programId")).containsExactly("p1", "p2", "p3");
        assertThat(fake.rows("click").get(0))
                .contains(
                        entry("lead", false),
                        entry("dimension2", ""),
                        entry("dealType", null),
                        entry("timestamp", LocalDateTime.parse("2026-11-23T18:01:08.243")),
                        entry("hasFingerprint", true))
                .hasSize(TableSchema.TRACK.size());
    }

    @Test
    void theSameRowsAreStoredOnce() throws ServiceException {
        RowBatch batch = SampleRows.clicks(1, 3);
        InsertAllAppender appender = open();

        assertThat(get(appender.append(batch, 0))).isEqualTo(new Stored(-1));
        assertThat(get(appender.append(batch, 0))).isEqualTo(new Stored(-1));

        assertThat(fake.countsByEventId("click")).hasSize(3).values().containsOnly(1);
    }

    @Test
    void aLostAnswerStoresNothingTwice() throws ServiceException {
        fake.faults().rest(Rest.INSERT_ALL, RestFault.CLOSED.afterDoing(), 1);

        AppendResult result = get(open().append(SampleRows.clicks(1, 3), 0));

        assertThat(result).isIn(new Stored(-1)); // The client comes again by itself.
        assertThat(fake.rowCount("click")).isEqualTo(3);
    }

    @Test
    void aTableOfOtherTypesGetsItsOwnRows() throws ServiceException {
        fake.createTable("d", "view", "lead STRING", "isSponsored INTEGER", "timestamp TIMESTAMP");
        TableShape shape = Shapes.shape(
                "view",
                allBut("lead", "isSponsored", "timestamp"),
                Map.of(
                        "lead", TargetType.STRING,
                        "isSponsored", TargetType.INT64,
                        "timestamp", TargetType.TIMESTAMP));

        assertThat(get(open(shape, LIMIT).append(SampleRows.batch(1, SampleRows.record("view", "house")), 0)))
                .isEqualTo(new Stored(-1));

        assertThat(fake.rows("view").get(0))
                .containsOnly(entry("lead", "false"), entry("isSponsored", 0L), entry("timestamp", SampleRows.TIME));
        assertThat(counts.droppedValues.sum()).isPositive();
    }

    @Test
    void aValueThatIsLeftOutCountsOnceHoweverOftenItsRowIsSent() throws ServiceException {
        TableShape shape = Shapes.shape("click", Set.of("hasUTMTag"), Map.of());
        fake.faults().rest(Rest.INSERT_ALL, RestFault.FORBIDDEN, 1);

        assertFailed(get(open(shape, LIMIT).append(SampleRows.clicks(1, 3), 0)), Failure.PERMISSION_DENIED);
        assertThat(counts.droppedValues.sum()).isZero();
        assertThat(get(open(shape, LIMIT).append(SampleRows.clicks(1, 3), 0))).isEqualTo(new Stored(-1));

        assertThat(counts.droppedValues.sum()).isEqualTo(3);
    }

    @Test
    void onlyTheInvalidRowsAreNamed() throws ServiceException {
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
        byte[] good = SampleRows.record("click", "a");

        AppendResult result = get(open().append(SampleRows.batch(1, good, SampleRows.MALFORMED, good), 0));

        assertThat(result)
                .isInstanceOfSatisfying(
                        RowsRefused.class,
                        refused -> assertThat(refused.errors()).containsOnlyKeys(1));
        assertThat(fake.counters().insertAllRequests()).isZero();
    }

    @Test
    void aColumnThatIsNotThereIsNoRowsFault() throws ServiceException {
        fake.createTable("d", "view", "programId STRING");

        assertFailed(
                get(open(Shapes.whole("view"), LIMIT)
                        .append(SampleRows.batch(1, SampleRows.record("view", "house")), 0)),
                Failure.SCHEMA_UNKNOWN_FIELD);
    }

    @Test
    void aColumnOfAnotherTypeIsNoRowsFault() throws ServiceException {
        fake.createTable("d", "view", "programId INTEGER");

        assertFailed(
                get(open(Shapes.shape("view", allBut("programId"), Map.of()), LIMIT)
                        .append(SampleRows.batch(1, SampleRows.record("view", "house")), 0)),
                Failure.SCHEMA_TYPE);
    }

    /** Somebody has put another table in its place: no row of ours has such a value. */
    @Test
    void aColumnThatNoRowHasAndEachMustIsNoRowsFault() throws ServiceException {
        fake.createTable("d", "view", "programId STRING", "tenant STRING REQUIRED");

        assertFailed(
                get(open(Shapes.shape("view", allBut("programId"), Map.of()), LIMIT)
                        .append(SampleRows.batch(1, SampleRows.record("view", "house")), 0)),
                Failure.SCHEMA_TYPE);
    }

    private static Set<String> allBut(String... columns) {
        Set<String> names = new HashSet<>();
        TableSchema.TRACK.columns().forEach(column -> names.add(column.name()));
        names.removeAll(Set.of(columns));
        return names;
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                arguments(RestFault.FORBIDDEN, Failure.PERMISSION_DENIED),
                arguments(RestFault.UNAUTHORIZED, Failure.UNAUTHENTICATED),
                arguments(RestFault.error(403, "quotaExceeded", "Quota exceeded"), Failure.QUOTA),
                arguments(RestFault.error(404, "notFound", "Not found: Table p:d.click"), Failure.NOT_FOUND),
                arguments(RestFault.error(413, "uploadTooLarge", "Request too large"), Failure.TOO_LARGE),
                arguments(
                        RestFault.error(400, "invalid", "too many rows present in the request, limit: 50000"),
                        Failure.TOO_LARGE),
                arguments(
                        RestFault.error(400, "badRequest", "Request payload size exceeds the limit: 10485760 bytes."),
                        Failure.TOO_LARGE),
                arguments(RestFault.error(400, "invalid", "Bad request"), Failure.INVALID));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void eachFaultIsSorted(RestFault fault, Failure expected) throws ServiceException {
        fake.faults().rest(Rest.INSERT_ALL, fault, 100);

        assertFailed(get(open().append(SampleRows.clicks(1, 3), 0)), expected);

        assertThat(fake.rowCount("click")).isZero();
    }

    @Test
    void aSilentServerIsWaitedForNoLongerThanTheLimit() throws ServiceException {
        fake.faults().rest(Rest.INSERT_ALL, RestFault.HANG, 1);

        assertFailed(
                get(open(Shapes.whole("click"), Duration.ofMillis(300)).append(SampleRows.clicks(1, 3), 0)),
                Failure.TIMEOUT);
    }

    @Test
    void fourRequestsAreUnderWayAndFourWait() throws ServiceException {
        fake.faults().rest(Rest.INSERT_ALL, RestFault.HANG, 100);
        InsertAllAppender appender = open();
        List<CompletableFuture<AppendResult>> results = new ArrayList<>();

        for (int i = 0; i < 9; i++) {
            results.add(appender.append(SampleRows.clicks(i + 1, 1), 0));
        }

        assertFailed(get(results.get(8)), Failure.CONNECTION);
        StreamAppenderTest.waitUntil("four are there", () -> fake.counters().insertAllRequests() == 4);
        assertThat(results.subList(0, 8)).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void closingSettlesWhatIsOpen() throws ServiceException {
        fake.faults().rest(Rest.INSERT_ALL, RestFault.HANG, 100);
        InsertAllAppender appender = open();
        CompletableFuture<AppendResult> result = appender.append(SampleRows.clicks(1, 1), 0);

        appender.close();

        assertFailed(get(result), Failure.CONNECTION);
        assertFailed(get(appender.append(SampleRows.clicks(1, 1), 0)), Failure.CONNECTION);
    }
}
