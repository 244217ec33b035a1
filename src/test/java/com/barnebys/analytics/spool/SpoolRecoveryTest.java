package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.append;
import static com.barnebys.analytics.spool.Groups.items;
import static com.barnebys.analytics.spool.Groups.options;
import static com.barnebys.analytics.spool.Groups.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is there after a stop, however it came. */
class SpoolRecoveryTest {
    private static final String ONLY_SEGMENT = Segment.name(0);

    @TempDir
    Path directory;

    private final RecordingMetrics metrics = new RecordingMetrics();

    @Test
    void everythingIsThereAfterACleanStop() throws IOException {
        UUID id;
        try (Spool spool = open(0)) {
            id = spool.id();
            for (int i = 0; i < 30; i++) {
                append(spool, 3);
            }
        }
        try (Spool spool = open(0)) {
            assertThat(spool.id()).isEqualTo(id);
            assertThat(spool.nextSequence()).isEqualTo(90);
            assertThat(append(spool, 10)).isEqualTo(90);
            assertThat(readAll(spool)).isEqualTo(items(0, 100));
        }
        assertThat(metrics.lines).isEmpty();
    }

    @Test
    void logCutAtEachLengthKeepsItsWholeGroupsAndGoesOn() throws IOException {
        List<Long> groupEnds = new ArrayList<>(List.of(0L));
        List<Long> sequences = new ArrayList<>(List.of(0L));
        try (Spool spool = open(0)) {
            for (int count : new int[] {1, 3, 2, 1}) {
                append(spool, count);
                groupEnds.add(spool.bytes());
                sequences.add(spool.nextSequence());
            }
        }
        byte[] log = Files.readAllBytes(directory.resolve(ONLY_SEGMENT));
        for (int length = 0; length <= log.length; length++) {
            Files.write(directory.resolve(ONLY_SEGMENT), Arrays.copyOf(log, length));
            metrics.lines.clear();
            int groups = 0;
            while (groups + 1 < groupEnds.size() && groupEnds.get(groups + 1) <= length) {
                groups++;
            }
            long next = sequences.get(groups);
            long torn = length - groupEnds.get(groups);

            try (Spool spool = open(0)) {
                assertThat(spool.nextSequence()).as("cut at %d", length).isEqualTo(next);
                assertThat(append(spool, 2)).isEqualTo(next);
                assertThat(readAll(spool)).as("cut at %d", length).isEqualTo(items(0, next + 2));
            }
            try (Spool spool = open(0)) {
                assertThat(readAll(spool)).as("cut at %d, opened again", length).isEqualTo(items(0, next + 2));
            }
            assertThat(metrics.lines).isEqualTo(torn == 0 ? List.of() : List.of("tail " + ONLY_SEGMENT + ": " + torn));
        }
    }

    @Test
    void emptyLastSegmentIsLegal() throws IOException {
        try (Spool spool = open(0)) {
            append(spool, 4);
        }
        Path unused = Files.createFile(directory.resolve(Segment.name(4)));

        try (Spool spool = open(0)) {
            assertThat(append(spool, 1)).isEqualTo(4);
            assertThat(readAll(spool)).isEqualTo(items(0, 5));
        }
        assertThat(metrics.lines).isEmpty();
    }

    @Test
    void numbersGoOnAfterEverythingWasTrimmed() throws IOException {
        try (Spool spool = open(0)) {
            for (int i = 0; i < 100; i++) {
                append(spool, 1);
            }
            spool.trim(100);
        }
        try (Spool spool = open(0)) {
            assertThat(spool.nextSequence()).isEqualTo(100);
        }
    }

    @Test
    void logBehindItsDestinationStartsAtTheDestinationsPosition() throws IOException {
        try (Spool spool = open(0)) {
            append(spool, 10);
        }
        try (Spool spool = open(500)) {
            assertThat(spool.nextSequence()).isEqualTo(500);
            assertThat(readAll(spool, 500)).isEmpty();
            assertThat(append(spool, 2)).isEqualTo(500);
            assertThat(readAll(spool, 500)).isEqualTo(items(500, 502));
            spool.trim(502);
            assertThat(spool.firstSequence()).isEqualTo(500);
        }
        try (Spool spool = open(502)) {
            assertThat(spool.nextSequence()).isEqualTo(502);
        }
        assertThat(metrics.lines).containsExactly("started at 500 instead of 10");
    }

    @Test
    void readerBehindTheJumpHearsWhatIsMissing() throws IOException {
        try (Spool spool = open(0)) {
            append(spool, 10);
        }
        try (Spool spool = open(20)) {
            append(spool, 1);
            metrics.lines.clear();

            assertThat(readAll(spool, 8)).extracting(Groups.Item::sequence).containsExactly(8L, 9L, 20L);
            assertThat(metrics.lines).containsExactly("missing 10 to 19");
        }
    }

    @Test
    void emptiedDirectoryStartsAtTheDestinationsPosition() throws IOException {
        try (Spool spool = open(7)) {
            assertThat(spool.firstSequence()).isEqualTo(spool.nextSequence()).isEqualTo(7);
            assertThat(append(spool, 1)).isEqualTo(7);
            assertThat(readAll(spool)).isEqualTo(items(7, 8));
        }
        assertThat(metrics.lines).containsExactly("started at 7 instead of 0");
    }

    @Test
    void positionOutOfRangeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(-1))
                .withMessageStartingWith("atLeast: -1 (expected");
        assertThatIllegalArgumentException().isThrownBy(() -> open(Long.MAX_VALUE));
    }

    @Test
    void filesThatAreNoSegmentsAreLeftAlone() throws IOException {
        for (String name : List.of("notes.txt", "1.seg", "9999999999999999999.seg", "0000000000000000001.seg.bak")) {
            Files.writeString(directory.resolve(name), "mine");
        }
        try (Spool spool = open(0)) {
            append(spool, 3);
            assertThat(readAll(spool)).isEqualTo(items(0, 3));
            spool.trim(3);
        }
        assertThat(directory.resolve("9999999999999999999.seg")).hasContent("mine");
    }

    @Test
    void idIsMadeOncePerSpool(@TempDir Path other) throws IOException {
        try (Spool spool = open(0);
                Spool second = Spool.open(options(other), 0, metrics)) {
            assertThat(second.id()).isNotEqualTo(spool.id());
            assertThat(directory.resolve("spool-id")).hasContent(spool.id() + "\n");
        }
    }

    @Test
    void idAndItsNameAreFlushed() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        Spool.open(options(directory), 0, metrics, disk).close();

        assertThat(disk.forces).hasValue(1);
        assertThat(disk.directoryForces).hasPositiveValue();
    }

    @Test
    void idThatIsNoneIsRefusedAndTheLockGivenBack() throws IOException {
        Files.writeString(directory.resolve("spool-id"), "nonsense");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> open(0))
                .withMessageEndingWith("spool-id: nonsense (expected: a UUID)");

        Files.delete(directory.resolve("spool-id"));
        open(0).close();
    }

    @Test
    void readOnlyFileSystemIsNamed() {
        FaultyDisk disk = new FaultyDisk();
        disk.readOnly = true;

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Spool.open(options(directory), 0, metrics, disk))
                .withMessageContaining("LOCK: Read-only file system (expected: a directory that can be written)");
    }

    @Test
    void directoryMayBeASymbolicLink(@TempDir Path elsewhere) throws IOException {
        Path link = Files.createSymbolicLink(elsewhere.resolve("link"), directory);
        try (Spool spool = Spool.open(options(link), 0, metrics)) {
            append(spool, 1);
        }
        assertThat(directory.resolve(ONLY_SEGMENT)).exists();
    }

    private Spool open(long atLeast) throws IOException {
        return Spool.open(options(directory), atLeast, metrics);
    }
}
