package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.append;
import static com.barnebys.analytics.spool.Groups.appendText;
import static com.barnebys.analytics.spool.Groups.body;
import static com.barnebys.analytics.spool.Groups.collector;
import static com.barnebys.analytics.spool.Groups.items;
import static com.barnebys.analytics.spool.Groups.options;
import static com.barnebys.analytics.spool.Groups.readAll;
import static com.barnebys.analytics.spool.Groups.readOn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.barnebys.analytics.spool.Groups.Item;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appending, reading and trimming while nothing goes wrong. */
class SpoolAppendTest {
    @TempDir
    Path directory;

    private Path spoolDirectory = Path.of("unset");

    @BeforeEach
    void nameDirectory() {
        spoolDirectory = directory.resolve("a/spool");
    }

    @Test
    void recordsComeBackInOrderWithDenseNumbers() throws IOException {
        try (Spool spool = open()) {
            assertThat(append(spool, 3)).isEqualTo(0);
            assertThat(append(spool, 1)).isEqualTo(3);
            assertThat(append(spool, 60)).isEqualTo(4);

            assertThat(spool.nextSequence()).isEqualTo(64);
            assertThat(readAll(spool)).isEqualTo(items(0, 64));
        }
    }

    @Test
    void emptySpoolHandsOutNothing() throws IOException {
        try (Spool spool = open()) {
            assertThat(readAll(spool)).isEmpty();
            assertThat(spool.firstSequence()).isEqualTo(spool.nextSequence()).isEqualTo(0);
            assertThat(spool.bytes()).isZero();
            assertThat(spool.state()).isEqualTo(SpoolState.READY);
            assertThat(spool.hasRoom()).isTrue();
        }
    }

    @Test
    void buffersOfBothKindsAreTakenAndLeftAsTheyWere() throws IOException {
        ByteBuffer heap = ByteBuffer.allocate(100)
                .put(new byte[7])
                .put(body("one", ""))
                .flip()
                .position(7);
        ByteBuffer direct = ByteBuffer.allocateDirect(100).put(body("three")).flip();
        try (Spool spool = open()) {
            assertThat(spool.append(3, List.of(heap, direct))).isZero();

            assertThat(heap.position()).isEqualTo(7);
            assertThat(heap.remaining()).isEqualTo(4 + 3 + 4);
            assertThat(direct.remaining()).isEqualTo(4 + 5);
            assertThat(readAll(spool)).containsExactly(new Item(0, "one"), new Item(1, ""), new Item(2, "three"));
        }
    }

    @Test
    void groupWhoseLengthsDoNotAddUpIsRefused() throws IOException {
        try (Spool spool = open()) {
            assertThatIllegalArgumentException().isThrownBy(() -> spool.append(0, List.of(body("a"))));
            assertThatIllegalArgumentException().isThrownBy(() -> spool.append(2, List.of(body("a"))));
            assertThatIllegalArgumentException().isThrownBy(() -> spool.append(1, List.of(body("a", "b"))));
            assertThatIllegalArgumentException().isThrownBy(() -> spool.append(1, List.of()));
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> spool.append(1, List.of(ByteBuffer.allocate(4).putInt(0, -1))));

            assertThat(spool.nextSequence()).isZero();
            assertThat(spool.bytes()).isZero();
        }
    }

    @Test
    void largestGroupIsTakenAndOneByteMoreIsNot() throws IOException {
        ByteBuffer largest = ByteBuffer.allocate(8 << 20).putInt(0, (8 << 20) - 4);
        ByteBuffer larger = ByteBuffer.allocate((8 << 20) + 1).putInt(0, (8 << 20) - 3);
        try (Spool spool = open()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> spool.append(1, List.of(larger)))
                    .withMessage("bodies: 8388609 bytes (expected: <= 8388608)");
            assertThat(spool.append(1, List.of(largest))).isZero();
            append(spool, 2);

            List<Integer> lengths = new ArrayList<>();
            try (SpoolReader reader = spool.read(0)) {
                assertThat(reader.read(9, Long.MAX_VALUE, (sequence, buffer, offset, length) -> lengths.add(length)))
                        .isEqualTo(3);
            }
            assertThat(lengths).startsWith((8 << 20) - 4);
        }
    }

    @Test
    void readStopsAtRecordsAndBytesAndGoesOnThere() throws IOException {
        try (Spool spool = open();
                SpoolReader reader = spool.read(0)) {
            assertThat(appendText(spool, "aaaa", "bbbb", "cccc", "dddd")).isZero();
            List<Item> items = new ArrayList<>();

            assertThat(reader.read(1, 100, collector(items))).isEqualTo(1);
            assertThat(reader.read(10, 9, collector(items))).isEqualTo(2);
            assertThat(reader.position()).isEqualTo(3);
            assertThat(reader.read(10, 1, collector(items)))
                    .as("one record even if it is larger")
                    .isEqualTo(1);
            assertThat(reader.read(10, 100, collector(items))).isZero();
            assertThat(items).extracting(Item::text).containsExactly("aaaa", "bbbb", "cccc", "dddd");
        }
    }

    @Test
    void readerStartsInTheMiddleOfAGroupAndFollowsTheWriter() throws IOException {
        try (Spool spool = open();
                SpoolReader reader = spool.read(5)) {
            append(spool, 10);
            assertThat(readOn(reader)).isEqualTo(items(5, 10));

            append(spool, 100);
            assertThat(readOn(reader)).isEqualTo(items(10, 110));
        }
    }

    @Test
    void seekGoesBackAndForthAcrossSegments() throws IOException {
        try (Spool spool = open();
                SpoolReader reader = spool.read(0)) {
            for (int i = 0; i < 40; i++) {
                append(spool, 5);
            }
            for (long to : new long[] {0, 199, 3, 100, 101, 99, 100, 0, 200}) {
                reader.seek(to);
                List<Item> items = new ArrayList<>();
                assertThat(reader.read(7, Long.MAX_VALUE, collector(items))).isEqualTo((int) Math.min(7, 200 - to));
                assertThat(items).isEqualTo(items(to, Math.min(200, to + 7)));
            }
        }
    }

    @Test
    void recordWhoseConsumerThrewComesAgain() throws IOException {
        try (Spool spool = open();
                SpoolReader reader = spool.read(0)) {
            append(spool, 3);

            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> reader.read(3, 1_000, (sequence, buffer, offset, length) -> {
                        if (sequence == 1) {
                            throw new IllegalStateException("sink away");
                        }
                    }));

            assertThat(reader.position()).isEqualTo(1);
            assertThat(readOn(reader)).isEqualTo(items(1, 3));
        }
    }

    @Test
    void trimDeletesWholeSegmentsAndKeepsTheLast() throws IOException {
        try (Spool spool = open()) {
            for (int i = 0; i < 100; i++) {
                append(spool, 1);
            }
            long before = spool.bytes();
            int files = segmentFiles();

            spool.trim(50);
            assertThat(spool.firstSequence()).isBetween(20L, 50L);
            assertThat(spool.bytes()).isLessThan(before);
            assertThat(readAll(spool)).isEqualTo(items(spool.firstSequence(), 100));

            spool.trim(100);
            assertThat(segmentFiles()).isEqualTo(1).isLessThan(files);
            assertThat(Files.size(spoolDirectory.resolve(Segment.name(spool.firstSequence()))))
                    .isEqualTo(spool.bytes());
            assertThat(append(spool, 1)).isEqualTo(100);
        }
    }

    @Test
    void trimmedSegmentsLeaveNoOpenDescriptors() throws IOException {
        try (Spool spool = open();
                SpoolReader reader = spool.read(0)) {
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 50; i++) {
                    append(spool, 1);
                }
                assertThat(readOn(reader)).hasSize(50);
                spool.trim(reader.position());
            }
            assertThat(deletedButOpen()).isEmpty();
        }
    }

    @Test
    void optionsSayWhatIsExpected() {
        SpoolOptions defaults = SpoolOptions.defaults(directory);
        assertThat(defaults.maxBytes()).isEqualTo(10L << 30);
        assertThat(defaults.minFreeBytes()).isEqualTo(256L << 20);
        assertThat(defaults.sync()).isEqualTo(SyncPolicy.INTERVAL);
        assertThat(defaults.syncInterval()).isEqualTo(Duration.ofMillis(200));
        assertThat(defaults.segmentBytes()).isEqualTo(64 << 20);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Groups.limited(directory, -1, 0, 1))
                .withMessage("SPOOL_MAX_BYTES: -1 (expected: > 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Groups.limited(directory, 1, -1, 1))
                .withMessage("SPOOL_MIN_FREE: -1 (expected: >= 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Groups.limited(directory, 1, 0, 0))
                .withMessage("segmentBytes: 0 (expected: > 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SpoolOptions(directory, 1, 0, SyncPolicy.NONE, Duration.ZERO, 1))
                .withMessage("SPOOL_SYNC_INTERVAL: 0ms (expected: 1ms to 1h)");
    }

    private Spool open() throws IOException {
        return Spool.open(options(spoolDirectory), 0, SpoolMetrics.NONE);
    }

    private int segmentFiles() throws IOException {
        try (Stream<Path> files = Files.list(spoolDirectory)) {
            return (int) files.filter(file -> file.toString().endsWith(".seg")).count();
        }
    }

    /** Linux shows them in /proc; elsewhere there is nothing to see. */
    private List<String> deletedButOpen() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        List<String> deleted = new ArrayList<>();
        if (Files.isDirectory(descriptors)) {
            try (Stream<Path> links = Files.list(descriptors)) {
                for (Path link : links.filter(Files::isSymbolicLink).toList()) {
                    String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith(directory.toString()) && target.endsWith("(deleted)")) {
                        deleted.add(target);
                    }
                }
            }
        }
        return deleted;
    }
}
