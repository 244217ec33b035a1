package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.Emulator;
import com.barnebys.analytics.sink.bigquery.PreparedTable.Change;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults.Rest;
import com.barnebys.analytics.sink.bigquery.fake.RestFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Against the fake, through Google's client. */
class TablesTest {
    private static final RestFault CHANGED = RestFault.error(412, "conditionNotMet", "Precondition check failed.");

    private static final List<String> OWN = TableSchema.TRACK.columns().stream()
            .map(column -> column.name() + " " + SchemaMerge.field(column).getType())
            .toList();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private FakeBigQuery bigQuery;

    @BeforeEach
    void start() {
        bigQuery = FakeBigQuery.start();
        log.start();
        ((Logger) LoggerFactory.getLogger(Tables.class)).addAppender(log);
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger(Tables.class)).detachAppender(log);
        bigQuery.close();
    }

    @Test
    void aMissingTableIsMadeWithAllColumnsByDayAndProgram() throws Exception {
        bigQuery.createDataset("d");

        PreparedTable made = tables().ensure("click", TableSchema.TRACK);

        assertThat(made.change()).isEqualTo(Change.CREATED);
        assertThat(made.shape().isNative()).isTrue();
        assertThat(bigQuery.columns("click")).isEqualTo(OWN);
        assertThat(bigQuery.resource("click").getJsonObject("timePartitioning").encode())
                .isEqualTo("{\"field\":\"timestamp\",\"type\":\"DAY\"}");
        assertThat(bigQuery.resource("click").getJsonObject("clustering").encode())
                .isEqualTo("{\"fields\":[\"programId\"]}");
        assertThat(tables().ensure("click", TableSchema.TRACK).change()).isEqualTo(Change.NONE);
    }

    @Test
    void partitionsAreLeftOutWhereNotWanted() throws Exception {
        bigQuery.createDataset("d");

        TableShape shape = tables(false, false).prepare("click", TableSchema.TRACK);

        assertThat(shape.isNative()).isTrue();
        assertThat(bigQuery.resource("click").fieldNames()).doesNotContain("timePartitioning", "clustering");
    }

    @Test
    void aMissingDatasetIsNamedAndNotMade() {
        ServiceException e = failure(() -> tables().prepare("click", TableSchema.TRACK));

        assertThat(e.failure()).isEqualTo(Failure.DATASET_MISSING);
        assertThat(e).hasMessageContainingAll("dataset d", "BIGQUERY_CREATE_DATASET=true", "Not found: Dataset p:d");
        assertThat(bigQuery.hasDataset("d")).isFalse();
    }

    @Test
    void aMissingDatasetIsMadeWhereWanted() throws Exception {
        assertThat(tables(true, true).ensure("click", TableSchema.TRACK).change())
                .isEqualTo(Change.CREATED);
        assertThat(tables(true, true).ensure("view", TableSchema.TRACK).change())
                .isEqualTo(Change.CREATED);

        assertThat(bigQuery.tables()).containsExactly("d.click", "d.view");
        assertThat(bigQuery.location("d")).isEqualTo("EU");
    }

    @Test
    void aTableOfTheServiceBeforeIsWidenedAndWhatOthersPutThereStays() throws Exception {
        List<String> columns = new ArrayList<>(SchemaMergeTest.old());
        columns.add(1, "partner INTEGER");
        columns.add("remark STRING");
        bigQuery.createTable("d", "click", columns.toArray(String[]::new));

        PreparedTable widened = tables().ensure("click", TableSchema.TRACK);

        columns.addAll(List.of("hasUTMTag BOOLEAN", "source STRING", "hasFingerprint BOOLEAN", "eventId STRING"));
        assertThat(bigQuery.columns("click")).isEqualTo(columns);
        assertThat(widened.change()).isEqualTo(Change.WIDENED);
        assertThat(widened.columns().stream().map(Column::name))
                .containsExactly("hasUTMTag", "source", "hasFingerprint", "eventId");
        assertThat(widened.shape().isNative()).isTrue();
        assertThat(bigQuery.resource("click").fieldNames()).doesNotContain("timePartitioning");
    }

    @Test
    void whoeverChangesTheTableMeanwhileLosesNothing() throws Exception {
        bigQuery.createTable("d", "click", "programId STRING");
        bigQuery.faults().rest(Rest.TABLE_PATCH, CHANGED, 4);

        assertThat(tables().ensure("click", TableSchema.TRACK).change()).isEqualTo(Change.WIDENED);
        assertThat(bigQuery.columns("click")).isEqualTo(OWN);
    }

    @Test
    void aTableThatNeverStandsStillIsLeftForLater() {
        bigQuery.createTable("d", "click", "programId STRING");
        bigQuery.faults().rest(Rest.TABLE_PATCH, CHANGED, 5);

        ServiceException e = failure(() -> tables().prepare("click", TableSchema.TRACK));

        assertThat(e.failure()).isEqualTo(Failure.CONNECTION);
        assertThat(bigQuery.columns("click")).containsExactly("programId STRING");
    }

    @Test
    void processesThatStartTogetherMakeOneTable() throws Exception {
        int processes = 4;
        ExecutorService threads = Executors.newFixedThreadPool(processes);
        try {
            for (int round = 0; round < 5; round++) {
                String dataset = "d" + round;
                CyclicBarrier start = new CyclicBarrier(processes);
                List<Future<TableShape>> prepared = new ArrayList<>();
                for (int i = 0; i < processes; i++) {
                    Tables own = tables(dataset, true, true);
                    prepared.add(threads.submit(() -> {
                        start.await();
                        return own.prepare("click", TableSchema.TRACK);
                    }));
                }
                for (Future<TableShape> one : prepared) {
                    assertThat(one.get().isNative()).isTrue();
                }
                assertThat(bigQuery.columns(dataset + ".click")).isEqualTo(OWN);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aTableSomebodyElseHasJustMadeIsLookedAtAgain() throws Exception {
        bigQuery.createDataset("d");
        bigQuery.faults()
                .rest(Rest.TABLE_INSERT, RestFault.error(409, "duplicate", "Already Exists: Table p:d.click"), 1);

        assertThat(tables().ensure("click", TableSchema.TRACK).change()).isEqualTo(Change.CREATED);
    }

    @Test
    void withoutTheRightToAddColumnsTheOthersAreWrittenAndItIsSaidOnce() throws Exception {
        bigQuery.createTable("d", "click", SchemaMergeTest.old().toArray(String[]::new));
        bigQuery.faults().rest(Rest.TABLE_PATCH, RestFault.FORBIDDEN, 2);
        Tables tables = tables();

        PreparedTable first = tables.ensure("click", TableSchema.TRACK);
        tables.ensure("click", TableSchema.TRACK);

        assertThat(first.change()).isEqualTo(Change.NOT_ALLOWED);
        assertThat(first.shape().targets()).hasSize(13);
        assertThat(first.shape().isNative()).isFalse();
        assertThat(log.list)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains(
                                "table=click", "columns=hasUTMTag, source, hasFingerprint, eventId", "Access Denied"));
    }

    @Test
    void aProxysPageIsNotTakenForAMissingRight() throws Exception {
        bigQuery.createTable("d", "click", "programId STRING");
        bigQuery.faults().rest(Rest.TABLE_PATCH, RestFault.GUARDED, 1);
        Tables tables = tables();

        assertThat(failure(() -> tables.prepare("click", TableSchema.TRACK)).failure())
                .isEqualTo(Failure.CONNECTION);
        assertThat(tables.ensure("click", TableSchema.TRACK).change()).isEqualTo(Change.WIDENED);
    }

    @Test
    void aSpentQuotaIsNotTakenForAMissingRight() {
        bigQuery.createTable("d", "click", "programId STRING");
        bigQuery.faults().rest(Rest.TABLE_PATCH, RestFault.error(403, "rateLimitExceeded", "Exceeded rate limits"), 1);

        assertThat(failure(() -> tables().prepare("click", TableSchema.TRACK)).failure())
                .isEqualTo(Failure.QUOTA);
    }

    @Test
    void columnsOfOtherTypesAreWrittenAsThese() throws Exception {
        bigQuery.createTable(
                "d", "click", "lead STRING", "isSponsored INTEGER", "TIMESTAMP TIMESTAMP", "programid STRING");

        TableShape shape = tables().prepare("click", TableSchema.TRACK);

        assertThat(type(shape, "lead")).isEqualTo(TargetType.STRING);
        assertThat(type(shape, "isSponsored")).isEqualTo(TargetType.INT64);
        assertThat(type(shape, "timestamp")).isEqualTo(TargetType.TIMESTAMP);
        assertThat(shape.targets()).hasSize(TableSchema.TRACK.size());
        assertThat(shape.isNative()).isFalse();
        assertThat(bigQuery.columns("click"))
                .startsWith("lead STRING", "isSponsored INTEGER")
                .hasSize(17);
    }

    @Test
    void aTableThatCannotBeWrittenToIsNotTouched() {
        bigQuery.createTable("d", "click", "lead FLOAT", "tenant STRING REQUIRED");

        ServiceException e = failure(() -> tables().prepare("click", TableSchema.TRACK));

        assertThat(e.failure()).isEqualTo(Failure.SCHEMA_TYPE);
        assertThat(e).hasMessageContainingAll("lead is FLOAT", "tenant is REQUIRED");
        assertThat(bigQuery.columns("click")).hasSize(2);
    }

    static List<Arguments> refusals() {
        return List.of(
                Arguments.of(RestFault.error(503, "backendError", "Try again"), Failure.CONNECTION),
                Arguments.of(RestFault.error(500, "internalError", "An internal error"), Failure.CONNECTION),
                Arguments.of(RestFault.BAD_GATEWAY, Failure.CONNECTION),
                Arguments.of(RestFault.CLOSED, Failure.CONNECTION),
                Arguments.of(RestFault.UNAUTHORIZED, Failure.UNAUTHENTICATED),
                Arguments.of(RestFault.FORBIDDEN, Failure.PERMISSION_DENIED),
                Arguments.of(RestFault.error(429, "rateLimitExceeded", "Slow down"), Failure.QUOTA),
                Arguments.of(RestFault.error(400, "invalid", "Invalid table ID"), Failure.INVALID));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aRefusalIsSortedAndTheNextCallSucceeds(RestFault fault, Failure expected) throws Exception {
        bigQuery.createDataset("d");
        Tables tables = tables();
        // Google's transport repeats a request by itself when its connection was closed before an answer.
        int times = fault == RestFault.CLOSED ? 2 : 1;
        for (Rest step : List.of(Rest.TABLE_GET, Rest.TABLE_INSERT)) {
            bigQuery.faults().rest(step, fault, times);
            ServiceException e = failure(() -> tables.prepare("click", TableSchema.TRACK));

            assertThat(e.failure()).isEqualTo(expected);
            assertThat(e).hasMessageStartingWith("table click: ");
            bigQuery.faults().clear();
        }
        assertThat(tables.ensure("click", TableSchema.TRACK).change()).isEqualTo(Change.CREATED);
    }

    @Test
    void anAnswerThatIsLostAfterTheDeedIsFoundDone() throws Exception {
        bigQuery.createDataset("d");
        bigQuery.faults()
                .rest(
                        Rest.TABLE_INSERT,
                        RestFault.error(503, "backendError", "Try again").afterDoing(),
                        1);
        Tables tables = tables();

        assertThat(failure(() -> tables.prepare("click", TableSchema.TRACK)).failure())
                .isEqualTo(Failure.CONNECTION);
        assertThat(tables.ensure("click", TableSchema.TRACK).change()).isEqualTo(Change.NONE);
    }

    @Test
    void anOutageIsAConnectionThatComesBack() throws Exception {
        bigQuery.createDataset("d");
        Tables tables = tables();

        bigQuery.stopServers();
        ServiceException e = failure(() -> tables.prepare("click", TableSchema.TRACK));
        bigQuery.startServers();

        assertThat(e.failure()).isEqualTo(Failure.CONNECTION);
        assertThat(tables.prepare("click", TableSchema.TRACK).isNative()).isTrue();
    }

    private static TargetType type(TableShape shape, String column) {
        return shape.targets().stream()
                .filter(target -> target.column().name().equals(column))
                .findFirst()
                .orElseThrow()
                .type();
    }

    private interface Step {
        TableShape run() throws ServiceException;
    }

    private static ServiceException failure(Step step) {
        return catchThrowableOfType(
                ServiceException.class, () -> assertThat(step.run()).isNull());
    }

    private Tables tables() {
        return tables(false, true);
    }

    private Tables tables(boolean createsDataset, boolean partitions) {
        return tables("d", createsDataset, partitions);
    }

    private Tables tables(String dataset, boolean createsDataset, boolean partitions) {
        BigQueryOptions options = new BigQueryOptions(
                Optional.of("p"),
                dataset,
                DeliveryMode.EXACTLY_ONCE,
                Optional.empty(),
                Optional.of(new Emulator(bigQuery.restUrl(), bigQuery.grpcAddress())),
                createsDataset,
                "EU",
                partitions);
        return new Tables(new TableService(new GoogleAccess(options)), options);
    }
}
