package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import com.barnebys.analytics.sink.bigquery.fake.AppendFacts;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class GoogleConnectorTest {
    private static final Patience PATIENCE =
            new Patience(Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(50));

    private final FakeBigQuery fake = FakeBigQuery.start();
    private final List<GoogleConnector> connectors = new ArrayList<>();
    private final List<Appender> appenders = new ArrayList<>();

    @BeforeEach
    void makeDataset() {
        fake.createDataset("d");
    }

    @AfterEach
    void close() {
        appenders.forEach(Appender::close);
        connectors.forEach(GoogleConnector::close);
        fake.close();
    }

    private GoogleConnector connector(DeliveryMode mode) {
        GoogleAccess access = TestAccess.to(fake, mode);
        Tables tables = new Tables(new TableService(access), access.options());
        GoogleConnector connector = new GoogleConnector(access, tables, "test", Duration.ofSeconds(20), PATIENCE);
        connectors.add(connector);
        return connector;
    }

    @ParameterizedTest
    @EnumSource
    void rowsReachANewTableInEveryMode(DeliveryMode mode) throws ServiceException {
        GoogleConnector connector = connector(mode);
        boolean hasStream = mode == DeliveryMode.EXACTLY_ONCE;

        TableShape shape = connector.prepare("click");
        Appender appender = connector.open(shape, hasStream ? connector.createStream("click") : null);
        appenders.add(appender);
        AppendResult result = appender.append(SampleRows.clicks(1, 3), 0)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();

        assertThat(shape.isNative()).isTrue();
        assertThat(result).isEqualTo(new Stored(hasStream ? 0 : -1));
        assertThat(fake.rowCount("click")).isEqualTo(3);
        assertThat(fake.appends())
                .extracting(AppendFacts::traceId)
                .allMatch(id -> id.endsWith(" barnebys-analytics:test"));
    }

    @Test
    void aFinalizedStreamTellsItsRowsAgainAndAgain() throws ServiceException {
        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);
        TableShape shape = connector.prepare("click");
        String stream = connector.createStream("click");
        Appender appender = connector.open(shape, stream);
        appenders.add(appender);
        assertThat(appender.append(SampleRows.clicks(1, 3), 0)
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join())
                .isEqualTo(new Stored(0));

        assertThat(connector.finalizeStream(stream)).isEqualTo(3);
        assertThat(connector.finalizeStream(stream)).isEqualTo(3);
    }

    @Test
    void aNewTableIsWaitedFor() throws ServiceException {
        fake.faults().newTablesInvisible(3);

        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);
        connector.prepare("click");

        assertThat(connector.createStream("click")).contains("/tables/click/streams/");
    }

    @Test
    void aTableThatStaysAwayIsNotFound() {
        fake.faults().newTablesInvisible(1_000_000);

        assertThatExceptionOfType(ServiceException.class)
                .isThrownBy(() -> connector(DeliveryMode.EXACTLY_ONCE).prepare("click"))
                .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.NOT_FOUND));
    }

    @Test
    void aNewColumnIsWaitedForEachTimeUntilItIsKnown() throws ServiceException {
        fake.createTable("d", "click", "programId STRING", "timestamp DATETIME");
        fake.faults().schemaLag(1_000_000);
        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);

        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(ServiceException.class)
                    .isThrownBy(() -> connector.prepare("click"))
                    .withMessageContaining("column lead of table click")
                    .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.SCHEMA_UNKNOWN_FIELD));
        }
        fake.faults().endSchemaLag();

        assertThat(connector.prepare("click").targets()).hasSize(17);
    }

    /** As emulators answer: the table is known, and that is all. */
    @Test
    void aTableWhoseColumnsAreNotToldIsWrittenTo() throws ServiceException {
        fake.faults().tellsNoColumns(true);

        assertThat(connector(DeliveryMode.EXACTLY_ONCE).prepare("click").isNative())
                .isTrue();
    }

    @Test
    void whatIsKnownIsNotAskedForAgain() throws ServiceException {
        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);
        TableShape shape = connector.prepare("click");

        fake.faults().call(Faults.Call.GET_STREAM, Status.PERMISSION_DENIED, 1_000);

        assertThat(connector.prepare("click")).isEqualTo(shape);
    }

    @Test
    void aTableMadeAnewIsAskedForAgain() throws ServiceException {
        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);
        connector.prepare("click");
        fake.dropTable("d", "click");
        fake.faults().newTablesInvisible(2);

        connector.prepare("click");

        assertThat(connector.createStream("click")).isNotEmpty();
    }

    /** As after a change of the dataset in the settings. */
    @Test
    void aStreamOfAnotherTableIsNotWrittenTo() throws ServiceException {
        fake.createDataset("before");
        fake.createTrackTable("before", "click");
        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);
        TableShape shape = connector.prepare("click");

        assertThatExceptionOfType(ServiceException.class)
                .isThrownBy(() -> connector.open(shape, "projects/p/datasets/before/tables/click/streams/s"))
                .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.NOT_FOUND));
    }

    @Test
    void refusedCredentialsAreLookedForAgain() throws ServiceException {
        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);
        connector.prepare("click");
        fake.faults().unauthenticated(1);
        assertThatExceptionOfType(ServiceException.class)
                .isThrownBy(() -> connector.createStream("click"))
                .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.UNAUTHENTICATED));

        connector.credentialsRefused();

        assertThat(connector.createStream("click")).contains("/tables/click/streams/");
    }

    @Test
    void failuresOfStreamsAreSorted() throws ServiceException {
        GoogleConnector connector = connector(DeliveryMode.EXACTLY_ONCE);
        connector.prepare("click");
        fake.faults().createStreamQuota(1).call(Faults.Call.FINALIZE_STREAM, Status.PERMISSION_DENIED, 1);

        assertThatExceptionOfType(ServiceException.class)
                .isThrownBy(() -> connector.createStream("click"))
                .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.QUOTA));
        assertThatExceptionOfType(ServiceException.class)
                .isThrownBy(() -> connector.finalizeStream("projects/p/datasets/d/tables/click/streams/s"))
                .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.PERMISSION_DENIED));
        assertThatExceptionOfType(ServiceException.class)
                .isThrownBy(() -> connector.finalizeStream("projects/p/datasets/d/tables/click/streams/s"))
                .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.NOT_FOUND));
    }
}
