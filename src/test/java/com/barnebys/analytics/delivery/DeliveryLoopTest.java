package com.barnebys.analytics.delivery;

import static com.barnebys.analytics.delivery.DeliveryLoop.CONTINUE;
import static com.barnebys.analytics.delivery.DeliveryLoop.IDLE_NANOS;
import static com.barnebys.analytics.delivery.DeliveryLoop.POLL_NANOS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.Backoff;
import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.SampleRows;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryLoopTest {
    private static final byte[] MALFORMED = {5};

    private final FakeBacklog spool = new FakeBacklog();
    private final FakeSink sink = new FakeSink();
    private final RecordingMetrics metrics = new RecordingMetrics();
    private final ArrayList<Long> parked = new ArrayList<>();
    private long now = Long.MAX_VALUE - 5_000_000; // nanoTime may run over
    private DeliveryLoop loop = loop(new DeliveryOptions(10, 100, Duration.ofSeconds(1)));

    private DeliveryLoop loop(DeliveryOptions options) {
        return new DeliveryLoop(
                spool,
                sink,
                (sequence, buffer, offset, length, reason, detail) -> parked.add(sequence),
                options,
                metrics,
                () -> now,
                new SplittableRandom(1));
    }

    private void turn(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** Turns the clock by what the loop asks for, until it has been turned by that much. */
    private void run(Duration time) {
        long end = now + time.toNanos();
        while (end - now > 0) {
            now += Math.max(1_000, loop.runOnce());
        }
    }

    @Test
    void anEmptySpoolIsAskedTwentyTimesASecond() {
        assertThat(loop.runOnce()).isEqualTo(IDLE_NANOS);
        assertThat(spool.reads).isZero();
    }

    @Test
    void aRowWaitsForOthersAsLongAsItMay() {
        assertThat(loop.runOnce()).isEqualTo(IDLE_NANOS);
        spool.add(1);
        assertThat(loop.runOnce()).isEqualTo(POLL_NANOS);
        turn(990);
        assertThat(loop.runOnce()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        assertThat(sink.batches).isEmpty();

        turn(10);

        assertThat(loop.runOnce()).isEqualTo(CONTINUE);
        assertThat(sink.batches).containsExactly(1);
        assertThat(loop.runOnce()).isEqualTo(IDLE_NANOS);
    }

    @Test
    void enoughRowsAreTakenAtOnceButNotMoreThanTwentyTimesASecond() {
        spool.add(10);
        assertThat(loop.runOnce()).isEqualTo(CONTINUE);
        assertThat(sink.batches).containsExactly(10);

        spool.add(10);
        turn(20);
        assertThat(loop.runOnce()).isEqualTo(POLL_NANOS);
        turn(20);
        assertThat(loop.runOnce()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        turn(10);
        assertThat(loop.runOnce()).isEqualTo(CONTINUE);

        assertThat(sink.batches).containsExactly(10, 10);
    }

    @Test
    void aBacklogIsTakenInLargeBatchesWithoutWaiting() {
        spool.add(250);

        assertThat(loop.runOnce()).isEqualTo(CONTINUE);
        assertThat(loop.runOnce()).isEqualTo(CONTINUE);
        assertThat(loop.runOnce()).isEqualTo(POLL_NANOS);
        turn(50);
        assertThat(loop.runOnce()).isEqualTo(CONTINUE);

        assertThat(sink.batches).containsExactly(100, 100, 50);
        assertThat(sink.stored)
                .containsExactlyElementsOf(LongStream.range(0, 250).boxed().toList());
    }

    @Test
    void aBatchHasAtMostEightMebibytes() {
        loop = loop(new DeliveryOptions(10, 5_000, Duration.ofSeconds(1)));
        for (int i = 0; i < 400; i++) {
            spool.add(new byte[60_000]);
        }

        run(Duration.ofSeconds(3));

        int most = (int) (DeliveryLoop.BATCH_BYTES_MAX / 60_000);
        assertThat(sink.batches).containsExactly(most, most, 400 - 2 * most);
    }

    @Test
    void withoutAnyWaitThereAreStillAtMostTwentyBatchesASecond() {
        loop = loop(new DeliveryOptions(1, 100, Duration.ZERO));
        long end = now + Duration.ofSeconds(1).toNanos();

        int steps = 0;
        while (end - now > 0) {
            spool.add(1);
            now += Math.max(1_000_000, loop.runOnce());
            steps++;
        }

        assertThat(sink.batches).hasSizeBetween(10, 20);
        assertThat(steps).isLessThan(150);
    }

    @Test
    void theSpoolIsTrimmedToWhatIsStored() {
        spool.add(30);
        run(Duration.ofMillis(100));
        spool.add(30);
        run(Duration.ofMillis(100));

        assertThat(spool.trims).containsExactly(30L, 60L);
        assertThat(metrics.delivered).isEqualTo(Map.of("click", 60L));
        assertThat(metrics.batches).isEqualTo(2);
    }

    @Test
    void aSpoolThatCannotBeTrimmedKeepsNobody() {
        spool.trimFails = new IOException("read-only file system");
        spool.add(30);
        run(Duration.ofMillis(100));
        spool.trimFails = null;
        spool.add(30);
        run(Duration.ofMillis(100));

        assertThat(sink.batches).containsExactly(30, 30);
        assertThat(spool.trims).containsExactly(60L);
        assertThat(metrics.retries).isEmpty();
    }

    @Test
    void deliveryBeginsAtThePositionOfTheSink() {
        spool.add(30);
        sink.position = 12;
        loop = loop(DeliveryOptions.DEFAULT);
        loop.drain();

        assertThat(loop.runOnce()).isEqualTo(CONTINUE);

        assertThat(sink.stored)
                .containsExactlyElementsOf(LongStream.range(12, 30).boxed().toList());
        assertThat(metrics.delivered).isEqualTo(Map.of("click", 18L));
    }

    @Test
    void missingNumbersAreSteppedOver() {
        spool.add(5);
        spool.lose(7);
        spool.add(5);
        spool.lose(3);
        loop.drain();

        run(Duration.ofSeconds(1));

        assertThat(sink.position).isEqualTo(20);
        assertThat(sink.stored).containsExactly(0L, 1L, 2L, 3L, 4L, 12L, 13L, 14L, 15L, 16L);
        assertThat(loop.isDrained()).isTrue();
    }

    @Test
    void rowsThatAreNotFlushedYetAreWaitedForWithoutSpinning() {
        spool.add(10);
        spool.isUnflushed = true;

        assertThat(loop.runOnce()).isEqualTo(POLL_NANOS);
        run(Duration.ofMillis(500));
        assertThat(spool.reads).isLessThan(30);
        spool.isUnflushed = false;
        run(Duration.ofMillis(100));

        assertThat(sink.batches).containsExactly(10);
    }

    @Test
    void aFailedBatchStaysInTheSpoolAndComesAgain() {
        sink.failBefore = 3;
        spool.add(20);

        assertThat(loop.runOnce()).isPositive();
        assertThat(loop.isFailing()).isTrue();
        assertThat(spool.trims).isEmpty();
        assertThat(metrics.delivered).isEmpty();
        run(Duration.ofSeconds(2));

        assertThat(loop.isFailing()).isFalse();
        assertThat(sink.stored)
                .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
        assertThat(spool.seeks).containsExactly(0L, 0L, 0L);
        assertThat(metrics.retries).containsExactly(RetryCause.BUSY, RetryCause.BUSY, RetryCause.BUSY);
        assertThat(metrics.delivered).isEqualTo(Map.of("click", 20L));
    }

    @Test
    void aCommitThatThrewAndCountedIsCountedRightThenAndNotSentAgain() {
        sink.failAfter = 1;
        spool.add(20);

        assertThat(loop.runOnce()).isPositive();
        assertThat(metrics.delivered).isEqualTo(Map.of("click", 20L));
        spool.add(5);
        run(Duration.ofSeconds(3));

        assertThat(spool.seeks).containsExactly(20L);
        assertThat(sink.batches).containsExactly(20, 5);
        assertThat(metrics.delivered).isEqualTo(Map.of("click", 25L));
        assertThat(spool.trims).containsExactly(25L);
    }

    @Test
    void theWaitBetweenFailuresDoublesUpToThirtySeconds() {
        sink.failBefore = Integer.MAX_VALUE;
        spool.add(20);

        long bound = Backoff.FIRST.toNanos();
        long longest = 0;
        for (int i = 0; i < 40; i++) {
            long wait = loop.runOnce();
            assertThat(wait).isBetween(1L, bound);
            longest = Math.max(longest, wait);
            assertThat(sink.attempts).isEqualTo(i + 1);
            now += wait / 2;
            assertThat(loop.runOnce()).as("not before its time").isEqualTo(wait - wait / 2);
            now += wait - wait / 2;
            bound = Math.min(bound * 2, Backoff.MAX.toNanos());
        }

        assertThat(longest).isGreaterThan(Duration.ofSeconds(25).toNanos());
    }

    @Test
    void afterASuccessTheWaitBeginsSmallAgain() {
        sink.failBefore = 12;
        spool.add(20);
        run(Duration.ofMinutes(5));
        assertThat(sink.batches).containsExactly(20);

        sink.failBefore = 1;
        spool.add(20);

        assertThat(loop.runOnce()).isBetween(1L, Backoff.FIRST.toNanos());
    }

    @Test
    void aBugIsTriedAgainLikeAnyFailure() {
        sink.bug = new IllegalStateException("a bug");
        spool.add(20);
        run(Duration.ofSeconds(1));
        assertThat(metrics.retries).isNotEmpty().containsOnly(RetryCause.OTHER);

        sink.bug = null;
        run(Duration.ofMinutes(1));

        assertThat(sink.batches).containsExactly(20);
    }

    @Test
    void aSpoolThatCannotBeReadIsTriedAgain() {
        spool.readFails = new IOException("disk");
        spool.add(20);
        run(Duration.ofSeconds(1));
        assertThat(metrics.retries).isNotEmpty().containsOnly(RetryCause.IO);

        spool.readFails = null;
        run(Duration.ofMinutes(1));

        assertThat(sink.batches).containsExactly(20);
        assertThat(metrics.delivered).isEqualTo(Map.of("click", 20L));
    }

    @Test
    void anErrorGoesUp() {
        sink.error = new OutOfMemoryError("no memory");
        spool.add(20);

        assertThatThrownBy(() -> loop.runOnce()).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void aRowIsParkedAndCountedOnceHoweverOftenItsBatchIsTried() {
        sink.failBefore = 3;
        spool.add(4);
        spool.add(MALFORMED);
        spool.add(15);
        run(Duration.ofSeconds(3));

        assertThat(parked).containsExactly(4L);
        assertThat(metrics.parked).containsExactly(" MALFORMED_ROW");
        assertThat(metrics.delivered).isEqualTo(Map.of("click", 19L));
        assertThat(sink.stored).hasSize(19);
    }

    @Test
    void rowsAreCountedPerTable() {
        spool.add(SampleRows.record("click", "a"));
        spool.add(SampleRows.record("impression", "a"));
        spool.add(SampleRows.record("click", "a"));
        run(Duration.ofSeconds(2));

        assertThat(metrics.delivered).isEqualTo(Map.of("click", 2L, "impression", 1L));
    }

    @Test
    void upkeepIsDoneOnceAMinuteAndAsLongAsThereIsMore() {
        assertThat(loop.runOnce()).isEqualTo(IDLE_NANOS);
        assertThat(sink.upkeeps).isEqualTo(1);
        run(Duration.ofSeconds(59));
        assertThat(sink.upkeeps).isEqualTo(1);

        sink.upkeepsMore = 3;
        run(Duration.ofSeconds(2));

        assertThat(sink.upkeeps).isEqualTo(5);
    }

    @Test
    void upkeepIsDoneUnderLoadToo() {
        sink.upkeepsMore = 1_000_000;
        long end = now + Duration.ofMinutes(2).toNanos();

        int batches = 0;
        while (end - now > 0) {
            spool.add(100);
            turn(100);
            assertThat(loop.runOnce()).isEqualTo(CONTINUE);
            batches++;
        }

        assertThat(sink.batches).hasSize(batches);
        assertThat(sink.upkeeps).isBetween(2, 3);
    }

    @Test
    void upkeepThatFailsDisturbsNothing() {
        sink.upkeepFails = true;
        spool.add(1);

        run(Duration.ofSeconds(130));

        assertThat(sink.upkeeps).isEqualTo(3);
        assertThat(sink.batches).containsExactly(1);
        assertThat(metrics.retries).isEmpty();
    }

    @Test
    void drainingWaitsForNothing() {
        spool.add(1);
        assertThat(loop.runOnce()).isEqualTo(POLL_NANOS);
        assertThat(loop.isDrained()).isFalse();

        loop.drain();
        assertThat(loop.runOnce()).isEqualTo(CONTINUE);
        assertThat(loop.isDrained()).isFalse();
        assertThat(loop.runOnce()).isEqualTo(IDLE_NANOS);

        assertThat(sink.batches).containsExactly(1);
        assertThat(loop.isDrained()).isTrue();
    }

    @Test
    void drainingTriesOnceMoreAtOnceWhereItFailed() {
        sink.failBefore = 10;
        spool.add(20);
        run(Duration.ofSeconds(5));
        int attempts = sink.attempts;
        sink.failBefore = 0;

        loop.drain();

        assertThat(loop.runOnce()).isEqualTo(CONTINUE);
        assertThat(sink.attempts).isEqualTo(attempts + 1);
        assertThat(sink.batches).containsExactly(20);
    }

    @Test
    void nothingIsDrainedBeforeItIsAskedFor() {
        assertThat(loop.runOnce()).isEqualTo(IDLE_NANOS);

        assertThat(loop.isDrained()).isFalse();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void whatIsAcceptedIsDeliveredOrParkedOrInTheSpool(long seed) {
        Random random = new Random(seed);
        int malformed = 0;
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(8)) {
                case 0 -> sink.failBefore = random.nextInt(3);
                case 1 -> sink.failAfter = random.nextInt(3);
                case 2 -> sink.bug = random.nextBoolean() ? new IllegalStateException("a bug") : null;
                case 3 -> spool.readFails = random.nextInt(4) == 0 ? new IOException("disk") : null;
                case 4 -> {
                    spool.add(MALFORMED);
                    malformed++;
                }
                default -> spool.add(random.nextInt(60));
            }
            run(Duration.ofMillis(random.nextInt(200)));

            long counted = metrics.delivered.values().stream().mapToLong(n -> n).sum() + metrics.parked.size();
            assertThat(counted).isEqualTo(sink.position);
            assertThat(spool.firstKept).isLessThanOrEqualTo(sink.position);
        }
        sink.bug = null;
        spool.readFails = null;
        loop.drain();
        run(Duration.ofMinutes(5));

        assertThat(loop.isDrained()).isTrue();
        assertThat(new TreeSet<>(sink.stored)).hasSize(sink.stored.size());
        assertThat(sink.stored.size() + malformed).isEqualTo((int) spool.next);
        assertThat(metrics.parked).hasSize(malformed);
        assertThat(parked).hasSize(malformed);
    }
}
