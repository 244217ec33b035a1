package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.append;
import static com.barnebys.analytics.spool.Groups.appendText;
import static com.barnebys.analytics.spool.Groups.collector;
import static com.barnebys.analytics.spool.Groups.item;
import static com.barnebys.analytics.spool.Groups.items;
import static com.barnebys.analytics.spool.Groups.options;
import static com.barnebys.analytics.spool.Groups.readAll;
import static com.barnebys.analytics.spool.Groups.readOn;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.spool.Groups.Item;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage made on purpose: what is lost is named, everything else is handed out as it was written. */
class SpoolKnownErrorsTest {
    private static final int[] COUNTS = {2, 1, 3, 1};

    @TempDir
    Path directory;

    private final RecordingMetrics metrics = new RecordingMetrics();

    @Test
    void anyChangedByteCostsItsGroupAndNothingElse() throws IOException {
        List<Long> ends = writeSmallLog();
        Path file = directory.resolve(Segment.name(0));
        byte[] log = Files.readAllBytes(file);
        for (int at = 0; at < log.length; at++) {
            byte[] changed = log.clone();
            changed[at] ^= (byte) (1 << at % 8);
            Files.write(file, changed);
            metrics.lines.clear();
            metrics.lost.clear();
            int group = 0;
            while (ends.get(group) <= at) {
                group++;
            }
            long first = Arrays.stream(COUNTS).limit(group).sum();
            long behind = first + COUNTS[group];
            boolean isLast = group == COUNTS.length - 1;

            try (Spool spool = Spool.open(options(directory), 0, metrics)) {
                List<Item> expected = items(0, first);
                expected.addAll(items(behind, 7));
                assertThat(readAll(spool)).as("byte %d changed", at).isEqualTo(expected);
                assertThat(readAll(spool)).as("read again").isEqualTo(expected);
                assertThat(spool.nextSequence()).isEqualTo(isLast ? first : 7);
            }
            if (isLast) {
                assertThat(metrics.lines)
                        .allMatch(line -> line.startsWith("tail "))
                        .hasSize(1);
            } else {
                long damage = group == 0 ? 0 : ends.get(group - 1);
                String line = "damaged " + Segment.name(0) + " at " + damage + ": " + first + " to " + (behind - 1);
                assertThat(metrics.lines).as("byte %d changed", at).containsExactly(line, line);
            }
        }
    }

    @Test
    void anyByteChangedWhileTheLogIsOpenCostsItsGroupAndNothingElse() throws IOException {
        List<Long> ends = writeSmallLog();
        Path file = directory.resolve(Segment.name(0));
        byte[] log = Files.readAllBytes(file);
        try (Spool spool = Spool.open(options(directory), 0, metrics)) {
            for (int at = 0; at < log.length; at++) {
                byte[] changed = log.clone();
                changed[at] ^= (byte) 0xFF;
                Files.write(file, changed);
                metrics.lost.clear();
                int group = 0;
                while (ends.get(group) <= at) {
                    group++;
                }
                long first = Arrays.stream(COUNTS).limit(group).sum();
                long behind = first + COUNTS[group];
                List<Item> expected = items(0, first);
                expected.addAll(items(behind, 7));

                assertThat(readAll(spool)).as("byte %d changed", at).isEqualTo(expected);
                assertThat(metrics.lost)
                        .isEqualTo(items(first, behind).stream()
                                .map(Item::sequence)
                                .toList());
            }
        }
    }

    @Test
    void recordThatLooksLikeAGroupIsNotTakenForOne() throws IOException {
        String forged = new String(forgedGroup(1), StandardCharsets.ISO_8859_1);
        try (Spool spool = open()) {
            assertThat(appendText(spool, "a", forged, "c")).isZero();
            append(spool, 1);
        }
        flip(Segment.name(0), Frame.HEADER_BYTES + 4);

        try (Spool spool = open()) {
            assertThat(readAll(spool)).containsExactly(item(3));
        }
        assertThat(metrics.lost).containsExactly(0L, 1L, 2L);
    }

    @Test
    void recordThatLooksLikeAGroupWithAFarNumberDoesNotMoveTheNumbers() throws IOException {
        String forged = new String(forgedGroup(1_000_000), StandardCharsets.ISO_8859_1);
        try (Spool spool = open()) {
            assertThat(appendText(spool, "a", forged, "c")).isZero();
            append(spool, 1);
        }
        flip(Segment.name(0), Frame.BODY_LENGTH_AT);

        try (Spool spool = open()) {
            assertThat(spool.nextSequence()).isEqualTo(4);
            assertThat(readAll(spool)).containsExactly(item(3));
        }
        assertThat(metrics.lost).containsExactly(0L, 1L, 2L);
    }

    @Test
    void lossIsReportedOnceHoweverOftenAReaderPasses() throws IOException {
        List<Long> ends = writeSmallLog();
        flip(Segment.name(0), ends.get(0) + 30);
        try (Spool spool = open();
                SpoolReader reader = spool.read(0)) {
            assertThat(readOn(reader)).hasSize(6);
            reader.seek(0);
            assertThat(readOn(reader)).hasSize(6);
            reader.seek(2);
            assertThat(readOn(reader)).hasSize(4);
        }
        assertThat(metrics.lost).containsExactly(2L);
    }

    @Test
    void damageBelowTheStartIsNoLossOfThisReader() throws IOException {
        List<Long> ends = writeSmallLog();
        flip(Segment.name(0), ends.get(0) + 30);
        try (Spool spool = open()) {
            assertThat(readAll(spool, 4)).isEqualTo(items(4, 7));
        }
        assertThat(metrics.lines).isEmpty();
    }

    @Test
    void damageIsSteppedOverAtTheEndOfAnOlderSegment() throws IOException {
        List<Segment> segments = writeSegments();
        Segment second = segments.get(1);
        flip(second.name(), second.size() - 1);
        long next = segments.get(2).first();
        try (Spool spool = open()) {
            List<Item> items = readAll(spool);
            assertThat(items).endsWith(item(59)).contains(item(next)).doesNotContain(item(next - 1));
            assertThat(items.size() + metrics.lost.size()).isEqualTo(60);
        }
        assertThat(metrics.lines).singleElement().asString().startsWith("damaged " + second.name());
    }

    @Test
    void olderSegmentThatWasCutLosesItsEnd() throws IOException {
        List<Segment> segments = writeSegments();
        Segment second = segments.get(1);
        Path file = directory.resolve(second.name());
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) second.size() / 2));
        assertOnlyRangeLost(second.first() + 1, segments.get(2).first());
    }

    @Test
    void olderSegmentOfZerosLosesAllItHeld() throws IOException {
        List<Segment> segments = writeSegments();
        Segment second = segments.get(1);
        Files.write(directory.resolve(second.name()), new byte[(int) second.size()]);
        try (Spool spool = open()) {
            assertThat(readAll(spool)).hasSize(60 - (int) (segments.get(2).first() - second.first()));
        }
        assertThat(metrics.lines)
                .containsExactly("damaged " + second.name() + " at 0: " + second.first() + " to "
                        + (segments.get(2).first() - 1));
    }

    @Test
    void missingSegmentIsReportedAndSteppedOver() throws IOException {
        List<Segment> segments = writeSegments();
        Files.delete(directory.resolve(segments.get(1).name()));
        long first = segments.get(1).first();
        long behind = segments.get(2).first();
        try (Spool spool = open()) {
            List<Item> expected = items(0, first);
            expected.addAll(items(behind, 60));
            assertThat(readAll(spool)).isEqualTo(expected);
        }
        assertThat(metrics.lines).containsExactly("missing " + first + " to " + (behind - 1));
    }

    @Test
    void segmentThatGoesMissingWhileOpenIsReportedAndSteppedOver() throws IOException {
        List<Segment> segments = writeSegments();
        long first = segments.get(1).first();
        long behind = segments.get(2).first();
        try (Spool spool = open()) {
            Files.delete(directory.resolve(segments.get(1).name()));

            assertThat(readAll(spool)).hasSize(60 - (int) (behind - first));
            assertThat(spool.state()).isEqualTo(SpoolState.READY);
        }
        assertThat(metrics.lines).containsExactly("missing " + first + " to " + (behind - 1));
    }

    @Test
    void missingFirstSegmentsAreReportedToWhoWantedThem() throws IOException {
        List<Segment> segments = writeSegments();
        Files.delete(directory.resolve(segments.get(0).name()));
        long first = segments.get(1).first();
        try (Spool spool = open()) {
            assertThat(spool.firstSequence()).isEqualTo(first);
            assertThat(readAll(spool, 2)).isEqualTo(items(first, 60));
        }
        assertThat(metrics.lines).containsExactly("missing 2 to " + (first - 1));
    }

    @Test
    void failingReadLosesNothing() throws IOException {
        List<Segment> segments = writeSegments();
        assertThat(segments).hasSizeGreaterThan(3);
        Disk failing = new Disk() {
            private int reads;

            @Override
            public int read(FileChannel file, ByteBuffer to, long at) throws IOException {
                if (++reads % 2 == 0) {
                    throw new IOException("Input/output error");
                }
                return file.read(to.limit(Math.min(to.limit(), to.position() + 100)), at);
            }
        };
        List<Item> items = new ArrayList<>();
        int failures = 0;
        try (Spool spool = open();
                SpoolReader reader = new SpoolReader(spool, failing, metrics, 0)) {
            while (items.size() < 60 && failures < 1_000) {
                try {
                    int unused = reader.read(5, 1_000, collector(items));
                } catch (IOException e) {
                    failures++;
                }
            }
        }
        assertThat(failures).isPositive();
        assertThat(items).isEqualTo(items(0, 60));
        assertThat(metrics.lines).isEmpty();
    }

    private void assertOnlyRangeLost(long from, long behind) throws IOException {
        try (Spool spool = open()) {
            List<Item> items = readAll(spool);
            assertThat(items).contains(item(from - 1), item(behind)).endsWith(item(59));
            assertThat(items.size() + metrics.lost.size()).isEqualTo(60);
            assertThat(metrics.lost).allMatch(lost -> lost >= from && lost < behind);
        }
    }

    private Spool open() throws IOException {
        return Spool.open(options(directory), 0, metrics);
    }

    private List<Long> writeSmallLog() throws IOException {
        List<Long> ends = new ArrayList<>();
        try (Spool spool = open()) {
            for (int count : COUNTS) {
                append(spool, count);
                ends.add(spool.bytes());
            }
        }
        return ends;
    }

    /** 60 records, one a group, in segments of 1 KiB. */
    private List<Segment> writeSegments() throws IOException {
        try (Spool spool = open()) {
            for (int i = 0; i < 60; i++) {
                append(spool, 1);
            }
        }
        SpoolDirectory held = SpoolDirectory.hold(Disk.REAL, directory);
        List<Segment> segments = held.segments();
        held.release();
        return segments;
    }

    private void flip(String segment, long at) throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(segment));
        bytes[(int) at] ^= 1;
        Files.write(directory.resolve(segment), bytes);
    }

    /** A group of one record that checks, all in ASCII but for the checksum, which is searched until it is ASCII too. */
    private static byte[] forgedGroup(long sequence) {
        CRC32C crc = new CRC32C();
        for (int salt = 0; ; salt++) {
            ByteBuffer group = ByteBuffer.allocate(Frame.HEADER_BYTES + 8);
            group.putInt(Frame.MAGIC)
                    .putInt(8)
                    .putLong(sequence)
                    .putInt(1)
                    .putInt(0)
                    .putInt(4);
            group.put((byte) (salt >> 21 & 127)).put((byte) (salt >> 14 & 127));
            group.put((byte) (salt >> 7 & 127)).put((byte) (salt & 127));
            crc.reset();
            crc.update(group.array(), 0, Frame.CRC_AT);
            crc.update(group.array(), Frame.HEADER_BYTES, 8);
            if (((int) crc.getValue() & 0x80808080) == 0) {
                return group.putInt(Frame.CRC_AT, (int) crc.getValue()).array();
            }
        }
    }
}
