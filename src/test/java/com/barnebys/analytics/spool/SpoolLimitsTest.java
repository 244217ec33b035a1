package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.append;
import static com.barnebys.analytics.spool.Groups.bodies;
import static com.barnebys.analytics.spool.Groups.items;
import static com.barnebys.analytics.spool.Groups.limited;
import static com.barnebys.analytics.spool.Groups.options;
import static com.barnebys.analytics.spool.Groups.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.barnebys.analytics.spool.SpoolFullException.Reason;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No room: what is refused, what goes on, and that it comes back. */
class SpoolLimitsTest {
    @TempDir
    Path directory;

    private final RecordingMetrics metrics = new RecordingMetrics();
    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void logAtItsMaximumRefusesUntilItIsTrimmed() throws IOException {
        try (Spool spool = Spool.open(limited(directory, 3_000, 0, 1_000), 0, metrics, disk)) {
            long next = fill(spool);
            assertThat(refused(spool, 1).reason()).isEqualTo(Reason.MAX_BYTES);
            assertThat(spool.bytes()).isLessThanOrEqualTo(3_000);
            assertThat(spool.state()).isEqualTo(SpoolState.FULL);
            assertThat(spool.hasRoom()).isFalse();
            assertThat(readAll(spool)).isEqualTo(items(0, next));

            spool.trim(next);

            assertThat(spool.hasRoom()).isTrue();
            assertThat(spool.state()).isEqualTo(SpoolState.READY);
            assertThat(append(spool, 1)).isEqualTo(next);
        }
        assertThat(metrics.lines).containsExactly("full MAX_BYTES", "room again");
    }

    @Test
    void logOfOneSegmentComesBackToo() throws IOException {
        try (Spool spool = Spool.open(limited(directory, 3_000, 0, 1 << 20), 0, metrics, disk)) {
            for (int round = 0; round < 3; round++) {
                long next = fill(spool);
                spool.trim(next);
                assertThat(append(spool, 1)).isEqualTo(next);
            }
        }
    }

    @Test
    void nextAppendFindsTheRoomByItself() throws IOException {
        try (Spool spool = Spool.open(limited(directory, 3_000, 0, 1_000), 0, metrics, disk)) {
            long next = fill(spool);
            spool.trim(next);
            assertThat(spool.state()).isEqualTo(SpoolState.FULL);

            append(spool, 1);
            assertThat(spool.state()).isEqualTo(SpoolState.READY);
        }
    }

    @Test
    void volumeBelowItsMinimumIsNoticedWithinOneMebibyte() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(100_000).putInt(0, 100_000 - 4);
        try (Spool spool = Spool.open(limited(directory, 1 << 30, 5_000, 1 << 24), 0, metrics, disk)) {
            assertThat(spool.append(1, List.of(body))).isZero();
            disk.freeBytes = 4_999;

            int taken = 0;
            Reason reason = null;
            while (reason == null && taken < 20) {
                try {
                    long unused = spool.append(1, List.of(body));
                    taken++;
                } catch (SpoolFullException e) {
                    reason = e.reason();
                }
            }
            assertThat(reason).isEqualTo(Reason.MIN_FREE);
            assertThat(taken).isBetween(9, 11);
            assertThat(spool.freeBytes()).isEqualTo(4_999);

            disk.freeBytes = 5_000;
            assertThat(spool.append(1, List.of(body))).isEqualTo(taken + 1);
        }
    }

    @Test
    void roomIsLookedUpAtMostOnceASecond() throws IOException {
        disk.freeBytes = 10;
        try (Spool spool = Spool.open(limited(directory, 1 << 30, 5_000, 1 << 24), 0, metrics, disk)) {
            assertThat(refused(spool, 1).reason()).isEqualTo(Reason.MIN_FREE);
            disk.freeBytes = 6_000;
            disk.nanos += TimeUnit.MILLISECONDS.toNanos(999);
            assertThat(spool.hasRoom()).isFalse();

            disk.nanos += TimeUnit.MILLISECONDS.toNanos(1);
            assertThat(spool.hasRoom()).isTrue();
            assertThat(spool.state()).isEqualTo(SpoolState.READY);
        }
    }

    @Test
    void groupTheDiskDoesNotTakeLeavesNothingBehind() throws IOException {
        try (Spool spool = Spool.open(options(directory), 0, metrics, disk)) {
            append(spool, 3);
            long bytes = spool.bytes();
            disk.writesLeft = 0;

            assertThat(refused(spool, 5))
                    .hasMessageStartingWith("spool full: DISK: ")
                    .hasRootCauseMessage("No space left on device");
            assertThat(spool.bytes()).isEqualTo(bytes);
            assertThat(Files.size(directory.resolve(Segment.name(0)))).isEqualTo(bytes);
            assertThat(readAll(spool)).isEqualTo(items(0, 3));
            refused(spool, 5);

            disk.writesLeft = Integer.MAX_VALUE;
            assertThat(append(spool, 2)).isEqualTo(3);
            assertThat(readAll(spool)).isEqualTo(items(0, 5));
        }
        assertThat(metrics.lines).containsExactly("full DISK", "room again");
    }

    @Test
    void segmentThatCannotBeMadeIsTriedAgain() throws IOException {
        try (Spool spool = Spool.open(options(directory), 0, metrics, disk)) {
            disk.failCreate = true;
            assertThat(refused(spool, 1).reason()).isEqualTo(Reason.DISK);
            assertThat(refused(spool, 1).reason()).isEqualTo(Reason.DISK);

            disk.failCreate = false;
            assertThat(append(spool, 1)).isZero();
        }
    }

    @Test
    void shortWritesAreGoneOnWith() throws IOException {
        disk.writeBytesMax = 7;
        try (Spool spool = Spool.open(options(directory), 0, metrics, disk)) {
            append(spool, 10);
            assertThat(readAll(spool)).isEqualTo(items(0, 10));
        }
    }

    @Test
    void segmentThatCannotBeDeletedIsReportedAndTriedAgain() throws IOException {
        try (Spool spool = Spool.open(options(directory), 0, metrics, disk)) {
            for (int i = 0; i < 40; i++) {
                append(spool, 1);
            }
            disk.failDelete = true;
            spool.trim(40);
            assertThat(spool.firstSequence()).isZero();
            assertThat(readAll(spool)).isEqualTo(items(0, 40));

            disk.failDelete = false;
            spool.trim(40);
            assertThat(spool.firstSequence()).isPositive();
        }
        assertThat(metrics.lines).singleElement().asString().startsWith("trim failed " + Segment.name(0));
    }

    @Test
    void fullVolumeRefusesReadsTrimsAndComesBack() throws Exception {
        Path volume = Files.createDirectory(directory.resolve("volume"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=8m", "spooltest", volume.toString()), "needs to mount a tmpfs");
        try {
            Path ballast = Files.write(volume.resolve("ballast"), new byte[1 << 20]);
            try (Spool spool = Spool.open(options(volume.resolve("spool"), SyncPolicy.NONE, 1 << 20), 0, metrics)) {
                long next = fillVolume(spool);
                assertThat(readAll(spool)).hasSize((int) next);
                spool.trim(next);
                long more = fillVolume(spool);
                assertThat(more).isGreaterThan(next);
                Files.delete(ballast);
                assertThat(fillVolume(spool)).isGreaterThan(more);
                assertThat(spool.state()).isEqualTo(SpoolState.FULL);
            }
            try (Spool spool = Spool.open(options(volume.resolve("spool"), SyncPolicy.NONE, 1 << 20), 0, metrics)) {
                long first = spool.firstSequence();
                assertThat(readAll(spool)).hasSize((int) (spool.nextSequence() - first));
                spool.trim(spool.nextSequence());
                append(spool, 1);
            }
            assertThat(metrics.lost).isEmpty();
        } finally {
            assertThat(run("umount", "--lazy", volume.toString())).isTrue();
        }
    }

    private static long fillVolume(Spool spool) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(50_000).putInt(0, 50_000 - 4);
        Reason reason = null;
        for (int i = 0; reason == null && i < 1_000; i++) {
            try {
                long unused = spool.append(1, List.of(body));
            } catch (SpoolFullException e) {
                reason = e.reason();
            }
        }
        assertThat(reason).isEqualTo(Reason.DISK);
        return spool.nextSequence();
    }

    private static long fill(Spool spool) throws IOException {
        for (int i = 0; i < 1_000; i++) {
            try {
                append(spool, 1);
            } catch (SpoolFullException e) {
                return spool.nextSequence();
            }
        }
        throw new AssertionError("never full");
    }

    @CanIgnoreReturnValue
    private static SpoolFullException refused(Spool spool, int count) {
        SpoolFullException refusal = catchThrowableOfType(
                SpoolFullException.class, () -> spool.append(count, bodies(spool.nextSequence(), count)));
        assertThat(refusal).isNotNull();
        return refusal;
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // no such command here
        }
    }
}
