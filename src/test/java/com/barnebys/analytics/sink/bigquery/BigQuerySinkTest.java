package com.barnebys.analytics.sink.bigquery;

import static com.barnebys.analytics.sink.bigquery.MemoryService.exception;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.delivery.Delivery;
import com.barnebys.analytics.sink.ForeignSpoolException;
import com.barnebys.analytics.sink.Lane;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolMetrics;
import com.barnebys.analytics.spool.SpoolOptions;
import com.barnebys.analytics.spool.SyncPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sink with its own threads and its own file; the clock is turned by hand. What a lane does is in TableLaneTest. */
@Timeout(60)
class BigQuerySinkTest {
    private static final UUID OTHER_SPOOL = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final byte[] MALFORMED = {9, 9, 9};

    @TempDir
    Path dir;

    private final NavigableMap<Long, byte[]> spool = new TreeMap<>();
    private final NavigableMap<Long, String> tables = new TreeMap<>();
    private final List<String> parked = new ArrayList<>();
    private final Semaphore wakes = new Semaphore(0);
    private final LaneBench.Recorded metrics = new LaneBench.Recorded();
    private final MemoryService service = new MemoryService();
    private Doors doors = new Doors(service);
    private BigQuerySink sink;
    private long next;
    private long now;
    private @Nullable IOException parkingFails;

    @BeforeEach
    void start() throws IOException {
        sink = open(dir);
        sink.onProgress(wakes::release);
    }

    private BigQuerySink open(Path dataDir) throws IOException {
        Parking parking = (sequence, buffer, offset, length, reason, detail) -> {
            if (parkingFails != null) {
                throw parkingFails;
            }
            parked.add(sequence + " " + reason + " " + length + " " + detail);
        };
        return BigQuerySink.open(dataDir, LaneBench.EXACTLY_ONCE, doors, parking, metrics, () -> now);
    }

    @AfterEach
    void close() throws IOException {
        doors.openAll();
        sink.close();
    }

    /** The next life of the process, with clients of its own. */
    private void restart() throws IOException {
        sink.close();
        doors = new Doors(service);
        start();
    }

    private void bind() throws IOException {
        sink.bind(SampleRows.SPOOL, 0);
    }

    // The spool, read as LaneLoop does.

    private void add(String table, int rows) {
        for (int i = 0; i < rows; i++) {
            spool.put(next, MemoryService.record(table, next, 0));
            tables.put(next, table);
            next++;
        }
    }

    private void feed() {
        tables.forEach((sequence, table) -> {
            Lane unused = sink.lane(table, sequence);
        });
        for (Lane lane : sink.lanes()) {
            if (lane.hasRoom() || !(lane.isConnected() || lane.hasWork())) {
                lane.passed(feed(lane));
            }
        }
    }

    private long feed(Lane lane) {
        for (Map.Entry<Long, byte[]> row : spool.tailMap(lane.wanted()).entrySet()) {
            if (lane.table().equals(tables.get(row.getKey()))) {
                lane.offer(row.getKey(), row.getValue(), 0, row.getValue().length);
                if (lane.isConnected() && !lane.hasRoom()) {
                    return row.getKey() + 1;
                }
            }
        }
        return next;
    }

    private long step() {
        long wait = Long.MAX_VALUE;
        for (Lane lane : sink.lanes()) {
            wait = Math.min(wait, lane.step(false));
        }
        return wait;
    }

    /** Turns the clock by what the lanes ask for, unless a call is under way that can come back. */
    private void runUntil(BooleanSupplier isDone) throws InterruptedException {
        for (int i = 0; i < 10_000; i++) {
            feed();
            long wait = step();
            if (isDone.getAsBoolean()) {
                return;
            }
            if (isCalling()) {
                wakes.acquire();
            } else {
                now += Math.max(1_000_000, Math.min(wait, 60_000_000_000L));
            }
        }
        throw new AssertionError("not done: " + sink.statuses());
    }

    private boolean isCalling() {
        return sink.statuses().stream()
                .anyMatch(status ->
                        List.of("opening", "retiring").contains(status.phase()) && !doors.isShut(status.table()));
    }

    private boolean isDone(Lane lane) {
        return lane.wanted() >= next && !lane.hasWork();
    }

    private void finish() throws InterruptedException {
        runUntil(() -> sink.lanes().stream().allMatch(this::isDone));
    }

    private Map<String, Object> status(String table) {
        return sink.statuses().stream()
                .filter(status -> table.equals(status.table()))
                .findAny()
                .orElseThrow()
                .toMap();
    }

    private static List<Long> rows(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    // Opening.

    @Test
    void openingAndBindingNeedTheLocalDiskOnly() throws Exception {
        bind();
        feed();
        step();
        restart();

        assertThat(sink.lanes()).isEmpty();
        assertThat(doors.calls).isEmpty();

        add("click", 10);
        finish();
        assertThat(doors.calls).containsExactly("click");
    }

    @Test
    void aStateThatCannotBeReadIsToldAtOpening() throws Exception {
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.writeString(other.resolve("bigquery.db"), "not a database, and long enough to be told from one");

        assertThatThrownBy(() -> open(other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(other.resolve("bigquery.db").toString());
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                exception(Failure.CONNECTION),
                exception(Failure.UNAUTHENTICATED),
                new IllegalStateException("a bug"),
                new NoClassDefFoundError("com/google/Missing"),
                new StackOverflowError("deep"));
    }

    /** BigQuery may be away, wrong or forbidden: the rows stay where they are until it is not. */
    @ParameterizedTest
    @MethodSource("failures")
    void aServiceThatFailsFromTheStartHealsByItself(Throwable failure) throws Exception {
        doors.broken.put("click", failure);
        bind();
        add("click", 25);
        runUntil(() -> metrics.retries.size() >= 3);

        assertThat(sink.lanes()).singleElement().satisfies(lane -> {
            assertThat(lane.isFailing()).isTrue();
            assertThat(lane.settledBelow()).isZero();
        });
        assertThat(sink.settledRows()).isZero();
        assertThat(sink.isSettled("click", 0)).isFalse();

        doors.broken.clear();
        finish();
        assertThat(service.stored).isEqualTo(rows(0, 25));
        assertThat(sink.settledRows()).isEqualTo(25);
        assertThat(sink.lanes()).noneMatch(Lane::isFailing);
    }

    // Lanes.

    @Test
    void aLaneIsMadeForTheFirstRowOfItsTableAndStays() throws Exception {
        bind();
        Lane click = sink.lane("click", 70);

        assertThat(click.wanted()).isEqualTo(70);
        assertThat(sink.lane("click", 90)).isSameAs(click);
        assertThat(sink.lane("view", 90).wanted()).isEqualTo(90);
        assertThat(sink.tables()).containsExactlyInAnyOrder("click", "view");
        assertThat(sink.lanes()).extracting(Lane::table).containsExactlyInAnyOrder("click", "view");
    }

    @Test
    void theNextLifeKnowsEveryLaneAndSendsNothingTwice() throws Exception {
        bind();
        add("click", 15);
        add("view", 12);
        add("click", 3);
        finish();
        List<Long> before = List.copyOf(service.stored);
        assertThat(before).containsExactlyInAnyOrderElementsOf(rows(0, 30));

        restart();
        assertThat(sink.tables()).containsExactlyInAnyOrder("click", "view");
        assertThat(sink.firstUnused()).isEqualTo(30);
        assertThat(sink.settledRows()).isEqualTo(30);
        assertThat(sink.isSettled("click", 29)).isTrue();
        assertThat(sink.isSettled("click", 30)).isFalse();
        finish();
        assertThat(service.stored).isEqualTo(before);

        add("view", 2);
        finish();
        assertThat(service.stored).endsWith(30L, 31L).hasSize(32);
        assertThat(service.streamsMade).isEqualTo(2);
    }

    @Test
    void aRowIsSettledWhenItIsStoredAndNotBefore() throws Exception {
        bind();
        service.isHeld = true;
        add("click", 10);
        runUntil(() -> service.held.size() == 1);

        assertThat(sink.firstUnused()).isEqualTo(10);
        assertThat(sink.isSettled("click", 0)).isFalse();
        assertThat(sink.isSettled("view", 0)).isFalse();
        assertThat(sink.settledRows()).isZero();

        service.isHeld = false;
        service.answerAll();
        finish();
        assertThat(sink.isSettled("click", 0)).isTrue();
        assertThat(sink.isSettled("click", 10)).isFalse();
        assertThat(sink.isSettled("view", 0)).isFalse();
        assertThat(sink.settledRows()).isEqualTo(10);
    }

    @Test
    void anAnswerWakesWhoeverDelivers() throws Exception {
        bind();
        service.isHeld = true;
        add("click", 10);
        runUntil(() -> service.held.size() == 1);
        int unused = wakes.drainPermits();

        service.answer();

        assertThat(wakes.availablePermits()).isEqualTo(1);
    }

    // Which spool.

    @Test
    void theSpoolAndWhereItIsCountedFromAreRemembered() throws Exception {
        assertThat(sink.spoolId()).isNull();
        assertThat(sink.countedFrom()).isZero();

        sink.bind(SampleRows.SPOOL, 40);
        restart();
        assertThat(sink.spoolId()).isEqualTo(SampleRows.SPOOL);
        assertThat(sink.countedFrom()).isEqualTo(40);

        sink.bind(SampleRows.SPOOL, 90); // has been trimmed since
        assertThat(sink.countedFrom()).isEqualTo(40);
    }

    @Test
    void rowsOfAnEarlierSpoolDoNotCountInTheNext() throws Exception {
        bind();
        add("click", 30);
        finish();

        sink.bind(OTHER_SPOOL, 100);
        assertThat(sink.countedFrom() + sink.settledRows()).isEqualTo(100);

        restart();
        assertThat(sink.spoolId()).isEqualTo(OTHER_SPOOL);
        assertThat(sink.countedFrom() + sink.settledRows()).isEqualTo(100);
        next = 100;
        add("click", 10);
        finish();
        assertThat(sink.countedFrom() + sink.settledRows()).isEqualTo(110);
    }

    @Test
    void whatIsLostWithTheDiskIsCountedAsDoneOnceAllIsSettled() throws Exception {
        bind();
        add("click", 10);
        next = 25; // fifteen of which nothing is left
        add("click", 5);
        finish();
        assertThat(sink.countedFrom() + sink.settledRows()).isEqualTo(15);

        sink.allSettledBelow(30);
        assertThat(sink.countedFrom() + sink.settledRows()).isEqualTo(30);
        restart();
        assertThat(sink.countedFrom() + sink.settledRows()).isEqualTo(30);
        assertThat(sink.spoolId()).isEqualTo(SampleRows.SPOOL);
    }

    @Test
    void anotherSpoolIsRefusedAsSoonAsANumberIsTaken() throws Exception {
        bind();
        add("click", 10);
        finish();
        restart();
        try (Spool foreign = Spool.open(spoolOptions(), 0, SpoolMetrics.NONE)) {
            byte[] record = MemoryService.record("click", 0, 0);
            ByteBuffer body = ByteBuffer.allocate(4 + record.length);
            body.putInt(record.length).put(record).flip();
            assertThat(foreign.append(1, List.of(body))).isZero();

            assertThatThrownBy(() -> Delivery.ofLanes(foreign, sink, 100, false, error -> {}))
                    .isInstanceOf(ForeignSpoolException.class)
                    .hasMessageContaining(SampleRows.SPOOL.toString())
                    .hasMessageContaining("up to 10");
            assertThat(sink.spoolId()).isEqualTo(SampleRows.SPOOL);

            Delivery accepted = Delivery.ofLanes(foreign, sink, 100, true, error -> {});
            assertThat(accepted.isFailing()).isFalse();
            assertThat(sink.spoolId()).isEqualTo(foreign.id());
        }
    }

    /** On a new volume there is nothing that could be passed over by mistake. */
    @Test
    void anotherSpoolIsTakenWhileItIsEmpty() throws Exception {
        bind();
        add("click", 10);
        finish();
        try (Spool empty = Spool.open(spoolOptions(), sink.firstUnused(), SpoolMetrics.NONE)) {
            Delivery delivery = Delivery.ofLanes(empty, sink, 100, false, error -> {});

            assertThat(delivery.isFailing()).isFalse();
            assertThat(sink.spoolId()).isEqualTo(empty.id());
            assertThat(sink.countedFrom() + sink.settledRows()).isEqualTo(empty.nextSequence());
        }
    }

    private SpoolOptions spoolOptions() {
        return new SpoolOptions(dir.resolve("spool"), 1 << 20, 0, SyncPolicy.NONE, Duration.ofSeconds(1), 1 << 16);
    }

    // Records of no table.

    private void parkMalformed(long sequence) throws IOException {
        sink.parkMalformed(sequence, MALFORMED, 0, MALFORMED.length, "no table");
    }

    @Test
    void aRecordOfNoTableIsParkedOnceAndCounted() throws Exception {
        bind();
        parkMalformed(4);
        parkMalformed(9);
        parkMalformed(4);

        assertThat(parked).containsExactly("4 MALFORMED_ROW 3 no table", "9 MALFORMED_ROW 3 no table");
        assertThat(metrics.parked).containsExactly(ParkReason.MALFORMED_ROW, ParkReason.MALFORMED_ROW);
        assertThat(sink.isSettled("", 9)).isTrue();
        assertThat(sink.isSettled("", 10)).isFalse();

        restart();
        parkMalformed(4);
        parkMalformed(9);
        assertThat(parked).hasSize(2);
        assertThat(sink.settledRows()).isEqualTo(2);
        assertThat(sink.firstUnused()).isEqualTo(10);
        assertThat(sink.isSettled("", 9)).isTrue();
        assertThat(sink.tables()).isEmpty();
        assertThat(sink.lanes()).isEmpty();
        assertThat(sink.statuses()).isEmpty();
    }

    @Test
    void aRecordThatCannotBeParkedIsNotSteppedOver() throws Exception {
        bind();
        parkingFails = new IOException("disk full");

        assertThatThrownBy(() -> parkMalformed(4)).isSameAs(parkingFails);
        assertThat(sink.isSettled("", 4)).isFalse();
        assertThat(sink.settledRows()).isZero();
        assertThat(metrics.parked).isEmpty();

        parkingFails = null;
        parkMalformed(4);
        assertThat(parked).hasSize(1);
        assertThat(sink.settledRows()).isEqualTo(1);
    }

    @Test
    void everyRowThatWasTakenIsStoredOrParkedInTheCount() throws Exception {
        bind();
        add("click", 12);
        parkMalformed(next++);
        add("view", 7);
        service.refusedRows.add(3L);
        finish();

        assertThat(service.stored).hasSize(18).doesNotContain(3L);
        assertThat(parked).hasSize(2);
        assertThat(sink.settledRows()).isEqualTo(20);
        assertThat(metrics.delivered).isEqualTo(18);
        assertThat(metrics.parked).containsExactlyInAnyOrder(ParkReason.MALFORMED_ROW, ParkReason.REFUSED_ROW);
        restart();
        assertThat(sink.settledRows()).isEqualTo(20);
    }

    // Memory.

    private Lane connected(String table) throws InterruptedException {
        Lane lane = sink.lane(table, 0);
        lane.offer(0, MemoryService.record(table, 0, 0), 0, 7); // a lane rests until it hears of a row
        while (!lane.isConnected()) {
            long unused = lane.step(false);
            if (!lane.isConnected()) {
                wakes.acquire();
            }
        }
        return lane;
    }

    private static long fill(Lane lane, byte[] record) {
        long sequence = lane.wanted();
        long bytes = 0;
        while (lane.hasRoom()) {
            lane.offer(sequence++, record, 0, record.length);
            bytes += record.length;
        }
        return bytes;
    }

    @Test
    void lanesShareTheMemoryHoweverLateTheyCome() throws Exception {
        bind();
        byte[] record = MemoryService.record("t", 0, 256 << 10);

        List<Long> held = new ArrayList<>();
        held.add(fill(connected("first"), record));
        List<Lane> some = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            some.add(connected("some" + i));
        }
        some.forEach(lane -> held.add(fill(lane, record)));
        for (int i = 0; i < 8; i++) {
            held.add(fill(connected("late" + i), record));
        }

        assertThat(held.get(0)).isEqualTo(BigQuerySink.LANE_BYTES_MAX);
        assertThat(held).allSatisfy(bytes -> assertThat(bytes).isGreaterThanOrEqualTo(BigQuerySink.LANE_BYTES_MIN));
        assertThat(held.stream().mapToLong(Long::longValue).sum())
                .isBetween(
                        BigQuerySink.BYTES_MAX / 2, BigQuerySink.BYTES_MAX + held.size() * BigQuerySink.LANE_BYTES_MIN);
    }

    // Calls that hang.

    @Test
    void aTableThatHangsHoldsUpNoOther() throws Exception {
        doors.shut("view");
        bind();
        add("view", 5);
        add("click", 20);
        Lane click = sink.lane("click", 5);
        runUntil(() -> isDone(click));

        assertThat(service.stored).isEqualTo(rows(5, 25));
        assertThat(status("view")).containsEntry("phase", "opening");

        doors.open("view");
        finish();
        assertThat(service.stored).containsExactlyInAnyOrderElementsOf(rows(0, 25));
    }

    @Test
    void callsBeyondTheThreadsThereAreWaitForOne() throws Exception {
        bind();
        List<String> many = IntStream.range(0, BigQuerySink.BLOCKING_THREADS_MAX + 3)
                .mapToObj(i -> "t" + i)
                .toList();
        many.forEach(doors::shut);
        many.forEach(table -> add(table, 10));
        feed();
        step();
        doors.arrived.acquire(BigQuerySink.BLOCKING_THREADS_MAX);
        doors.openAll();
        finish();

        assertThat(service.stored).containsExactlyInAnyOrderElementsOf(rows(0, next));
        assertThat(doors.insideMax).isEqualTo(BigQuerySink.BLOCKING_THREADS_MAX);
    }

    /** A preparation, an append and the end of the clients hang; the next life sends what was not acknowledged. */
    @Test
    void closeWaitsForNobodyAndLosesNothing() throws Exception {
        bind();
        service.isHeld = true;
        add("click", 10);
        runUntil(() -> service.held.size() == 1);
        AppendResult unused = service.execute(service.held.element()); // stored, and its answer never comes
        doors.shut("view");
        doors.shut(Doors.END);
        add("view", 10);
        feed();
        step();
        doors.arrived.acquire();
        Doors hanging = doors;

        service.isHeld = false;
        restart();
        finish();

        assertThat(service.stored).containsExactlyElementsOf(rows(0, 20));
        assertThat(metrics.suppressed).isEqualTo(10);
        hanging.arrived.acquire(); // at the end
        assertThat(service.isClosed).isFalse();
        hanging.openAll();
    }

    @Test
    void aConnectionThatIsMadeTooLateIsGivenBack() throws Exception {
        bind();
        doors.shut("click");
        add("click", 10);
        feed();
        step();
        doors.arrived.acquire();

        sink.close();
        doors.open("click");

        doors.allGivenBack.get(30, TimeUnit.SECONDS);
        assertThat(doors.calls).containsExactlyInAnyOrder("click", Doors.END);
        assertThat(service.requests).isEmpty();
    }

    @Test
    void afterCloseLanesDoNothing() throws Exception {
        bind();
        add("click", 10);
        finish();
        Lane click = sink.lane("click", 0);
        sink.close();

        add("click", 10);
        feed();

        assertThat(step()).isEqualTo(Long.MAX_VALUE);
        assertThat(click.isConnected()).isFalse();
        assertThat(service.requests).hasSize(1);
    }

    // Draining.

    @Test
    void drainingLanesSendAtOnceEvenThoseMadeLater() throws Exception {
        bind();
        Lane click = connected("click");
        sink.drain();
        Lane view = connected("view");
        add("click", 1);
        add("view", 1);
        long before = now;
        feed();
        step();

        assertThat(now).isEqualTo(before);
        assertThat(service.stored).containsExactlyInAnyOrder(0L, 1L);
        step();
        assertThat(click.hasWork() || view.hasWork()).isFalse();
    }

    @Test
    void withoutDrainingAFewRowsWaitForOthers() throws Exception {
        bind();
        connected("click");
        add("click", 1);
        feed();
        step();

        assertThat(service.stored).isEmpty();
    }

    @Test
    void drainingTriesAtOnceWhereItFailed() throws Exception {
        doors.broken.put("click", exception(Failure.UNAUTHENTICATED));
        bind();
        add("click", 10);
        runUntil(() -> metrics.retries.size() == 1);
        doors.broken.clear();
        long before = now;

        sink.drain();
        step();
        wakes.acquire();
        step();
        feed();
        step();

        assertThat(now).isEqualTo(before);
        assertThat(service.stored).hasSize(10);
    }

    // What it says.

    @Test
    void eachLaneSaysHowItDoes() throws Exception {
        bind();
        doors.broken.put("view", exception(Failure.PERMISSION_DENIED));
        service.refusedRows.add(3L);
        add("click", 10);
        add("view", 2);
        Lane click = sink.lane("click", 0);
        runUntil(() -> isDone(click) && sink.lane("view", 10).isFailing());
        now += Duration.ofMinutes(7).toNanos();

        assertThat(status("click"))
                .isEqualTo(Map.of("table", "click", "phase", "open", "intents", 0, "delivered", 9L, "parked", 1L));
        assertThat(status("view"))
                .containsEntry("phase", "waiting")
                .containsEntry("failure", "permission_denied")
                .containsEntry("message", "PERMISSION_DENIED (made up)")
                .containsEntry("delivered", 0L)
                .hasEntrySatisfying(
                        "failingSeconds", seconds -> assertThat((Long) seconds).isBetween(420L, 600L));
        assertThat(sink.statuses()).hasSize(2);
    }

    @Test
    void valuesWithoutAColumnAreCounted() {
        doors.droppedValues = 12;

        assertThat(sink.droppedValues()).isEqualTo(12);
    }
}
