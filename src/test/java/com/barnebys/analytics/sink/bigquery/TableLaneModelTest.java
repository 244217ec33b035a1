package com.barnebys.analytics.sink.bigquery;

import static com.barnebys.analytics.sink.bigquery.MemoryService.ended;
import static com.barnebys.analytics.sink.bigquery.MemoryService.exception;
import static com.barnebys.analytics.sink.bigquery.MemoryService.failed;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.bigquery.MemoryService.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random steps, faults and deaths of the process; after them each row is in the table once, or it is one of the bad ones
 * and parked. What the lane gives up unanswered may reach the service at any later time. More seeds than usual: {@code
 * -Dlane.seeds=1000}.
 */
class TableLaneModelTest {
    private static final int STEPS = 120;

    @TempDir
    Path dir;

    private Random random = new Random();
    private LaneBench bench;
    private MemoryService service;
    private double faults;
    private boolean isCrashing;

    /** The process dies here, in the middle of what it does. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("lane.seeds", 40));
    }

    static LongStream fewerSeeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("lane.seeds", 40) / 3);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void eachRowIsStoredOnceHoweverTheProcessAndTheServiceFail(long seed) throws IOException {
        open(DeliveryMode.EXACTLY_ONCE, seed);
        for (int i = 0; i < STEPS; i++) {
            act();
        }
        heal();

        bench.finish();
        service.deliverLate();

        assertThat(service.stored).doesNotHaveDuplicates();
        assertAllSettled();
        assertThat(bench.metrics.possibleDuplicates).isZero();
        assertThat(bench.lane.status().isStopped()).isFalse();
        bench.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewerSeeds")
    void duplicatesAreCountedWhereStreamsDisappear(long seed) throws IOException {
        open(DeliveryMode.EXACTLY_ONCE, seed);
        for (int i = 0; i < STEPS; i++) {
            if (random.nextInt(15) == 0) {
                service.streams.clear();
            }
            act();
        }
        heal();

        bench.finish();

        assertAllSettled();
        int twice = service.stored.size() - new HashSet<>(service.stored).size();
        assertThat((long) twice).isLessThanOrEqualTo(bench.metrics.possibleDuplicates);
        bench.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewerSeeds")
    void atLeastOnceLosesNothing(long seed) throws IOException {
        open(DeliveryMode.AT_LEAST_ONCE, seed);
        withoutStreams();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewerSeeds")
    void insertAllLosesNothing(long seed) throws IOException {
        open(DeliveryMode.INSERT_ALL, seed);
        withoutStreams();
    }

    private void withoutStreams() throws IOException {
        for (int i = 0; i < STEPS; i++) {
            act();
        }
        heal();
        bench.finish();
        assertAllSettled();
        assertThat(service.streamsMade).isZero();
        bench.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewerSeeds")
    void aSpoolThatLosesRowsStopsNothingAndDuplicatesNothing(long seed) throws IOException {
        open(DeliveryMode.EXACTLY_ONCE, seed);
        for (int i = 0; i < STEPS; i++) {
            act();
            if (random.nextInt(30) == 0 && !bench.spool.isEmpty()) {
                bench.crash();
                List<Long> rows = new ArrayList<>(
                        bench.spool.tailMap(bench.lane.settledBelow()).keySet());
                int from = rows.isEmpty() ? 0 : random.nextInt(rows.size());
                rows.stream().skip(from).limit(1 + random.nextInt(15)).forEach(row -> bench.lose(row));
            }
        }
        heal();

        bench.finish();
        service.deliverLate();

        assertThat(service.stored).doesNotHaveDuplicates();
        assertAllSettled();
        bench.close();
    }

    private void open(DeliveryMode mode, long seed) throws IOException {
        random = new Random(seed);
        bench = new LaneBench(dir, LaneBench.options(mode), seed);
        service = bench.service;
        service.fate = this::fate;
        service.afterCall = this::mayDie;
        bench.afterPark = this::mayDie;
        service.poisonEndsCalls = random.nextBoolean();
        service.rowsNamedMax = 1 + random.nextInt(4);
        faults = random.nextInt(4) * 0.1;
        isCrashing = random.nextInt(4) > 0;
    }

    private void mayDie() {
        if (isCrashing && random.nextInt(12) == 0) {
            throw new Killed();
        }
    }

    private @Nullable AppendResult fate(Request request) {
        if (isCrashing && random.nextInt(40) == 0) {
            if (random.nextBoolean()) {
                AppendResult unused = service.execute(request);
            } else if (random.nextBoolean()) {
                service.late.add(request);
            }
            throw new Killed();
        }
        if (random.nextDouble() >= faults) {
            return null;
        }
        switch (random.nextInt(10)) {
            case 0 -> {
                return failed(Failure.QUOTA);
            }
            case 1 -> {
                AppendResult unused = service.execute(request);
                return failed(random.nextBoolean() ? Failure.CONNECTION : Failure.TIMEOUT);
            }
            case 2, 3 -> {
                service.late.add(request);
                return failed(random.nextBoolean() ? Failure.CONNECTION : Failure.TIMEOUT);
            }
            case 4 -> {
                if (request.stream != null) {
                    service.streams.values().forEach(stream -> stream.isFinal |= random.nextInt(4) == 0);
                }
                return null;
            }
            case 5 -> {
                return failed(List.of(
                                Failure.OTHER,
                                Failure.PERMISSION_DENIED,
                                Failure.UNAUTHENTICATED,
                                Failure.SCHEMA_UNKNOWN_FIELD,
                                Failure.SCHEMA_TYPE)
                        .get(random.nextInt(5)));
            }
            case 6 -> {
                return request.rows.size() > 3 ? failed(Failure.TOO_LARGE) : null;
            }
            case 7 -> {
                Failure why = List.of(Failure.INVALID, Failure.TOO_LARGE, Failure.QUOTA, Failure.UNAUTHENTICATED)
                        .get(random.nextInt(4));
                // A row alone that is refused is at fault, as far as anybody can know.
                if (request.rows.size() == 1) {
                    return null;
                }
                if (random.nextBoolean()) {
                    AppendResult unused = service.execute(request);
                } else if (random.nextBoolean()) {
                    service.late.add(request);
                }
                return ended(why);
            }
            default -> {
                return failed(Failure.CONNECTION);
            }
        }
    }

    private void act() throws IOException {
        switch (random.nextInt(12)) {
            case 0 -> addRows();
            case 1 -> service.isHeld = !service.isHeld;
            case 2 -> bench.areCallsHeld = !bench.areCallsHeld;
            case 3 -> {
                service.broken.clear();
                if (random.nextDouble() < faults * 2) {
                    String call = List.of("prepare", "create", "open", "finalize", "finalizeAnswer")
                            .get(random.nextInt(5));
                    service.broken.put(
                            call,
                            exception(List.of(Failure.CONNECTION, Failure.QUOTA).get(random.nextInt(2))));
                }
            }
            case 4 -> bench.parkingFails = random.nextInt(6) == 0 ? new IOException("disk full") : null;
            case 5 -> {
                if (isCrashing && random.nextInt(3) == 0) {
                    die();
                }
            }
            case 6 -> {
                if (random.nextInt(4) == 0) {
                    diskFails();
                }
            }
            case 7 -> {
                if (!service.late.isEmpty() && random.nextBoolean()) {
                    AppendResult unused = service.execute(service.late.remove());
                }
            }
            case 8 -> {
                if (random.nextInt(20) == 0) {
                    bench.turn(Duration.ofDays(4));
                }
            }
            default -> addRows();
        }
        move();
        bench.assertNothingUnsettledIsForgotten();
    }

    private void addRows() {
        if (random.nextInt(4) == 0) {
            bench.skip(random.nextInt(20));
        }
        long first = bench.next;
        bench.add(random.nextInt(random.nextInt(8) == 0 ? 250 : 25));
        for (long row = first; row < bench.next; row++) {
            if (random.nextInt(25) == 0) {
                (random.nextInt(3) == 0 ? service.poisonRows : service.refusedRows).add(row);
            }
        }
    }

    /** A few steps, with answers and calls that come when they come. */
    private void move() throws IOException {
        int steps = random.nextInt(12);
        for (int i = 0; i < steps; i++) {
            try {
                if (random.nextInt(3) > 0) {
                    boolean unused = bench.feed();
                }
                long wait = bench.step();
                if (!bench.areCallsHeld || random.nextBoolean()) {
                    bench.runCalls();
                }
                if (!service.held.isEmpty() && random.nextBoolean()) {
                    service.answer();
                }
                bench.turn(Duration.ofNanos(random.nextInt(3) == 0 ? Math.min(wait, 40_000_000_000L) : 1_000_000));
            } catch (Killed e) {
                die();
            }
        }
    }

    /** What was on its way may arrive, now, later or never. */
    private void die() throws IOException {
        for (Request request : service.held) {
            if (random.nextBoolean()) {
                service.late.add(request);
            }
        }
        while (random.nextBoolean() && !service.late.isEmpty()) {
            AppendResult unused = service.execute(service.late.remove());
        }
        bench.crash();
    }

    private void diskFails() throws IOException {
        bench.store.close();
        move();
        bench.store = LaneStore.open(dir);
    }

    private void heal() {
        service.fate = request -> null;
        service.afterCall = () -> {};
        bench.afterPark = () -> {};
        bench.parkingFails = null;
        service.broken.clear();
        // A bad row alone is not parked before another one proves that rows are taken at all.
        bench.add(20);
        bench.isTrickling = true;
    }

    private void assertAllSettled() {
        Set<Long> bad = new TreeSet<>(service.refusedRows);
        bad.addAll(service.poisonRows);
        Set<Long> good = new TreeSet<>(bench.spool.keySet());
        good.removeAll(bad);
        bad.retainAll(bench.spool.keySet());
        Set<Long> there = new TreeSet<>(service.stored);
        there.removeAll(bench.lost);
        Set<Long> parked = new TreeSet<>(bench.parked);
        parked.removeAll(bench.lost);
        assertThat(there).isEqualTo(good);
        assertThat(parked).isEqualTo(bad);
    }
}
