package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.append;
import static com.barnebys.analytics.spool.Groups.bodies;
import static com.barnebys.analytics.spool.Groups.collector;
import static com.barnebys.analytics.spool.Groups.items;
import static com.barnebys.analytics.spool.Groups.options;
import static com.barnebys.analytics.spool.Groups.readAll;
import static com.barnebys.analytics.spool.Groups.readOn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.barnebys.analytics.spool.Groups.Item;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flushing, and what cannot be made good in this process. */
class SpoolFailureTest {
    @TempDir
    Path directory;

    private final RecordingMetrics metrics = new RecordingMetrics();
    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void nothingIsHandedOutBeforeItIsFlushed() throws IOException {
        try (Spool spool = open(SyncPolicy.NONE);
                SpoolReader reader = spool.read(0)) {
            append(spool, 3);
            int forces = disk.forces.get();

            assertThat(readOn(reader)).isEqualTo(items(0, 3));
            assertThat(disk.forces).hasValue(forces + 1);
            assertThat(readOn(reader)).isEmpty();
            assertThat(disk.forces).as("nothing new, no flush").hasValue(forces + 1);
        }
    }

    @Test
    void forceFlushesSegmentsAndTheirNames() throws IOException {
        try (Spool spool = open(SyncPolicy.NONE)) {
            spool.force();
            for (int i = 0; i < 60; i++) {
                append(spool, 1);
            }
            int forces = disk.forces.get();
            int directoryForces = disk.directoryForces.get();

            spool.force();
            assertThat(disk.forces.get() - forces).isEqualTo(segmentFiles());
            assertThat(disk.directoryForces.get() - directoryForces).isEqualTo(1);

            spool.force();
            assertThat(disk.forces.get() - forces).isEqualTo(segmentFiles());
        }
    }

    @Test
    void segmentsOfAnEarlierProcessAreFlushedBeforeTheyAreHandedOut() throws IOException {
        try (Spool spool = open(SyncPolicy.NONE)) {
            for (int i = 0; i < 60; i++) {
                append(spool, 1);
            }
        }
        int forces = disk.forces.get();
        try (Spool spool = open(SyncPolicy.NONE)) {
            assertThat(readAll(spool)).hasSize(60);
            assertThat(disk.forces.get() - forces).isEqualTo(segmentFiles());
        }
    }

    @Test
    void groupPolicyFlushesBeforeItReturns() throws IOException {
        try (Spool spool = open(SyncPolicy.GROUP)) {
            int forces = disk.forces.get();
            append(spool, 1);
            append(spool, 1);
            assertThat(disk.forces).hasValue(forces + 2);
        }
    }

    @Test
    void intervalPolicyFlushesOnAThreadOfItsOwn() throws Exception {
        SpoolOptions options = new SpoolOptions(
                directory, 1 << 20, 0, SyncPolicy.INTERVAL, Duration.ofMillis(1), Groups.SMALL_SEGMENT);
        Spool spool = Spool.open(options, 0, metrics, disk);
        try (spool) {
            disk.forced = new CountDownLatch(1);
            append(spool, 1);
            assertThat(disk.forced.await(10, TimeUnit.SECONDS)).isTrue();
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("spool-sync")) {
                thread.join(TimeUnit.SECONDS.toMillis(10));
                assertThat(thread.isAlive()).as("ends with close").isFalse();
            }
        }
    }

    @Test
    void failedFlushTakesNothingMoreAndHandsOutWhatIsSafe() throws IOException {
        try (Spool spool = open(SyncPolicy.NONE);
                SpoolReader reader = spool.read(0)) {
            append(spool, 3);
            spool.force();
            append(spool, 2);
            disk.failForce = true;

            assertThatExceptionOfType(SpoolFailedException.class).isThrownBy(spool::force);
            assertThat(spool.state()).isEqualTo(SpoolState.FAILED);
            assertThat(spool.hasRoom()).isFalse();
            assertRefused(spool);
            assertThat(readOn(reader)).isEqualTo(items(0, 3));

            // The kernel forgets: the second flush would succeed and prove nothing.
            disk.failForce = false;
            assertThatExceptionOfType(SpoolFailedException.class).isThrownBy(spool::force);
            assertThat(readOn(reader)).isEmpty();
        }
        assertThat(metrics.lines).containsExactly("failed fsync: Input/output error");
        try (Spool spool = open(SyncPolicy.NONE)) {
            assertThat(readAll(spool))
                    .as("a new process looks at what is there")
                    .isEqualTo(items(0, 5));
        }
    }

    @Test
    void failedFlushOfAGroupIsNotAcknowledged() throws IOException {
        try (Spool spool = open(SyncPolicy.GROUP)) {
            append(spool, 1);
            disk.failForce = true;
            assertRefused(spool);
            assertThat(readAll(spool)).isEqualTo(items(0, 1));
        }
    }

    @Test
    void failedFlushOnTheSpoolsOwnThreadIsReported() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        Disk failing = new Disk() {
            @Override
            public void force(FileChannel file) throws IOException {
                if (Thread.currentThread().getName().equals("spool-sync")) {
                    failed.countDown();
                    throw new IOException("fsync: Input/output error");
                }
            }
        };
        SpoolOptions options = new SpoolOptions(
                directory, 1 << 20, 0, SyncPolicy.INTERVAL, Duration.ofMillis(1), Groups.SMALL_SEGMENT);
        try (Spool spool = Spool.open(options, 0, metrics, failing)) {
            append(spool, 1);
            assertThat(failed.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(metrics.lines).containsExactly("failed fsync: Input/output error");
    }

    @Test
    void halfAGroupThatCannotBeCutOffFailsTheSpoolButNotItsReaders() throws IOException {
        try (Spool spool = open(SyncPolicy.NONE)) {
            append(spool, 3);
            disk.writesLeft = 0;
            disk.failTruncate = true;

            assertRefused(spool);
            assertThat(spool.state()).isEqualTo(SpoolState.FAILED);
            disk.writesLeft = Integer.MAX_VALUE;
            assertRefused(spool);
            assertThat(readAll(spool)).isEqualTo(items(0, 3));
        }
        disk.failTruncate = false;
        try (Spool spool = open(SyncPolicy.NONE)) {
            assertThat(append(spool, 1)).isEqualTo(3);
            assertThat(readAll(spool)).isEqualTo(items(0, 4));
        }
        assertThat(metrics.lines).hasSize(2);
        assertThat(metrics.lines.get(1)).startsWith("tail ");
    }

    @Test
    void segmentDeletedUnderTheWriterIsNoticedWithinOneMebibyte() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(100_000).putInt(0, 100_000 - 4);
        try (Spool spool = Spool.open(options(directory, SyncPolicy.NONE, 1 << 24), 0, metrics, disk)) {
            assertThat(spool.append(1, List.of(body))).isZero();
            Files.delete(directory.resolve(Segment.name(0)));

            int taken = 0;
            while (spool.state() == SpoolState.READY && taken < 20) {
                try {
                    long unused = spool.append(1, List.of(body));
                    taken++;
                } catch (SpoolFailedException e) {
                    assertThat(e).hasMessageContaining("deleted while in use");
                }
            }
            assertThat(spool.state()).isEqualTo(SpoolState.FAILED);
            assertThat(taken).isBetween(9, 11);
        }
    }

    @Test
    void directoryDeletedUnderTheWriterFails() throws IOException {
        try (Spool spool = open(SyncPolicy.NONE)) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
            assertRefused(spool);
            assertThat(spool.state()).isEqualTo(SpoolState.FAILED);
        }
        Path unused = Files.createDirectory(directory);
    }

    @Test
    void interruptedThreadAppendsReadsAndFlushesAllTheSame() throws IOException {
        Thread.currentThread().interrupt();
        List<Item> items = new ArrayList<>();
        try (Spool spool = open(SyncPolicy.GROUP);
                SpoolReader reader = spool.read(0)) {
            for (int i = 0; i < 60; i++) {
                append(spool, 1);
            }
            spool.force();
            assertThat(reader.read(100, Long.MAX_VALUE, collector(items))).isEqualTo(60);
            spool.trim(60);
        } finally {
            assertThat(Thread.interrupted()).as("the flag is still set").isTrue();
        }
        assertThat(items).isEqualTo(items(0, 60));
    }

    @Test
    void interruptInTheMiddleOfAWriteRepeatsIt() throws IOException {
        try (Spool spool = open(SyncPolicy.GROUP)) {
            append(spool, 1);
            disk.writeBytesMax = 10;
            disk.interruptWrites = true;
            append(spool, 3);
            assertThat(Thread.interrupted()).isTrue();

            disk.interruptForces = true;
            append(spool, 3);
            assertThat(Thread.interrupted()).isTrue();

            append(spool, 3);
            assertThat(readAll(spool)).isEqualTo(items(0, 10));
        }
        assertThat(metrics.lines).isEmpty();
    }

    @Test
    void closedSpoolTakesAndGivesNothing() throws IOException {
        Spool spool = open(SyncPolicy.NONE);
        append(spool, 1);
        SpoolReader reader = spool.read(0);
        spool.close();
        spool.close();

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> append(spool, 1))
                .withMessageEndingWith("closed");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> readOn(reader))
                .withMessageEndingWith("closed");
        assertThatExceptionOfType(IOException.class).isThrownBy(spool::force).withMessageEndingWith("closed");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> spool.read(0))
                .withMessageEndingWith("closed");
        spool.trim(1);
        assertThat(spool.hasRoom()).isFalse();
        reader.close();
        assertThat(disk.forces.get()).as("flushed by close").isGreaterThanOrEqualTo(2);
    }

    @Test
    void closedReaderGivesNothing() throws IOException {
        try (Spool spool = open(SyncPolicy.NONE)) {
            SpoolReader reader = spool.read(0);
            reader.close();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> readOn(reader))
                    .withMessageEndingWith("closed");
        }
    }

    private Spool open(SyncPolicy sync) throws IOException {
        return Spool.open(options(directory, sync, Groups.SMALL_SEGMENT), 0, metrics, disk);
    }

    private static void assertRefused(Spool spool) {
        assertThatExceptionOfType(SpoolFailedException.class)
                .isThrownBy(() -> spool.append(1, bodies(spool.nextSequence(), 1)))
                .withMessageContaining("expected: a new start of the process");
    }

    private int segmentFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return (int) files.filter(file -> file.toString().endsWith(".seg")).count();
        }
    }
}
