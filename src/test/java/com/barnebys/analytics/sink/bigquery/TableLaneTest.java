package com.barnebys.analytics.sink.bigquery;

import static com.barnebys.analytics.sink.bigquery.MemoryService.ended;
import static com.barnebys.analytics.sink.bigquery.MemoryService.exception;
import static com.barnebys.analytics.sink.bigquery.MemoryService.failed;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** The numbers in the names of sections are those of the catalogue of errors in docs/bigquery.md. */
class TableLaneTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration IDLE =
            Duration.ofNanos(TableLane.IDLE_CLOSE_NANOS).plusMinutes(1);

    @TempDir
    Path dir;

    private LaneBench bench;
    private MemoryService service;

    @BeforeEach
    void open() throws IOException {
        use(LaneBench.EXACTLY_ONCE);
    }

    private void use(LaneOptions options) throws IOException {
        if (bench != null) {
            bench.close();
        }
        bench = new LaneBench(dir, options, 1);
        service = bench.service;
    }

    @AfterEach
    void close() throws IOException {
        bench.close();
    }

    /** Brings the lane to where its stream is open and some blocks are under way, unanswered. */
    private void inFlight(int blocks) {
        service.isHeld = true;
        for (int i = 0; i < blocks; i++) {
            bench.add(10);
            bench.run(Duration.ofMillis(1));
            bench.turn(Duration.ofMillis(50));
        }
        assertThat(service.held).hasSize(blocks);
    }

    private List<Long> rows(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    // Taking and sending.

    @Test
    void rowsAreStoredInTheirOrderAndCounted() {
        bench.add(1000);
        bench.finish();

        assertThat(service.stored).isEqualTo(rows(0, 1000));
        assertThat(bench.metrics.delivered).isEqualTo(1000);
        assertThat(bench.metrics.batches).isEqualTo(10);
        assertThat(bench.metrics.streamsMade).isEqualTo(1);
        assertThat(bench.lane.settledBelow()).isEqualTo(1000);
        assertThat(bench.lane.isFailing()).isFalse();
    }

    @Test
    void aTableWithoutRowsCostsNothing() {
        bench.skip(1000);
        bench.run(Duration.ofHours(1));

        assertThat(service.streamsMade).isZero();
        assertThat(bench.lane.settledBelow()).isEqualTo(1000);
    }

    @Test
    void aRowWaitsForOthersAsLongAsItMay() {
        bench.add(1);
        bench.run(Duration.ofMillis(900));
        assertThat(service.requests).isEmpty();

        bench.run(Duration.ofMillis(200));

        assertThat(service.stored).containsExactly(0L);
    }

    @Test
    void enoughRowsAreSentAtOnceUnlessMoreIsComing() {
        bench.add(1);
        bench.run(Duration.ofMillis(1));
        bench.add(9);
        assertThat(bench.feed()).isTrue();

        long unused = bench.lane.step(true);
        assertThat(service.requests).isEmpty();
        unused = bench.lane.step(false);
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void anIntentIsOnTheDiskBeforeItsRowsAreSent() {
        inFlight(3);

        List<Intent> intents = onDisk().intents();
        assertThat(intents)
                .containsExactly(
                        new Intent(0, 0, 9, 10, List.of()),
                        new Intent(10, 10, 19, 10, List.of()),
                        new Intent(20, 20, 29, 10, List.of()));
    }

    private LaneState onDisk() {
        try {
            return bench.store.load().get(MemoryService.TABLE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void atMostFourBlocksAreUnderWay() {
        service.isHeld = true;
        bench.add(1000);
        bench.run(SECOND);

        assertThat(service.held).hasSize(TableLane.WINDOW_MAX);
    }

    @Test
    void aLaneThatHoldsAsMuchAsItMayHasNoRoom() {
        bench.bytesMax = 1000;
        service.isHeld = true;
        bench.add(1000);
        bench.run(SECOND);

        assertThat(bench.lane.isConnected()).isTrue();
        assertThat(bench.lane.hasRoom()).isFalse();
        assertThat(bench.lane.wanted()).isLessThan(200);
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void whatWasPromisedIsReadWholeHoweverLittleRoomThereIs() throws IOException {
        inFlight(4);
        bench.crash();
        bench.bytesMax = 20;

        bench.finish();

        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void acknowledgedRowsAreForgottenOnlyWhenThatIsOnTheDisk() {
        inFlight(2);
        service.answer();
        long unused = bench.step();

        assertThat(onDisk().intents()).hasSize(2);
        assertThat(bench.lane.settledBelow()).isZero();
        bench.finish();
        assertThat(bench.lane.settledBelow()).isEqualTo(20);
    }

    // 1

    @Test
    void whatIsThereAlreadyIsStored() throws IOException {
        inFlight(2);
        service.answerAll();
        bench.crash();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.suppressed).isEqualTo(20);
        assertThat(service.finalizeCalls).isZero();
    }

    @Test
    void aStreamThatGoesOnInTheMiddleOfABlockStopsTheLane() {
        inFlight(2);
        service.answer(new AlreadyExists(5));
        service.answer(failed(Failure.OFFSET_OUT_OF_RANGE));
        bench.run(Duration.ofHours(1));

        assertThat(bench.lane.status().phase()).isEqualTo("stopped");
        assertThat(bench.lane.isFailing()).isTrue();
        assertThat(bench.lane.hasWork()).isTrue();
        assertThat(bench.lane.settledBelow()).isZero();
        assertThat(service.appendersOpen).isZero();
        assertThat(service.requests).hasSize(2);
    }

    /** An older copy of the state, or a second process: what is at the place need not be these rows. */
    @Test
    void aStreamThatGoesOnBehindEverythingEverSentStopsTheLane() {
        inFlight(1);
        service.answer(new AlreadyExists(5_000));
        bench.run(Duration.ofHours(1));

        assertThat(bench.lane.status().phase()).isEqualTo("stopped");
        assertThat(bench.lane.settledBelow()).isZero();
    }

    /** The one case in which an older copy of the state fits: the block ends where the stream ends. */
    @Test
    void rowsThatAreThereAlreadyAndWereNeverSentStopTheLane() throws IOException {
        bench.add(10);
        bench.finish();
        service.streams.get("s1").rows = 20; // a copy of this state goes on elsewhere
        bench.crash();
        bench.add(10);
        bench.run(SECOND.multipliedBy(3));

        assertThat(bench.lane.status().phase()).isEqualTo("stopped");
        assertThat(bench.lane.settledBelow()).isEqualTo(10);
    }

    /** Google's client connects again and sends again by itself: what it finds there is its own. */
    @Test
    void rowsThatTheClientMayHaveSentTwiceAreStored() throws IOException {
        bench.add(10);
        bench.finish();
        bench.crash();
        inFlight(1);
        AppendResult unused = service.execute(service.held.element());
        service.answer(new AlreadyExists(20, true));
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.suppressed).isEqualTo(10);
    }

    @Test
    void aStreamThatHasTakenABlockIsBelievedThatItHasTheNext() throws IOException {
        bench.add(10);
        bench.finish();
        bench.crash();
        bench.add(10);
        bench.finish();
        inFlight(1);
        AppendResult unused = service.execute(service.held.element());
        service.answer(new AlreadyExists(30));
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.lane.isFailing()).isFalse();
    }

    @Test
    void whereTheStreamDoesNotSayWhereItGoesOnItIsEndedAndCounted() {
        inFlight(2);
        MemoryService.Request first = service.held.element();
        AppendResult unused = service.execute(first);
        service.answer(new AlreadyExists(-1));
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.finalizeCalls).isEqualTo(1);
    }

    /** An answer that comes twice is taken for that of the next request. */
    @Test
    void anAnswerThatIsNotOfThisRequestIsNoProofAndTheRowsAreSentAgain() {
        inFlight(3);
        service.answer();
        AppendResult unused = service.execute(service.held.element());
        service.answer(new Stored(0));
        service.answer(new Stored(10));
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.suppressed).isEqualTo(10);
        assertThat(service.finalizeCalls).isZero();
        assertThat(bench.lane.isFailing()).isFalse();
    }

    @Test
    void rowsThatAreStoredElsewhereThanTheyWereSentAgainAndAgainStopTheLane() {
        service.fate = request -> new Stored(70);
        bench.add(10);
        bench.run(Duration.ofMinutes(1));

        assertThat(bench.lane.status().phase()).isEqualTo("stopped");
        assertThat(bench.lane.settledBelow()).isZero();
    }

    // 2

    @Test
    void whatFailsBehindAFailedBlockIsSentAgainToItsPlace() {
        inFlight(3);
        service.answer(failed(Failure.CONNECTION));
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.finalizeCalls).isZero();
        assertThat(service.streamsMade).isEqualTo(1);
        assertThat(service.requests.stream().map(request -> request.offset))
                .containsExactly(0L, 10L, 20L, 0L, 10L, 20L);
    }

    @Test
    void aFirstBlockOutOfRangeEndsTheStreamAndGoesOnInAnother() {
        bench.add(10);
        bench.finish();
        service.streams.get("s1").rows = 4; // the volume was restored, or the table made anew

        bench.add(10);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.finalizeCalls).isEqualTo(1);
        assertThat(service.streamsMade).isEqualTo(2);
        assertThat(bench.metrics.retries).containsExactly(RetryCause.OFFSET);
    }

    @Test
    void aStreamWithMoreRowsThanWereSentStopsTheLane() {
        inFlight(1);
        service.streams.get("s1").rows = 400;
        service.answer(failed(Failure.OFFSET_OUT_OF_RANGE));
        bench.run(SECOND);

        assertThat(bench.lane.status().phase()).isEqualTo("stopped");
    }

    // 3

    @Test
    void anEndedStreamIsCountedAndTheRestGoesIntoANewOne() {
        inFlight(3);
        AppendResult unused = service.execute(service.held.element());
        service.streams.get("s1").isFinal = true;
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.streamsMade).isEqualTo(2);
        assertThat(bench.metrics.suppressed).isEqualTo(10);
        assertThat(bench.metrics.possibleDuplicates).isZero();
        assertThat(bench.lane.state().nextOffset()).isEqualTo(20);
    }

    @Test
    void aCountInTheMiddleOfABlockStopsTheLane() {
        inFlight(2);
        service.streams.get("s1").rows = 14;
        service.streams.get("s1").isFinal = true;
        service.answerAll();
        bench.run(SECOND);

        assertThat(bench.lane.status().phase()).isEqualTo("stopped");
    }

    /** With a hundred tables an outage would else fill the log with stacks that all say the same. */
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"CONNECTION", "UNAUTHENTICATED", "OTHER"})
    void onlyAFailureThatHasNoNameIsLoggedWithItsStack(Failure how) {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(TableLane.class);
        logger.addAppender(log);
        try {
            service.broken.put("prepare", exception(how));
            bench.add(10);
            bench.run(Duration.ofSeconds(30));
        } finally {
            logger.detachAppender(log);
        }

        assertThat(log.list).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage())
                    .startsWith("A table takes no rows")
                    .contains("cause=" + how);
            assertThat(event.getThrowableProxy() != null).isEqualTo(how == Failure.OTHER);
        });
    }

    @Test
    void aStreamThatCannotBeEndedIsTriedAgain() {
        inFlight(2);
        service.broken.put("finalize", exception(Failure.CONNECTION));
        service.streams.get("s1").isFinal = true;
        service.answerAll();
        service.isHeld = false;
        bench.run(Duration.ofMinutes(5));

        assertThat(bench.lane.isFailing()).isTrue();
        assertThat(service.streamsMade).isEqualTo(1);
        assertThat(service.finalizeCalls).isBetween(5, 60);
        service.broken.clear();
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        assertThat(bench.lane.isFailing()).isFalse();
    }

    @Test
    void aLaneIsWellAgainWhenTheCountSaysThatAllIsStored() {
        inFlight(1);
        AppendResult unused = service.execute(service.held.element());
        service.streams.get("s1").isFinal = true;
        service.answerAll();
        bench.finish();
        bench.run(Duration.ofMinutes(2));

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.lane.isFailing()).isFalse();
    }

    // 4

    @Test
    void rowsOfAStreamThatIsGoneAreSentAgainAndCountedAsPossibleDuplicates() throws IOException {
        inFlight(2);
        service.streams.clear();
        bench.crash();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.possibleDuplicates).isEqualTo(20);
        assertThat(service.streamsMade).isEqualTo(2);
    }

    @Test
    void rowsThatTheStreamHasRefusedAsItWasGoneAreNoPossibleDuplicates() {
        inFlight(2);
        service.streams.clear();
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.possibleDuplicates).isZero();
        assertThat(service.streamsMade).isEqualTo(2);
    }

    @Test
    void aStreamThatIsNotFoundForAMomentIsNotGivenUp() throws IOException {
        inFlight(2);
        AppendResult unused = service.execute(service.held.element());
        bench.crash();
        service.isHeld = false;
        service.broken.put("finalize", exception(Failure.NOT_FOUND));
        service.failOnce(failed(Failure.NOT_FOUND));
        bench.run(SECOND);
        assertThat(service.finalizeCalls).isEqualTo(1);
        service.fate = request -> failed(Failure.NOT_FOUND);
        bench.run(Duration.ofSeconds(24));
        assertThat(service.finalizeCalls).isGreaterThan(3);
        service.fate = request -> null;
        service.broken.clear();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.possibleDuplicates).isZero();
    }

    /** Nobody has written down whether a stream that has ended tells its count again. */
    @Test
    void anEndedStreamThatDoesNotTellItsCountAgainKeepsNoRowsForEver() throws IOException {
        inFlight(2);
        bench.crash();
        service.isHeld = false;
        service.streams.get("s1").isFinal = true;
        service.broken.put("finalize", exception(Failure.STREAM_FINALIZED));
        bench.run(Duration.ofSeconds(25));
        assertThat(bench.metrics.possibleDuplicates).isZero();
        bench.run(Duration.ofMinutes(2));
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.possibleDuplicates).isEqualTo(20);
    }

    @Test
    void anEndedStreamThatDoesNotTellItsCountAgainNeedNotWhereAllIsAnswered() {
        inFlight(2);
        service.streams.get("s1").isFinal = true;
        service.broken.put("finalize", exception(Failure.STREAM_FINALIZED));
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.possibleDuplicates).isZero();
        assertThat(service.finalizeCalls).isEqualTo(1);
    }

    @Test
    void aStreamThatIsGoneWithNothingUnderWayDuplicatesNothing() {
        bench.add(10);
        bench.finish();
        bench.run(IDLE);
        service.streams.clear();
        service.broken.put("open", exception(Failure.NOT_FOUND));
        bench.add(10);
        bench.run(Duration.ofMillis(300));
        service.broken.clear();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.possibleDuplicates).isZero();
    }

    @Test
    void streamsThatDieAsSoonAsTheyAreMadeAreNotMadeWithoutPause() {
        bench.add(10);
        service.fate = request -> failed(Failure.NOT_FOUND);
        bench.run(Duration.ofMinutes(10));

        assertThat(service.streamsMade).isLessThan(60);
        service.fate = request -> null;
        bench.finish();
        assertThat(service.stored).isEqualTo(rows(0, 10));
    }

    // 5, 6, 9

    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"CONNECTION", "TIMEOUT", "OTHER"})
    void aLostAnswerMakesTheLaneReadItsRowsAgainAndSendThemToTheSamePlace(Failure how) {
        inFlight(3);
        AppendResult unused = service.execute(service.held.element());
        service.answer(failed(how));
        service.answer(failed(how));
        service.answer(failed(how));
        long wait = bench.step();

        assertThat(wait).isBetween(0L, Duration.ofMillis(100).toNanos());
        assertThat(bench.lane.wanted()).isZero();
        assertThat(bench.lane.hasRoom()).isFalse();
        assertThat(service.appendersOpen).isZero();
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        assertThat(bench.metrics.suppressed).isEqualTo(10);
        assertThat(bench.metrics.delivered).isEqualTo(30);
        assertThat(service.streamsMade).isEqualTo(1);
    }

    @Test
    void theLaneWaitsUntilEverythingUnderWayIsAnsweredBeforeItGoesOn() {
        inFlight(3);
        service.answer(failed(Failure.CONNECTION));
        bench.run(SECOND);
        assertThat(bench.lane.status().phase()).isEqualTo("settling");
        assertThat(service.requests).hasSize(3);

        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void rowsThatComeWhileTheLaneIsSettlingAreReadAfterwards() {
        inFlight(2);
        service.refusedRows.add(3L);
        service.answer();
        bench.run(Duration.ofMillis(10));
        assertThat(bench.lane.status().phase()).isEqualTo("settling");
        byte[] row = {5, 'c', 'l', 'i', 'c', 'k', '2', '0'};
        bench.lane.offer(20, row, 0, row.length);
        bench.lane.passed(21);
        bench.add(1);
        bench.finish();

        bench.assertEachRowIsStoredOnce(3L);
    }

    @Test
    void afterAFailureBlocksGoOneByOneUntilAllThatWereLeftAreStored() {
        inFlight(4);
        service.answer(failed(Failure.CONNECTION));
        service.answerAll();
        bench.add(500);
        bench.run(SECOND);

        assertThat(service.held).hasSize(1);
        for (int i = 0; i < 4; i++) {
            service.answer();
            bench.run(Duration.ofMillis(200));
        }
        assertThat(service.held).hasSizeGreaterThan(1);
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    // 7, 8

    @Test
    void aUsedUpQuotaIsGivenTenSecondsAndASmallerWindow() {
        inFlight(4);
        service.answer(failed(Failure.QUOTA));
        service.answerAll();
        long wait = bench.step();

        assertThat(wait).isGreaterThanOrEqualTo(Duration.ofSeconds(10).toNanos());
        assertThat(bench.metrics.retries).containsExactly(RetryCause.QUOTA);
        bench.add(1000);
        bench.run(Duration.ofSeconds(11));
        for (int i = 0; i < 8; i++) {
            bench.run(Duration.ofMillis(200));
            assertThat(service.held).hasSize(1);
            service.answer();
        }
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        assertThat(bench.parked).isEmpty();
    }

    @Test
    void theQuotaOfNewStreamsIsGivenAMinute() {
        service.broken.put("create", exception(Failure.QUOTA));
        bench.add(10);
        bench.run(Duration.ofMillis(500));

        assertThat(bench.lane.status().phase()).isEqualTo("waiting");
        assertThat(bench.step()).isGreaterThanOrEqualTo(Duration.ofSeconds(59).toNanos());
    }

    /** Of looking at tables, say: it is filled again within seconds. */
    @Test
    void anotherQuotaOfAnOpeningIsNotGivenAMinute() throws IOException {
        bench.add(10);
        bench.finish();
        bench.crash();
        service.broken.put("prepare", exception(Failure.QUOTA));
        bench.add(10);
        bench.run(Duration.ofMillis(500));

        assertThat(bench.lane.status().phase()).isEqualTo("waiting");
        assertThat(bench.step())
                .isBetween(
                        Duration.ofSeconds(9).toNanos(), Duration.ofSeconds(10).toNanos());
    }

    // 10

    @Test
    void refusedRowsAreParkedBeforeTheyAreExcludedAndTheRestGoesOn() throws IOException {
        inFlight(3);
        service.refusedRows.addAll(List.of(3L, 7L, 15L));
        bench.afterPark = () -> assertThat(onDisk().parked()).isEqualTo(bench.parked.size() == 3 ? 2 : 0);
        service.answer();
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce(3L, 7L, 15L);
        assertThat(bench.metrics.parked).hasSize(3).containsOnly(ParkReason.REFUSED_ROW);
        assertThat(bench.metrics.delivered).isEqualTo(27);
        assertThat(bench.lane.state().parked()).isEqualTo(3);
        assertThat(bench.lane.state().nextOffset()).isEqualTo(27);
        assertThat(service.streamsMade).isEqualTo(1);
        assertThat(bench.lane.isFailing()).isFalse();
        assertThat(bench.parked).containsExactly(3L, 7L, 15L);
    }

    @Test
    void aBlockIsRepeatedAsLongAsRowsAreNamed() {
        service.rowsNamedMax = 2;
        service.refusedRows.addAll(List.of(1L, 2L, 3L, 5L, 8L));
        bench.add(10);
        bench.finish();

        bench.assertEachRowIsStoredOnce(1L, 2L, 3L, 5L, 8L);
        assertThat(service.requests).hasSize(4);
    }

    @Test
    void aBlockOfWhichAllRowsAreRefusedIsParkedWhole() {
        inFlight(3);
        service.refusedRows.addAll(rows(10, 20));
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce(rows(10, 20).toArray(Long[]::new));
        assertThat(bench.lane.state().intents()).isEmpty();
        assertThat(bench.lane.settledBelow()).isEqualTo(30);
    }

    /** Somebody has put another table in its place, with a column that each row has to have. */
    @Test
    void whereNoRowIsTakenTheTableIsLookedAtBeforeAnyIsParked() {
        bench.add(10);
        bench.finish();
        service.refusedRows.addAll(rows(10, 1000));
        service.broken.put("prepare", exception(Failure.SCHEMA_TYPE));
        bench.add(30);
        bench.run(Duration.ofMinutes(5));

        assertThat(bench.parked).isEmpty();
        assertThat(bench.lane.status().failure()).isEqualTo("schema_type");
        service.broken.clear();
        service.refusedRows.clear();
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void rowsThatAreAllRefusedThoughTheTableIsInOrderAreParkedWithoutFurtherDelay() {
        service.refusedRows.addAll(rows(0, 500));
        bench.add(500);
        long before = bench.now;
        bench.finish();

        assertThat(bench.parked).hasSize(500);
        assertThat(Duration.ofNanos(bench.now - before)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aRowThatCannotBeParkedIsNotGivenUp() {
        bench.parkingFails = new IOException("disk full");
        service.refusedRows.add(4L);
        bench.add(10);
        bench.run(Duration.ofMinutes(1));

        assertThat(service.stored).isEmpty();
        assertThat(bench.lane.isFailing()).isTrue();
        assertThat(bench.lane.state().parked()).isZero();
        bench.parkingFails = null;
        bench.finish();
        bench.assertEachRowIsStoredOnce(4L);
        assertThat(bench.parked).containsExactly(4L);
    }

    @Test
    void placesThatAreNotInTheBlockNameNoRow() {
        inFlight(1);
        service.answer(new RowsRefused(Map.of(10, "behind", -1, "before")));
        bench.run(Duration.ofMillis(10));
        assertThat(bench.parked).isEmpty();
        assertThat(bench.lane.isFailing()).isTrue();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
    }

    // 11

    @Test
    void oneBadRowInFiveThousandIsFoundInFewRequests() throws IOException {
        use(new LaneOptions(DeliveryMode.EXACTLY_ONCE, 500, 5000, SECOND));
        service.poisonRows.add(1234L);
        bench.add(5000);
        bench.finish();

        bench.assertEachRowIsStoredOnce(1234L);
        assertThat(service.requests).hasSizeLessThan(40);
        assertThat(bench.parked).containsExactly(1234L);
    }

    @Test
    void badRowsAmongOthersAreFoundAndNothingElseIsParked() throws IOException {
        use(new LaneOptions(DeliveryMode.EXACTLY_ONCE, 500, 5000, SECOND));
        service.poisonRows.addAll(List.of(0L, 1L, 2L, 77L, 4998L, 4999L));
        bench.add(5000);
        bench.finish();

        bench.assertEachRowIsStoredOnce(0L, 1L, 2L, 77L, 4998L, 4999L);
        assertThat(service.requests).hasSizeLessThan(200);
    }

    @Test
    void whereEverythingIsRefusedNothingIsParked() throws IOException {
        use(new LaneOptions(DeliveryMode.EXACTLY_ONCE, 500, 5000, SECOND));
        service.poisonRows.addAll(rows(0, 12_000));
        bench.add(12_000);
        bench.run(Duration.ofMinutes(1));

        assertThat(bench.parked).isEmpty();
        assertThat(bench.lane.isFailing()).isTrue();
        assertThat(service.streamsMade).isEqualTo(1);
        assertThat(onDisk().intents()).hasSizeLessThan(10);
        service.poisonRows.clear();
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void whereEverythingIsRefusedFromNowOnNothingIsParked() throws IOException {
        use(new LaneOptions(DeliveryMode.EXACTLY_ONCE, 500, 5000, SECOND));
        bench.add(600);
        bench.run(Duration.ofSeconds(3));
        assertThat(service.stored).hasSize(600);

        service.poisonRows.addAll(rows(600, 12_000));
        bench.add(1000);
        bench.run(Duration.ofMinutes(1));

        assertThat(bench.parked).isEmpty();
        assertThat(bench.lane.isFailing()).isTrue();
    }

    /** What was taken before the first refusal proves nothing: it may be the service that has changed since. */
    @Test
    void whereRowsThatComeOneByOneAreAllRefusedFromNowOnNothingIsParked() {
        bench.add(1);
        bench.run(Duration.ofSeconds(3));
        assertThat(service.stored).hasSize(1);

        service.poisonRows.addAll(rows(1, 100));
        for (int i = 0; i < 20; i++) {
            bench.add(1);
            bench.run(Duration.ofSeconds(30));
        }

        assertThat(bench.parked).isEmpty();
        assertThat(bench.lane.isFailing()).isTrue();
        service.poisonRows.clear();
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void whatIsThereAlreadyDoesNotProveThatRowsAreTakenNow() throws IOException {
        inFlight(2);
        AppendResult unused = service.execute(service.held.element());
        bench.crash();
        service.poisonRows.addAll(rows(10, 20));
        service.isHeld = false;
        bench.run(Duration.ofMinutes(5));

        assertThat(bench.metrics.suppressed).isEqualTo(10);
        assertThat(bench.parked).isEmpty();
    }

    @Test
    void aBadRowAloneWaitsForAnotherThatProvesItIsTheRowsFault() {
        service.poisonRows.add(0L);
        bench.add(1);
        bench.run(Duration.ofMinutes(1));
        assertThat(bench.parked).isEmpty();
        assertThat(bench.lane.isFailing()).isTrue();

        bench.add(1);
        bench.finish();

        bench.assertEachRowIsStoredOnce(0L);
    }

    @Test
    void badRowsWhoseRefusalEndsTheCallAreFoundAndNothingElseIsParked() throws IOException {
        use(new LaneOptions(DeliveryMode.EXACTLY_ONCE, 500, 5000, SECOND));
        service.poisonEndsCalls = true;
        service.poisonRows.addAll(List.of(0L, 77L, 1234L));
        bench.add(5000);
        bench.finish();

        bench.assertEachRowIsStoredOnce(0L, 77L, 1234L);
        assertThat(service.requests).hasSizeLessThan(200);
    }

    @Test
    void whereEveryRefusalEndsTheCallNothingIsParked() throws IOException {
        use(new LaneOptions(DeliveryMode.EXACTLY_ONCE, 500, 5000, SECOND));
        service.poisonEndsCalls = true;
        service.poisonRows.addAll(rows(0, 12_000));
        bench.add(12_000);
        bench.run(Duration.ofHours(1));

        assertThat(bench.parked).isEmpty();
        assertThat(onDisk().intents()).hasSizeLessThan(150);
        service.poisonRows.clear();
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    /** Each stream that is made counts against a quota. */
    @Test
    void aBadRowAloneWhoseRefusalEndsTheCallCostsNoStreams() {
        service.poisonEndsCalls = true;
        service.poisonRows.add(0L);
        bench.add(1);
        bench.run(Duration.ofHours(1));
        assertThat(bench.parked).isEmpty();
        assertThat(service.streamsMade).isEqualTo(1);

        bench.add(1);
        bench.finish();

        bench.assertEachRowIsStoredOnce(0L);
    }

    /** The end of a call says nothing of its requests: the rows of one that is stored must not make room for others. */
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"INVALID", "TOO_LARGE"})
    void aBlockThatIsStoredAlthoughItsCallEndsWithARefusalIsNotCut(Failure why) {
        inFlight(1);
        bench.add(5);
        bench.run(SECOND.multipliedBy(2));
        assertThat(service.held).hasSize(2);
        service.refusedRows.add(3L); // What is left of the first block, and the second, are sent one by one then.
        service.answerAll();
        service.isHeld = false;
        service.fate = request -> {
            service.fate = next -> null;
            AppendResult unused = service.execute(request);
            return ended(why);
        };
        bench.finish();

        bench.assertEachRowIsStoredOnce(3L);
        assertThat(bench.lane.status().isStopped()).isFalse();
        assertThat(service.finalizeCalls).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = DeliveryMode.class,
            names = {"AT_LEAST_ONCE", "INSERT_ALL"})
    void badRowsWhoseRefusalEndsTheCallAreFoundWithoutAStream(DeliveryMode mode) throws IOException {
        use(new LaneOptions(mode, 50, 500, SECOND));
        service.poisonEndsCalls = true;
        service.poisonRows.addAll(List.of(0L, 77L));
        bench.add(500);
        bench.finish();

        bench.assertEachRowIsStoredOnce(0L, 77L);
    }

    /** The right to add them may have been given since. */
    @Test
    void aTableThatLacksColumnsIsLookedAtAgain() throws IOException {
        service.isNarrow = true;
        for (int i = 0; i < 12; i++) {
            bench.add(1);
            bench.run(Duration.ofMinutes(1));
        }
        assertThat(service.opens).isEqualTo(2);
        service.isNarrow = false;
        for (int i = 0; i < 60; i++) {
            bench.add(1);
            bench.run(Duration.ofMinutes(1));
        }

        assertThat(service.opens).isEqualTo(3);
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        assertThat(service.streamsMade).isEqualTo(1);
    }

    // 12, 13, 15 to 18

    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"SCHEMA_UNKNOWN_FIELD", "SCHEMA_TYPE", "PERMISSION_DENIED", "UNAUTHENTICATED", "OTHER"})
    void whatIsNoRowsFaultIsWaitedForAndNothingIsParked(Failure why) {
        bench.add(30);
        service.fate = request -> failed(why);
        bench.run(Duration.ofHours(1));

        assertThat(bench.parked).isEmpty();
        assertThat(service.stored).isEmpty();
        assertThat(bench.lane.isFailing()).isTrue();
        assertThat(bench.lane.isConnected()).isFalse();
        assertThat(bench.metrics.retries).containsOnly(why.retryCause());
        assertThat(service.requests).hasSizeBetween(100, 500);
        service.fate = request -> null;
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        assertThat(bench.lane.isFailing()).isFalse();
    }

    /** An answer that comes byte by byte ends no call's limit of time. */
    @Test
    void anOpeningThatTakesForEverIsGivenUpAndMakesNoStreamAnyMore() {
        bench.areCallsHeld = true;
        bench.add(10);
        bench.run(Duration.ofMinutes(12));
        assertThat(bench.lane.status().failure()).isEqualTo("timeout");
        assertThat(bench.calls).hasSizeBetween(2, 4);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.streamsMade).isEqualTo(1);
    }

    @Test
    void refusedCredentialsAreSaidToBeSo() {
        service.failOnce(failed(Failure.UNAUTHENTICATED));
        bench.add(10);
        bench.finish();
        service.broken.put("prepare", exception(Failure.UNAUTHENTICATED));
        bench.run(IDLE);
        bench.add(10);
        bench.run(SECOND.multipliedBy(5));

        assertThat(service.refusedLogins).isEqualTo(2);
    }

    /** As after a change of the dataset or the project in the settings. */
    @Test
    void aStreamOfAnotherDatasetIsEndedAndLeftEvenWhereThatIsForbidden() throws IOException {
        bench.add(10);
        bench.finish();
        bench.crash();
        service.broken.put("finalize", exception(Failure.PERMISSION_DENIED));
        service.foreignStreams.add("s1");
        bench.add(10);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.streams.get("s1").rows).isEqualTo(10);
        assertThat(service.streams.get("s2").rows).isEqualTo(10);
        assertThat(bench.metrics.possibleDuplicates).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"NOT_FOUND", "DATASET_MISSING", "PERMISSION_DENIED", "UNAUTHENTICATED", "CONNECTION"})
    void aTableThatCannotBeOpenedIsTriedAgainForEver(Failure why) {
        service.broken.put("prepare", exception(why));
        bench.add(30);
        bench.run(Duration.ofHours(2));

        assertThat(bench.lane.isFailing()).isTrue();
        assertThat(bench.lane.status().failure()).isEqualTo(why.name().toLowerCase(Locale.ROOT));
        assertThat(bench.lane.settledBelow()).isZero();
        service.broken.clear();
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void aLaneThatHasToWaitWaitsTheLeastItsCauseWants() {
        for (Failure why : List.of(Failure.UNAUTHENTICATED, Failure.SCHEMA_TYPE, Failure.PERMISSION_DENIED)) {
            service.failOnce(failed(why));
            bench.add(10);
            while (!bench.lane.isFailing()) {
                boolean unused = bench.feed();
                long unusedWait = bench.step();
                bench.runCalls();
                bench.turn(Duration.ofMillis(1));
            }
            assertThat(bench.step())
                    .isGreaterThanOrEqualTo(why.leastWait(false).minusMillis(2).toNanos());
            bench.finish();
        }
    }

    // 14

    @Test
    void blocksThatAreTooLargeAreHalvedAndTheSmallerLimitIsRemembered() throws IOException {
        use(new LaneOptions(DeliveryMode.EXACTLY_ONCE, 500, 5000, SECOND));
        service.bytesMax = 1_000_000;
        for (int i = 0; i < 40; i++) {
            bench.add(100_000, bench.next);
        }
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        int requests = service.requests.size();
        int refused = bench.metrics.retries.size();

        for (int i = 0; i < 40; i++) {
            bench.add(100_000, bench.next);
        }
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(requests).isLessThan(30);
        assertThat(bench.metrics.retries).hasSize(refused).containsOnly(RetryCause.REQUEST);
    }

    @Test
    void aRowThatIsTooLargeByItselfIsParked() {
        service.bytesMax = 50_000;
        bench.add(5);
        bench.add(60_000, bench.next);
        bench.add(5);
        bench.finish();

        bench.assertEachRowIsStoredOnce(5L);
    }

    // 19

    @Test
    void whereSomethingMayStillArriveRowsGetOtherPlacesInANewStreamOnly() {
        inFlight(3);
        service.refusedRows.add(3L);
        MemoryService.Request second = List.copyOf(service.held).get(1);
        service.answer();
        service.answer(failed(Failure.TIMEOUT));
        service.answer();
        service.late.add(second);
        bench.finish();
        service.deliverLate();

        bench.assertEachRowIsStoredOnce(3L);
        assertThat(service.streamsMade).isEqualTo(2);
        assertThat(service.requests.stream().filter(r -> r.offset != 0 && "s1".equals(r.stream)))
                .hasSize(2);
    }

    @Test
    void aStreamThatMayStillSurpriseIsNotUsedWithOtherPlacesWhenItCannotBeEnded() {
        inFlight(2);
        service.refusedRows.add(0L);
        service.answer();
        service.answer(failed(Failure.TIMEOUT));
        service.broken.put("finalize", exception(Failure.CONNECTION));
        bench.run(Duration.ofMinutes(1));
        service.isHeld = false;
        bench.run(Duration.ofMinutes(1));

        assertThat(service.requests.stream().filter(r -> !r.rows.contains(0L) && r.offset < 10))
                .isEmpty();
        service.broken.clear();
        bench.finish();
        bench.assertEachRowIsStoredOnce(0L);
    }

    @Test
    void whatALifeBeforeHasSentMayStillArriveToo() throws IOException {
        inFlight(2);
        service.refusedRows.addAll(rows(1, 10));
        service.late.addAll(service.held);
        bench.crash();
        service.isHeld = false;
        bench.run(Duration.ofMillis(100));
        service.deliverLate();
        bench.finish();
        service.deliverLate();

        bench.assertEachRowIsStoredOnce(rows(1, 10).toArray(Long[]::new));
        assertThat(service.requests.stream().filter(r -> "s1".equals(r.stream)).map(r -> r.offset))
                .containsOnly(0L, 10L);
    }

    @Test
    void whatALostConnectionHasLeftMayStillArriveToo() {
        inFlight(2);
        service.late.addAll(service.held);
        service.answer(failed(Failure.TIMEOUT));
        service.answer(failed(Failure.TIMEOUT));
        service.refusedRows.add(0L);
        bench.finish();
        service.deliverLate();

        bench.assertEachRowIsStoredOnce(0L);
        assertThat(service.requests.stream().filter(r -> "s1".equals(r.stream)).map(r -> r.offset))
                .containsOnly(0L, 10L);
    }

    // A spool that has lost rows of an intent.

    @Test
    void rowsTheSpoolHasLostAreLeftOutAndTheOthersMoveUp() throws IOException {
        inFlight(3);
        bench.crash();
        bench.lose(4, 5, 19);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.lane.state().intents()).isEmpty();
    }

    @Test
    void aBlockWhoseRowsAreAllLostIsLeftOut() throws IOException {
        for (int lost = 0; lost < 3; lost++) {
            use(LaneBench.EXACTLY_ONCE);
            inFlight(3);
            bench.crash();
            bench.lose(rows(lost * 10L, lost * 10L + 10).stream()
                    .mapToLong(row -> row)
                    .toArray());
            bench.finish();
            bench.add(10);
            bench.finish();

            bench.assertEachRowIsStoredOnce();
            dir = dir.resolve("x");
        }
    }

    @Test
    void rowsTheSpoolHasLostWereStoredAllTheSame() throws IOException {
        inFlight(3);
        service.answerAll();
        bench.crash();
        bench.lose(4, 5, 19);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.requests).hasSize(6);
    }

    // Time without rows.

    @Test
    void aConnectionWithoutWorkIsClosedAfterNineMinutesAndItsStreamKept() {
        bench.add(10);
        bench.finish();
        bench.run(Duration.ofMinutes(8));
        assertThat(bench.lane.isConnected()).isTrue();

        bench.run(Duration.ofMinutes(2));

        assertThat(bench.lane.isConnected()).isFalse();
        assertThat(bench.lane.hasWork()).isFalse();
        assertThat(service.appendersOpen).isZero();
        assertThat(service.finalizeCalls).isZero();
        bench.add(10);
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        assertThat(service.streamsMade).isEqualTo(1);
    }

    /** Columns that BA may not add were added by somebody else: their values are wanted from now on. */
    @Test
    void aConnectionThatKnowsFewerColumnsThanTheTableIsMadeAnewBetweenTwoBlocks() {
        inFlight(3);
        service.outdated = 1;
        bench.add(10);
        bench.run(SECOND.multipliedBy(11));
        assertThat(service.opens).isEqualTo(1);

        service.answerAll();
        bench.run(SECOND);
        assertThat(service.opens).isEqualTo(2);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.streamsMade).isEqualTo(1);
        assertThat(bench.metrics.retries).isEmpty();
    }

    @Test
    void anUnusedStreamIsEndedAfterThreeDays() {
        bench.add(10);
        bench.finish();
        bench.run(Duration.ofDays(3).plusHours(1));

        assertThat(service.streams.get("s1").isFinal).isTrue();
        assertThat(bench.lane.state().stream()).isNull();
        assertThat(bench.lane.isFailing()).isFalse();
        bench.add(10);
        bench.finish();
        bench.assertEachRowIsStoredOnce();
        assertThat(service.streamsMade).isEqualTo(2);
    }

    @Test
    void anUnusedStreamThatCannotBeEndedMakesNoNoise() {
        bench.add(10);
        bench.finish();
        service.broken.put("finalize", exception(Failure.CONNECTION));
        bench.run(Duration.ofDays(4));

        assertThat(bench.lane.isFailing()).isFalse();
        assertThat(bench.lane.hasWork()).isFalse();
        assertThat(service.finalizeCalls).isLessThan(10);
        service.broken.clear();
        bench.add(10);
        bench.finish();
        bench.assertEachRowIsStoredOnce();
    }

    @Test
    void rowsThatComeWhileAnUnusedStreamIsEndedAreNotForgotten() {
        bench.add(10);
        bench.finish();
        bench.run(Duration.ofDays(3).minusHours(1));
        bench.areCallsHeld = true;
        bench.run(Duration.ofHours(3));
        assertThat(bench.lane.status().phase()).isEqualTo("retiring");
        bench.add(10);
        bench.run(SECOND);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
    }

    // Draining and closing.

    @Test
    void drainingSendsWhatThereIs() {
        bench.add(10);
        bench.finish();
        bench.add(1);
        assertThat(bench.feed()).isTrue();
        long unused = bench.step();
        assertThat(bench.lane.hasWork()).isTrue();

        bench.lane.drain();
        unused = bench.step();
        unused = bench.step();

        assertThat(bench.lane.hasWork()).isFalse();
        assertThat(service.stored).isEqualTo(rows(0, 11));
    }

    @Test
    void drainingTriesOnceMoreAtOnceWhereItFailed() {
        service.broken.put("prepare", exception(Failure.UNAUTHENTICATED));
        bench.add(10);
        bench.run(Duration.ofMinutes(10));
        assertThat(bench.lane.status().phase()).isEqualTo("waiting");
        service.broken.clear();

        bench.lane.drain();
        bench.run(Duration.ofMillis(200));

        bench.assertEachRowIsStoredOnce();
        assertThat(bench.lane.hasWork()).isFalse();
    }

    @Test
    void aClosedLaneDoesNothingAnyMore() {
        inFlight(2);
        bench.lane.close();
        bench.run(Duration.ofHours(1));

        assertThat(service.appendersOpen).isZero();
        assertThat(service.requests).hasSize(2);
        assertThat(onDisk().intents()).hasSize(2);
    }

    @Test
    void aConnectionThatOpensAfterTheLaneWasClosedIsClosedToo() {
        bench.areCallsHeld = true;
        bench.add(1);
        bench.run(Duration.ofMillis(10));
        bench.lane.close();
        bench.runCalls();

        assertThat(service.appendersOpen).isZero();
    }

    // The machine it runs on.

    @Test
    void aStateThatCannotBeSavedKeepsTheRowsUntilItCan() throws IOException {
        bench.add(10);
        bench.finish();
        bench.store.close();
        bench.add(10);
        bench.run(Duration.ofMinutes(1));
        assertThat(service.stored).hasSize(10);
        assertThat(bench.lane.isFailing()).isTrue();

        bench.store = LaneStore.open(dir);
        bench.finish();

        bench.assertEachRowIsStoredOnce();
    }

    // The other modes.

    @ParameterizedTest
    @EnumSource(
            value = DeliveryMode.class,
            names = {"AT_LEAST_ONCE", "INSERT_ALL"})
    void withoutAStreamNothingIsLost(DeliveryMode mode) throws IOException {
        use(LaneBench.options(mode));
        inFlight(3);
        service.refusedRows.addAll(List.of(2L, 12L));
        service.loseAnswerOnce(Failure.CONNECTION);
        service.answerAll();
        bench.finish();

        assertThat(service.streamsMade).isZero();
        assertThat(service.finalizeCalls).isZero();
        assertThat(bench.parked).contains(2L, 12L);
        assertThat(service.stored).containsAll(rows(3, 10)).containsAll(rows(13, 30));
        assertThat(bench.lane.settledBelow()).isEqualTo(30);
    }

    @ParameterizedTest
    @EnumSource(
            value = DeliveryMode.class,
            names = {"AT_LEAST_ONCE", "INSERT_ALL"})
    void withoutAStreamWhatWasStoredBehindAFailedBlockIsNotSentAgain(DeliveryMode mode) throws IOException {
        use(LaneBench.options(mode));
        inFlight(3);
        service.failOnce(failed(Failure.CONNECTION));
        service.answerAll();
        bench.finish();

        bench.assertEachRowIsStoredOnce();
        assertThat(service.requests).hasSize(4);
    }

    @Test
    void anotherModeDoesNotUseTheStreamThatWasLeft() throws IOException {
        inFlight(2);
        service.answerAll();
        bench.options = LaneBench.options(DeliveryMode.AT_LEAST_ONCE);
        bench.crash();
        service.streams.get("s1").isFinal = true;
        bench.add(10);
        bench.finish();

        assertThat(service.requests.stream().skip(2).map(request -> request.stream))
                .containsOnlyNulls();
        assertThat(service.stored).containsAll(rows(0, 30));
        bench.options = LaneBench.EXACTLY_ONCE;
        bench.crash();
        int before = service.stored.size();
        bench.add(10);
        bench.finish();
        assertThat(service.stored).hasSize(before + 10);
        assertThat(bench.lane.isFailing()).isFalse();
    }
}
