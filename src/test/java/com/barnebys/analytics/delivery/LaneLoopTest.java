package com.barnebys.analytics.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.delivery.FakeLaneSink.FakeLane;
import com.barnebys.analytics.sink.SampleRows;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LaneLoopTest {
    private static final byte[] MALFORMED = {0};

    private final FakeBacklog spool = new FakeBacklog();
    private final FakeLaneSink sink = new FakeLaneSink(spool);
    private long now = Long.MAX_VALUE - 5_000_000; // nanoTime may run over
    private LaneLoop loop = new LaneLoop(spool, sink, 100, () -> now);

    private void restart() {
        loop = new LaneLoop(spool, sink, 100, () -> now);
    }

    private void add(String table, int rows) {
        for (int i = 0; i < rows; i++) {
            spool.add(SampleRows.record(table, "p"));
        }
    }

    /** Turns the clock by what the loop asks for, until it has been turned by that much. */
    private void run(Duration time) {
        long end = now + time.toNanos();
        while (end - now > 0) {
            now += Math.max(1_000_000, Math.min(loop.runOnce(), end - now));
        }
    }

    private List<Long> rows(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private FakeLane lane(String table) {
        FakeLane lane = sink.lanes.get(table);
        assertThat(lane).as(table).isNotNull();
        return lane;
    }

    @Test
    void aNewTableGetsALaneFromItsFirstRowOn() {
        add("click", 3);
        add("events", 2);
        run(Duration.ofMillis(200));

        assertThat(lane("click").stored).containsExactly(0L, 1L, 2L);
        assertThat(lane("events").stored).containsExactly(3L, 4L);
    }

    @Test
    void anEmptySpoolIsAskedTwentyTimesASecondAndNotRead() {
        assertThat(loop.runOnce()).isEqualTo(LaneLoop.IDLE_NANOS);
        run(Duration.ofSeconds(1));

        assertThat(spool.reads).isZero();
    }

    @Test
    void aLoadThatTricklesInIsReadTwentyTimesASecond() {
        for (int i = 0; i < 1000; i++) {
            add("click", 1);
            run(Duration.ofMillis(1));
        }

        assertThat(spool.reads).isBetween(15, 25);
    }

    @Test
    void aBacklogIsReadWithoutWaiting() {
        add("click", 10_000);
        for (int i = 0; i < 10; i++) {
            long unused = loop.runOnce();
        }

        assertThat(lane("click").stored).hasSize(10_000);
    }

    @Test
    void aSlowLaneHoldsUpNoOtherForLongAndHoldsNoMoreThanItMay() {
        FakeLane slow = sink.add("click", 0);
        slow.roomRows = 100;
        slow.stepRows = 0;
        add("click", 5_000);
        add("events", 10);
        add("click", 5_000);

        run(Duration.ofMillis(LaneLoop.HEAD_WAITS_MILLIS_MAX + 100));

        assertThat(lane("events").stored).hasSize(10);
        assertThat(slow.heldMost).isLessThanOrEqualTo(100 + LaneLoop.READ_RECORDS_MAX);
        slow.stepRows = 50;
        slow.waitNanos = 1_000_000;
        run(Duration.ofSeconds(5));
        assertThat(slow.stored).hasSize(10_000);
        assertThat(slow.heldMost).isLessThanOrEqualTo(100 + LaneLoop.READ_RECORDS_MAX);
    }

    @Test
    void aLaneThatIsLeftBehindReadsByItselfAndGivesItsReaderBack() {
        FakeLane slow = sink.add("click", 0);
        slow.roomRows = 10;
        slow.stepRows = 0;
        add("click", 3_000);
        run(Duration.ofMillis(500));
        assertThat(slow.wanted()).isLessThan(3_000);

        slow.roomRows = 500;
        slow.stepRows = 100;
        run(Duration.ofSeconds(3));

        assertThat(slow.stored).hasSize(3_000);
        assertThat(spool.readersOpen).isEqualTo(1);
    }

    @Test
    void aLaneWithoutAConnectionGetsItsRowsWhenItHasOneAgain() {
        sink.areOpen = false;
        add("click", 10);
        add("events", 10);
        run(Duration.ofSeconds(1));
        assertThat(lane("click").offered).isEmpty();

        lane("events").connect();
        run(Duration.ofSeconds(1));
        assertThat(lane("events").stored).isEqualTo(new TreeSet<>(rows(10, 20)));
        assertThat(spool.firstKept).isZero();

        lane("click").connect();
        run(Duration.ofSeconds(2));
        assertThat(lane("click").stored).isEqualTo(new TreeSet<>(rows(0, 10)));
        assertThat(spool.firstKept).isEqualTo(20);
        assertThat(spool.readersOpen).isEqualTo(1);
    }

    @Test
    void aLaneThatCatchesUpMissesNothingWhileTheSharedReaderGoesOn() {
        sink.areOpen = false;
        add("click", 20_000);
        run(Duration.ofSeconds(1));

        lane("click").connect();
        for (int i = 0; i < 100; i++) {
            add("click", 200);
            run(Duration.ofMillis(10));
        }
        run(Duration.ofSeconds(5));

        assertThat(lane("click").stored).hasSize(40_000);
    }

    @Test
    void aLaneThatLosesItsConnectionWhileItCatchesUpBeginsWhereItsRowsAreNotSettled() {
        sink.areOpen = false;
        add("click", 5_000);
        run(Duration.ofSeconds(1));
        FakeLane lane = lane("click");
        lane.stepRows = 100;
        lane.roomRows = 1500;

        for (int i = 0; i < 10; i++) {
            lane.connect();
            run(Duration.ofMillis(3));
            add("click", 100);
            lane.drop();
            run(Duration.ofMillis(60));
        }
        lane.connect();
        run(Duration.ofSeconds(5));

        assertThat(lane.stored).hasSize(6_000);
        assertThat(spool.readersOpen).isEqualTo(1);
    }

    @Test
    void theSpoolIsTrimmedToWhatAllLanesHaveSettled() {
        sink.add("click", 0).stepRows = 0;
        add("events", 10);
        add("click", 1);
        add("events", 10);
        run(Duration.ofSeconds(3));

        assertThat(spool.trims).isNotEmpty().containsOnly(10L);
        assertThat(sink.settled).isEmpty();
        lane("click").stepRows = 1;
        run(Duration.ofSeconds(2));
        assertThat(spool.firstKept).isEqualTo(21);
        assertThat(sink.settled).isNotEmpty().containsOnly(21L);
    }

    @Test
    void aSpoolThatCannotBeTrimmedKeepsNobody() {
        spool.trimFails = new IOException("read-only file system");
        for (int i = 0; i < 500; i++) {
            add("click", 1);
            run(Duration.ofMillis(10));
            if (i > 10) {
                assertThat(lane("click").stored).hasSizeGreaterThan(i - 10);
            }
        }
    }

    @Test
    void aRecordWithoutATableIsParkedOnceAfterARestartToo() {
        add("click", 1);
        spool.add(MALFORMED);
        spool.add(new byte[0]);
        spool.add(new byte[] {9, 'x'});
        add("click", 1);
        run(Duration.ofMillis(200));
        restart();
        run(Duration.ofMillis(200));

        assertThat(sink.malformed).containsExactly(1L, 2L, 3L);
        assertThat(lane("click").stored).containsExactly(0L, 4L);
    }

    @Test
    void whatCannotBeParkedIsNotPassedOverAndOtherRowsAreSettledMeanwhile() {
        add("click", 5);
        spool.add(MALFORMED);
        add("click", 5);
        sink.parkFails = new IOException("disk full");
        sink.add("click", 0).stepRows = 1;
        run(Duration.ofSeconds(20));

        assertThat(sink.malformed).isEmpty();
        assertThat(loop.isFailing()).isTrue();
        assertThat(lane("click").stored).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(spool.firstKept).isLessThanOrEqualTo(5);
        sink.parkFails = null;
        run(Duration.ofSeconds(3));
        assertThat(sink.malformed).containsExactly(5L);
        assertThat(lane("click").stored).hasSize(10);
        assertThat(loop.isFailing()).isFalse();
    }

    @Test
    void afterARestartTheSharedReaderBeginsAtTheFirstRecordThereIs() {
        add("click", 10);
        add("events", 10);
        sink.add("click", 7);
        sink.add("events", 12);
        restart();
        run(Duration.ofMillis(200));

        assertThat(lane("click").stored).containsExactly(7L, 8L, 9L);
        assertThat(lane("events").stored).isEqualTo(new TreeSet<>(rows(12, 20)));
    }

    @Test
    void aLaneWhoseLastRowIsLongGoneGetsItsNextOneAfterARestart() throws IOException {
        for (boolean isOpen : List.of(false, true)) {
            sink.areOpen = isOpen;
            String table = "rare" + isOpen;
            spool.lose(1000);
            spool.trim(spool.next);
            sink.add(table, 1);
            restart();
            add(table, 2);
            run(Duration.ofMillis(200));
            assertThat(isOpen || lane(table).hasWork()).isTrue();
            lane(table).connect();
            run(Duration.ofMillis(200));

            assertThat(lane(table).stored).hasSize(2);
        }
        loop.drain();
        run(Duration.ofMillis(200));
        assertThat(loop.isDrained()).isTrue();
    }

    @Test
    void numbersThatAreMissingAreSteppedOver() {
        add("click", 5);
        spool.lose(7);
        add("click", 5);
        spool.lose(3);
        run(Duration.ofMillis(200));
        loop.drain();
        run(Duration.ofMillis(200));

        assertThat(lane("click").stored).hasSize(10);
        assertThat(loop.isDrained()).isTrue();
        assertThat(spool.firstKept).isEqualTo(20);
    }

    @Test
    void numbersThatAreMissingAreSteppedOverByALaneOfItsOwnToo() {
        sink.areOpen = false;
        add("click", 5);
        spool.lose(7);
        add("click", 5);
        spool.lose(3);
        run(Duration.ofMillis(200));
        lane("click").connect();
        run(Duration.ofMillis(200));

        assertThat(lane("click").stored).hasSize(10);
        assertThat(lane("click").settledBelow()).isEqualTo(20);
    }

    @Test
    void aFailingReadIsTriedAgainAndLanesGoOn() {
        add("click", 100);
        sink.add("click", 0).stepRows = 1;
        run(Duration.ofMillis(5));
        add("click", 100);
        spool.readFails = new IOException("disk");
        run(Duration.ofSeconds(2));
        assertThat(loop.isFailing()).isTrue();
        int steps = lane("click").steps;
        run(Duration.ofSeconds(3));
        assertThat(lane("click").steps).isGreaterThan(steps);

        spool.readFails = null;
        lane("click").stepRows = 100;
        run(Duration.ofSeconds(3));

        assertThat(lane("click").stored).hasSize(200);
        assertThat(loop.isFailing()).isFalse();
    }

    @Test
    void rowsThatAreNotFlushedYetAreWaitedForWithoutSpinning() {
        add("click", 200);
        spool.isUnflushed = true;
        run(Duration.ofSeconds(1));
        assertThat(spool.reads).isLessThan(30);

        spool.isUnflushed = false;
        run(Duration.ofMillis(200));
        assertThat(lane("click").stored).hasSize(200);
    }

    @Test
    void aBugInOneLaneHoldsUpNoOther() {
        sink.add("click", 0).bug = new IllegalStateException("a bug");
        add("click", 5);
        add("events", 5);
        add("abc", 5);
        run(Duration.ofSeconds(5));

        assertThat(loop.isFailing()).isTrue();
        assertThat(lane("events").stored).hasSize(5);
        assertThat(lane("abc").stored).hasSize(5);
    }

    @Test
    void aLaneThatFailsIsToldOf() {
        sink.add("click", 0).isFailing = true;
        restart();
        long unused = loop.runOnce();

        assertThat(loop.isFailing()).isTrue();
    }

    @Test
    void theLoopSleepsNoLongerThanALaneWants() {
        sink.add("click", 0).waitNanos = 1234;
        restart();

        assertThat(loop.runOnce()).isEqualTo(1234);
    }

    @Test
    void drainingEndsWhenNoLaneHasWork() {
        sink.add("click", 0).stepRows = 0;
        add("click", 10);
        loop.drain();
        run(Duration.ofSeconds(1));
        assertThat(sink.isDraining).isTrue();
        assertThat(loop.isDrained()).isFalse();

        lane("click").stepRows = 10;
        run(Duration.ofMillis(100));

        assertThat(loop.isDrained()).isTrue();
        assertThat(spool.firstKept).isEqualTo(10);
    }

    @Test
    void nothingIsDrainedAsLongAsALaneHasRowsToRead() {
        sink.areOpen = false;
        add("click", 10);
        loop.drain();
        run(Duration.ofSeconds(1));

        assertThat(loop.isDrained()).isFalse();
    }

    @Test
    void nothingIsDrainedBeforeItIsAskedFor() {
        run(Duration.ofMillis(100));

        assertThat(loop.isDrained()).isFalse();
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRowIsOfferedHoweverLanesComeAndGo(long seed) {
        Random random = new Random(seed);
        String[] tables = {"click", "events", "view"};
        for (int i = 0; i < 200; i++) {
            String table = tables[random.nextInt(3)];
            FakeLane lane = sink.lanes.get(table);
            switch (random.nextInt(8)) {
                case 0 -> spool.lose(random.nextInt(5));
                case 1 -> sink.areOpen = random.nextBoolean();
                case 2 -> spool.readFails = random.nextInt(3) == 0 ? new IOException("disk") : null;
                case 3 -> {
                    spool.add(MALFORMED);
                    sink.parkFails = random.nextInt(5) == 0 ? new IOException("disk") : null;
                }
                case 4 -> {
                    if (lane != null && lane.isOpen) {
                        lane.drop();
                    } else if (lane != null) {
                        lane.connect();
                    }
                }
                case 5 -> {
                    if (lane != null) {
                        lane.roomRows = 1 + random.nextInt(300);
                        lane.stepRows = random.nextInt(200);
                    }
                }
                default -> add(table, random.nextInt(random.nextInt(10) == 0 ? 2000 : 50));
            }
            run(Duration.ofMillis(random.nextInt(80)));
        }
        spool.readFails = null;
        sink.parkFails = null;
        sink.lanes.values().forEach(lane -> {
            lane.connect();
            lane.stepRows = 1000;
        });
        loop.drain();
        run(Duration.ofSeconds(60));

        assertThat(loop.isDrained()).isTrue();
        assertThat(spool.records).isEmpty();
        assertThat(spool.readersOpen).isEqualTo(1);
    }
}
