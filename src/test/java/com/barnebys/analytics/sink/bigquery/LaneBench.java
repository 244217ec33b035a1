package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.SampleRows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A lane with all it needs, fed from a spool in memory, with a clock that is turned by hand. */
final class LaneBench implements LaneWorld, AutoCloseable {
    static final LaneOptions EXACTLY_ONCE = options(DeliveryMode.EXACTLY_ONCE);

    final MemoryService service = new MemoryService();
    final NavigableMap<Long, byte[]> spool = new TreeMap<>();

    /** What is in the dead letters, in their order. */
    final List<Long> parked = new ArrayList<>();

    /** Rows the spool had once. */
    final Set<Long> lost = new HashSet<>();

    final Recorded metrics = new Recorded();
    final ArrayDeque<Runnable> calls = new ArrayDeque<>();

    private final Path dir;
    private final SplittableRandom random;
    LaneOptions options;
    LaneStore store;
    TableLane lane;
    long next;
    long now = Long.MAX_VALUE - 5_000_000_000L; // nanoTime may run over
    long bytesMax = 16 << 20;
    private boolean isWoken;
    private long checkedBelow;

    /** Whether calls that block wait for {@link #runCalls}. */
    boolean areCallsHeld;

    /** Whether a good row comes now and then while {@link #finish} waits. */
    boolean isTrickling;

    @Nullable IOException parkingFails;

    /** Runs after a row was parked. */
    Runnable afterPark = () -> {};

    LaneBench(Path dir, LaneOptions options, long seed) throws IOException {
        this.dir = dir;
        this.options = options;
        random = new SplittableRandom(seed);
        store = LaneStore.open(dir);
        lane = new TableLane(this, LaneState.fresh(MemoryService.TABLE, 0));
    }

    static LaneOptions options(DeliveryMode mode) {
        return new LaneOptions(mode, 10, 100, Duration.ofSeconds(1));
    }

    // The spool.

    void add(int rows) {
        for (int i = 0; i < rows; i++) {
            add(0, next);
        }
    }

    /** A row of at least that many bytes. */
    void add(int bytes, long sequence) {
        spool.put(sequence, MemoryService.record(MemoryService.TABLE, sequence, bytes));
        next = sequence + 1;
    }

    /** Rows of another table. */
    void skip(int rows) {
        next += rows;
    }

    void lose(long... rows) {
        for (long row : rows) {
            spool.remove(row);
            lost.add(row);
        }
    }

    /** Hands in what the lane wants, as the readers of the spool do; whether it was something. */
    boolean feed() {
        if (lane.wanted() >= next) {
            return false;
        }
        if (!lane.hasRoom() && (lane.isConnected() || lane.hasWork())) {
            return false;
        }
        for (Map.Entry<Long, byte[]> row : spool.tailMap(lane.wanted()).entrySet()) {
            byte[] record = row.getValue();
            lane.offer(row.getKey(), record, 0, record.length);
            if (!lane.hasRoom()) {
                lane.passed(row.getKey() + 1);
                return true;
            }
        }
        lane.passed(next);
        return true;
    }

    // Time.

    void turn(Duration time) {
        now += time.toNanos();
    }

    long step() {
        long wait = lane.step(false);
        assertNothingUnsettledIsForgotten();
        return wait;
    }

    /** Feeds and steps, and turns the clock by what the lane asks for, until it has been turned by that much. */
    void run(Duration time) {
        long end = now + time.toNanos();
        while (end - now > 0) {
            boolean unused = feed();
            long wait = step();
            if (!areCallsHeld && !calls.isEmpty()) {
                runCalls();
                isWoken = true;
            }
            now += isWoken ? 100_000 : Math.max(100_000, Math.min(wait, end - now));
            isWoken = false;
        }
    }

    /** Until nothing is left to do; fails when that does not come. */
    void finish() {
        service.isHeld = false;
        areCallsHeld = false;
        runCalls();
        service.answerAll();
        for (int i = 0; i < 20_000; i++) {
            if (isTrickling && i % 200 == 199) {
                add(1);
            }
            boolean unused = feed();
            long wait = step();
            runCalls();
            if (!lane.hasWork() && lane.wanted() >= next) {
                return;
            }
            now += isWoken ? 1_000_000 : Math.max(1_000_000, Math.min(wait, 60_000_000_000L));
            isWoken = false;
        }
        throw new AssertionError(
                "not finished: " + lane.status() + " wanted " + lane.wanted() + " of " + next + " " + lane.state());
    }

    void runCalls() {
        while (!calls.isEmpty()) {
            calls.remove().run();
        }
    }

    /** As after kill -9: nothing is left but the disk and the service. */
    void crash() throws IOException {
        calls.clear();
        service.held.clear();
        store.close();
        start();
    }

    void start() throws IOException {
        store = LaneStore.open(dir);
        LaneState state = store.load().get(MemoryService.TABLE);
        long first = spool.isEmpty() ? next : spool.firstKey();
        lane = new TableLane(this, state == null ? LaneState.fresh(MemoryService.TABLE, first) : state);
    }

    // Claims.

    /** Every row below is in the table or parked, or the spool has lost it. What was there once stays there. */
    void assertNothingUnsettledIsForgotten() {
        long below = lane.settledBelow();
        if (below <= checkedBelow) {
            return;
        }
        Set<Long> missing = new TreeSet<>(spool.subMap(checkedBelow, below).keySet());
        missing.removeIf(new HashSet<>(service.stored)::contains);
        missing.removeIf(new HashSet<>(parked)::contains);
        assertThat(missing).as("settledBelow is %s", below).isEmpty();
        checkedBelow = below;
    }

    void assertEachRowIsStoredOnce(Long... butThese) {
        List<Long> expected = new ArrayList<>(spool.keySet());
        expected.removeAll(List.of(butThese));
        assertThat(service.stored.stream().filter(row -> !lost.contains(row)).toList())
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(new HashSet<>(parked)).containsExactlyInAnyOrder(butThese);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    // The lane's world.

    @Override
    public LaneOptions options() {
        return options;
    }

    @Override
    public LaneMetrics metrics() {
        return metrics;
    }

    @Override
    public LaneStore store() {
        return store;
    }

    @Override
    public Connector connector() {
        return service;
    }

    @Override
    public Parking parking() {
        return (sequence, buffer, offset, length, reason, detail) -> {
            if (parkingFails != null) {
                throw parkingFails;
            }
            assertThat(MemoryService.rowOf(buffer, offset, length)).isEqualTo(sequence);
            parked.add(sequence);
            afterPark.run();
        };
    }

    @Override
    public UUID spoolId() {
        return SampleRows.SPOOL;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public long laneBytesMax() {
        return bytesMax;
    }

    @Override
    public <T> CompletableFuture<T> blocking(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        calls.add(() -> {
            try {
                boolean unused = result.complete(task.call());
            } catch (Exception e) {
                boolean unused = result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Override
    public void wake() {
        isWoken = true;
    }

    /** Sums up what was counted. */
    static final class Recorded implements LaneMetrics {
        long delivered;
        long batches;
        long suppressed;
        long possibleDuplicates;
        int streamsMade;
        final List<ParkReason> parked = new ArrayList<>();
        final List<RetryCause> retries = new ArrayList<>();

        @Override
        public void delivered(String table, long rows) {
            delivered += rows;
        }

        @Override
        public void parked(String table, ParkReason reason) {
            parked.add(reason);
        }

        @Override
        public void batch(int rows, long nanos) {
            assertThat(nanos).isNotNegative();
            batches++;
        }

        @Override
        public void retry(String table, RetryCause cause) {
            retries.add(cause);
        }

        @Override
        public void duplicatesSuppressed(String table, long rows) {
            suppressed += rows;
        }

        @Override
        public void possibleDuplicates(String table, long rows) {
            possibleDuplicates += rows;
        }

        @Override
        public void streamMade(String table) {
            streamsMade++;
        }
    }
}
