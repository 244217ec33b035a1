package com.barnebys.analytics.delivery;

import static com.barnebys.analytics.sink.ParkReason.MALFORMED_ROW;
import static com.barnebys.analytics.sink.ParkReason.REFUSED_ROW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolMetrics;
import com.barnebys.analytics.spool.SpoolOptions;
import com.barnebys.analytics.spool.SpoolReader;
import com.barnebys.analytics.spool.SyncPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path root;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Map<String, Integer> counted = new HashMap<>();
    private long settledBelow = Long.MAX_VALUE;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private Path data() {
        return root.resolve("data");
    }

    private Spool spool(Path data) throws IOException {
        return spool(data, 1 << 20);
    }

    private Spool spool(Path data, int segmentBytes) throws IOException {
        SpoolOptions options = new SpoolOptions(
                data.resolve("spool"), 1L << 30, 0, SyncPolicy.NONE, Duration.ofMillis(200), segmentBytes);
        Spool spool = Spool.open(options, 0, SpoolMetrics.NONE);
        opened.add(spool);
        return spool;
    }

    private Replay replay(Path data, Spool spool) throws IOException {
        return replay(data, spool, LineFile::open);
    }

    private Replay replay(Path data, Spool spool, DurableLines.Opener opener) throws IOException {
        Replay replay = Replay.open(
                data,
                spool,
                (table, sequence) -> sequence < settledBelow,
                (table, rows) -> counted.merge(table, rows, Integer::sum),
                1L << 29,
                opener);
        opened.add(replay);
        return replay;
    }

    private static ReplayReport all(Replay replay) throws IOException {
        return replay.run(ReplayFilter.ALL, false, LONG);
    }

    private static void park(Path data, long sequence, byte[] record, ParkReason reason) throws IOException {
        try (DeadLetters letters = DeadLetters.open(data)) {
            letters.park(sequence, record, 0, record.length, reason, "detail");
        }
    }

    private static long append(Spool spool, byte[]... records) throws IOException {
        int bytes = Arrays.stream(records).mapToInt(record -> 4 + record.length).sum();
        ByteBuffer bodies = ByteBuffer.allocate(bytes);
        for (byte[] record : records) {
            bodies.putInt(record.length).put(record);
        }
        return spool.append(records.length, List.of(bodies.flip()));
    }

    private static List<String> records(Spool spool) throws IOException {
        List<String> records = new ArrayList<>();
        try (SpoolReader reader = spool.read(0)) {
            while (reader.read(
                            1000,
                            1 << 20,
                            (sequence, buffer, offset, length) ->
                                    records.add(base64(Arrays.copyOfRange(buffer, offset, offset + length))))
                    > 0) {
                continue;
            }
        }
        return records;
    }

    private static String base64(byte[] record) {
        return Base64.getEncoder().encodeToString(record);
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!file.endsWith("LOCK")) {
                    Files.copy(file, target);
                }
            }
        }
        return to;
    }

    @Test
    void rowsGoBehindAllOthersByteForByteAndOnce() throws Exception {
        byte[] other = SampleRows.record("click", "other");
        byte[] refused = SampleRows.record("click", "refused");
        Spool spool = spool(data());
        append(spool, other);
        park(data(), 3, refused, REFUSED_ROW);
        park(data(), 4, SampleRows.MALFORMED, MALFORMED_ROW);
        Replay replay = replay(data(), spool);

        ReplayReport first = all(replay);
        ReplayReport again = all(replay);
        ReplayReport afterRestart = all(replay(data(), spool));

        assertThat(first.rows()).isEqualTo(Map.of("click", Map.of("REFUSED_ROW", 1L, "MALFORMED_ROW", 1L)));
        assertThat(again.replayed()).isZero();
        assertThat(again.before()).isEqualTo(2);
        assertThat(afterRestart).isEqualTo(again);
        assertThat(records(spool)).containsExactly(base64(other), base64(refused), base64(SampleRows.MALFORMED));
        assertThat(counted).isEqualTo(Map.of("click", 2));
    }

    @Test
    void aRowParkedAgainUnderItsNewNumberIsReplayedAgain() throws Exception {
        byte[] row = SampleRows.record("click", "p");
        Spool spool = spool(data());
        Replay replay = replay(data(), spool);
        park(data(), 3, row, REFUSED_ROW);
        assertThat(all(replay).replayed()).isOne();

        park(data(), 0, row, REFUSED_ROW);
        ReplayReport second = all(replay);

        assertThat(second.replayed()).isOne();
        assertThat(second.before()).isOne();
        assertThat(records(spool)).containsExactly(base64(row), base64(row));
    }

    @Test
    void aNumberThatStandsTwiceIsOneRowAndTornLinesAreNone() throws Exception {
        byte[] row = SampleRows.record("click", "p");
        byte[] otherSpools = SampleRows.record("view", "q");
        Spool spool = spool(data());
        park(data(), 3, row, REFUSED_ROW);
        park(data(), 3, row, REFUSED_ROW);
        Path file = data().resolve("deadletter/parked.ndjson");
        Files.writeString(file, "{\"time\":\"2026-11-23T18:01:08.243Z\",\"sequ\n", UTF_8, StandardOpenOption.APPEND);
        Files.writeString(
                file, "{\"sequence\":5,\"reason\":\"REFUSED_ROW\",\"row\":\"**\"}\n", UTF_8, StandardOpenOption.APPEND);
        Files.move(file, data().resolve("deadletter/parked-1.ndjson"));
        park(data(), 3, row, REFUSED_ROW);
        park(data(), 3, otherSpools, REFUSED_ROW);
        Files.writeString(file, "{\"sequence\":17,\"row\":\"abc", UTF_8, StandardOpenOption.APPEND);

        ReplayReport report = all(replay(data(), spool));

        assertThat(report.rows())
                .isEqualTo(Map.of("click", Map.of("REFUSED_ROW", 1L), "view", Map.of("REFUSED_ROW", 1L)));
        assertThat(report.unreadable()).isEqualTo(3);
        assertThat(records(spool)).containsExactly(base64(row), base64(otherSpools));
    }

    @Test
    void filtersChooseAndADryRunChangesNothing() throws Exception {
        Spool spool = spool(data());
        park(data(), 1, SampleRows.record("click", "p"), REFUSED_ROW);
        park(data(), 2, SampleRows.record("view", "p"), REFUSED_ROW);
        park(data(), 3, SampleRows.record("view", "q"), MALFORMED_ROW);
        park(data(), 4, new byte[] {0}, MALFORMED_ROW);
        Replay replay = replay(data(), spool);

        ReplayReport dry = replay.run(ReplayFilter.ALL, true, LONG);
        assertThat(dry.rows())
                .isEqualTo(Map.of(
                        "",
                        Map.of("MALFORMED_ROW", 1L),
                        "click",
                        Map.of("REFUSED_ROW", 1L),
                        "view",
                        Map.of("REFUSED_ROW", 1L, "MALFORMED_ROW", 1L)));
        assertThat(spool.nextSequence()).isZero();
        assertThat(data().resolve("deadletter/replayed.ndjson")).doesNotExist();

        assertThat(replay.run(new ReplayFilter("view", MALFORMED_ROW), false, LONG)
                        .rows())
                .isEqualTo(Map.of("view", Map.of("MALFORMED_ROW", 1L)));
        assertThat(replay.run(new ReplayFilter(null, REFUSED_ROW), false, LONG).replayed())
                .isEqualTo(2);
        assertThat(replay.run(new ReplayFilter("none", null), false, LONG).replayed())
                .isZero();
        assertThat(all(replay).rows()).isEqualTo(Map.of("", Map.of("MALFORMED_ROW", 1L)));
        assertThat(counted).isEqualTo(Map.of("", 1, "click", 1, "view", 2));
    }

    @Test
    void aCrashAtAnyStepNeitherLosesNorDoublesARow() throws Exception {
        List<String> wanted = new ArrayList<>();
        Spool spool = spool(data());
        append(spool, SampleRows.record("click", "before"));
        wanted.addAll(records(spool));
        for (int i = 0; i < 3; i++) {
            byte[] row = SampleRows.record("click", "p" + i);
            wanted.add(base64(row));
            park(data(), 100 + i, row, REFUSED_ROW);
        }
        Snapshots snapshots = new Snapshots();

        assertThat(all(replay(data(), spool, snapshots)).replayed()).isEqualTo(3);

        // Each line: before it is written, with half of it, whole.
        assertThat(snapshots.taken).hasSizeGreaterThanOrEqualTo(6);
        for (Path snapshot : snapshots.taken) {
            for (boolean isWritingGoingOn : new boolean[] {false, true}) {
                Path data = copy(snapshot, root.resolve(snapshot.getFileName() + "-" + isWritingGoingOn));
                List<String> all = new ArrayList<>(wanted);
                Spool recovered = spool(data);
                replay(data, recovered).recover();
                if (isWritingGoingOn) {
                    append(recovered, SampleRows.MALFORMED);
                    all.add(base64(SampleRows.MALFORMED));
                }
                ReplayReport dry = replay(data, recovered).run(ReplayFilter.ALL, true, LONG);
                ReplayReport second = all(replay(data, recovered));

                assertThat(second.rows()).isEqualTo(dry.rows());
                assertThat(second.replayed() + second.before()).isEqualTo(3);
                assertThat(all(replay(data, recovered)).replayed()).isZero();
                assertThat(records(recovered)).as("%s", data).containsExactlyInAnyOrderElementsOf(all);
            }
        }
    }

    @Test
    void aGroupIsFoundBehindWhatTheIntakeAppendedMeanwhile() throws Exception {
        byte[] twin = SampleRows.record("click", "twin");
        byte[] row = SampleRows.record("click", "p");
        Spool spool = spool(data());
        park(data(), 100, twin, REFUSED_ROW);
        park(data(), 101, row, REFUSED_ROW);
        try (ReplayJournal journal =
                ReplayJournal.read(data().resolve("deadletter"), java.time.Clock.systemUTC(), LineFile::open)) {
            journal.append(new ReplayJournal.Group(
                    spool.id(), spool.nextSequence(), List.of(RowKey.of(100, twin), RowKey.of(101, row))));
        }
        append(spool, SampleRows.record("view", "other"), twin, twin, row);

        replay(data(), spool).recover();

        assertThat(all(replay(data(), spool)).before()).isEqualTo(2);
        assertThat(spool.nextSequence()).isEqualTo(4);
    }

    @Test
    void aGroupWhoseSpoolIsGoneIsNotReplayedAgain() throws Exception {
        byte[] row = SampleRows.record("click", "p");
        Spool spool = spool(data());
        park(data(), 100, row, REFUSED_ROW);
        try (ReplayJournal journal =
                ReplayJournal.read(data().resolve("deadletter"), java.time.Clock.systemUTC(), LineFile::open)) {
            journal.append(new ReplayJournal.Group(SampleRows.SPOOL, 0, List.of(RowKey.of(100, row))));
        }

        replay(data(), spool).recover();

        assertThat(all(replay(data(), spool)).replayed()).isZero();
        assertThat(spool.nextSequence()).isZero();
    }

    @Test
    void aRowThatTheSinkIsNotDoneWithWaits() throws Exception {
        byte[] row = SampleRows.record("click", "p");
        Spool spool = spool(data());
        append(spool, SampleRows.record("click", "a"), row);
        park(data(), 1, row, REFUSED_ROW);
        settledBelow = 1;
        Replay replay = replay(data(), spool);

        assertThat(all(replay).waiting()).isOne();
        assertThat(spool.nextSequence()).isEqualTo(2);

        settledBelow = 2;
        assertThat(all(replay).replayed()).isOne();
    }

    @Test
    void aLineWrittenBeforeACrashCountsOnlyWhenItsRowIsParkedAgain() throws Exception {
        byte[] stored = SampleRows.record("click", "stored in the end");
        byte[] refused = SampleRows.record("click", "refused again");
        Spool spool = spool(data());
        append(spool, stored, refused);
        park(data(), 0, stored, REFUSED_ROW);
        park(data(), 1, refused, REFUSED_ROW);
        settledBelow = 0;

        // The sink has not stepped over either; a start, and then one is stored and the other parked once more.
        replay(data(), spool).recover();
        replay(data(), spool).recover();
        park(data(), 1, refused, REFUSED_ROW);
        settledBelow = 2;
        Replay replay = replay(data(), spool);
        replay.recover();

        assertThat(all(replay).replayed()).isOne();
        assertThat(all(replay).replayed()).isZero();
        assertThat(records(spool)).containsExactly(base64(stored), base64(refused), base64(refused));
    }

    @Test
    void manyRowsGoInSeveralGroupsAndPartsUntilAllAreThere() throws Exception {
        Spool spool = spool(data(), 64 << 10);
        int rows = Replay.GROUP_ROWS_MAX + 100;
        List<String> wanted = new ArrayList<>();
        try (DeadLetters letters = DeadLetters.open(
                data(), java.time.Clock.systemUTC(), 1 << 20, path -> new Unforced(LineFile.open(path)))) {
            for (int i = 0; i < rows; i++) {
                byte[] row = SampleRows.record("click", "p" + i);
                wanted.add(base64(row));
                letters.park(10_000 + i, row, 0, row.length, REFUSED_ROW, "");
            }
        }
        Replay replay = replay(data(), spool);

        long replayed = 0;
        int parts = 0;
        ReplayReport report;
        do {
            report = replay.run(ReplayFilter.ALL, false, Duration.ZERO);
            replayed += report.replayed();
            parts++;
        } while (report.isMore());

        assertThat(parts).isGreaterThan(1);
        assertThat(replayed).isEqualTo(rows);
        assertThat(records(spool)).isEqualTo(wanted);
    }

    @Test
    void linesOfTheJournalThatAreNoneArePassedOver() throws Exception {
        byte[] row = SampleRows.record("click", "p");
        Spool spool = spool(data());
        park(data(), 3, row, REFUSED_ROW);
        Path journal = data().resolve("deadletter/replayed.ndjson");
        Files.write(journal, new byte[] {0, 0, (byte) 0xC3, '\n', '{', '}', '\n', '[', '\n'});
        Files.writeString(
                journal,
                "{\"step\":\"append\"}\n{\"step\":\"withdrawn\",\"rows\":[\"3-x\"]}\n{\"step\":\"appended\"}\n{\"st",
                UTF_8,
                StandardOpenOption.APPEND);

        replay(data(), spool).recover();
        assertThat(all(replay(data(), spool)).replayed()).isOne();

        assertThat(all(replay(data(), spool)).before()).isOne();
        assertThat(records(spool)).containsExactly(base64(row));
    }

    @Test
    void itEndsBeforeTheSpoolIsTooFull() throws Exception {
        Spool spool = spool(data());
        park(data(), 3, SampleRows.record("click", "p"), REFUSED_ROW);
        Replay replay = Replay.open(data(), spool, (table, sequence) -> true, ReplayMetrics.NONE, 100);
        opened.add(replay);

        ReplayReport report = all(replay);

        assertThat(report.replayed()).isZero();
        assertThat(report.stopped()).contains("half full");
        assertThat(spool.nextSequence()).isZero();
        assertThat(all(replay(data(), spool)).replayed()).isOne();
    }

    @Test
    void aJournalThatCannotBeWrittenStopsItAndIsCaughtUpWith() throws Exception {
        byte[] row = SampleRows.record("click", "p");
        for (int failing = 1; failing <= 3; failing++) {
            Path data = root.resolve("failing-" + failing);
            Spool spool = spool(data);
            park(data, 3, row, REFUSED_ROW);
            Failing disk = new Failing(failing);
            Replay replay = replay(data, spool, disk);

            assertThatThrownBy(() -> all(replay))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no space");

            ReplayReport second = all(replay);
            assertThat(second.replayed() + second.before()).isOne();
            assertThat(all(replay(data, spool)).replayed()).isZero();
            assertThat(records(spool)).containsExactly(base64(row));
        }
    }

    /** Copies the data directory at each step of the journal. */
    private final class Snapshots implements DurableLines.Opener {
        private final List<Path> taken = new ArrayList<>();

        @Override
        public LineFile open(Path path) throws IOException {
            LineFile file = LineFile.open(path);
            return new Wrapped(file) {
                @Override
                public void append(byte[] bytes) throws IOException {
                    snapshot();
                    long size = file.size();
                    file.append(Arrays.copyOf(bytes, bytes.length / 2));
                    snapshot();
                    file.truncate(size);
                    file.append(Arrays.copyOf(bytes, bytes.length - 1));
                    snapshot();
                    file.truncate(size);
                    file.append(bytes);
                    snapshot();
                }
            };
        }

        private void snapshot() throws IOException {
            taken.add(copy(data(), root.resolve("snapshot-" + taken.size())));
        }
    }

    /** The n-th flush fails. */
    private static final class Failing implements DurableLines.Opener {
        private int left;

        Failing(int left) {
            this.left = left;
        }

        @Override
        public LineFile open(Path path) throws IOException {
            return new Wrapped(LineFile.open(path)) {
                @Override
                public void force() throws IOException {
                    left--;
                    if (left == 0) {
                        throw new IOException("no space");
                    }
                    super.force();
                }
            };
        }
    }

    private static final class Unforced extends Wrapped {
        Unforced(LineFile file) {
            super(file);
        }

        @Override
        public void force() {}
    }

    private static class Wrapped implements LineFile {
        private final LineFile file;

        Wrapped(LineFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public boolean endsWithNewline() throws IOException {
            return file.endsWithNewline();
        }

        @Override
        public void append(byte[] bytes) throws IOException {
            file.append(bytes);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void force() throws IOException {
            file.force();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
