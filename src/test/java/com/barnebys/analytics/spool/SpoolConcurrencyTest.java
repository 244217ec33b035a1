package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.options;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A writer, two readers, the flusher and trim at once. */
@Timeout(60)
class SpoolConcurrencyTest {
    private static final int RECORDS = 400_000;

    @TempDir
    Path directory;

    private final RecordingMetrics metrics = new RecordingMetrics();

    @ParameterizedTest
    @EnumSource(names = {"NONE", "INTERVAL"})
    void readersRacingTheWriterSeeEachRecordOnceAndWhole(SyncPolicy sync) throws Exception {
        SpoolOptions options = new SpoolOptions(directory, 1L << 40, 0, sync, Duration.ofMillis(5), 1 << 20);
        try (Spool spool = Spool.open(options, 0, metrics)) {
            AtomicLong slowest = new AtomicLong();
            CompletableFuture<Long> trimming =
                    CompletableFuture.supplyAsync(() -> follow(spool, slowest, true), SpoolConcurrencyTest::onAThread);
            CompletableFuture<Long> following =
                    CompletableFuture.supplyAsync(() -> follow(spool, slowest, false), SpoolConcurrencyTest::onAThread);
            Random random = new Random(1);
            long next = 0;
            while (next < RECORDS) {
                int count = 1 + random.nextInt(random.nextBoolean() ? 1_024 : 8);
                assertThat(spool.append(count, List.of(numbered(next, count)))).isEqualTo(next);
                next += count;
            }

            assertThat(trimming.get(50, TimeUnit.SECONDS)).isEqualTo(next);
            assertThat(following.get(50, TimeUnit.SECONDS)).isEqualTo(next);
            assertThat(spool.firstSequence()).isGreaterThan(next / 2);
            assertThat(spool.bytes()).isLessThan(4 << 20);
        }
        assertThat(metrics.lines).isEmpty();
    }

    @Test
    void closeWaitsForTheAppendThatIsUnderWay() throws Exception {
        Spool spool = Spool.open(options(directory, SyncPolicy.GROUP, 1 << 20), 0, metrics);
        AtomicLong acknowledged = new AtomicLong();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(
                () -> {
                    try {
                        while (true) {
                            acknowledged.set(spool.append(1, List.of(numbered(spool.nextSequence(), 1))) + 1);
                        }
                    } catch (java.io.IOException e) {
                        assertThat(e).hasMessageEndingWith("closed");
                    }
                },
                SpoolConcurrencyTest::onAThread);
        while (acknowledged.get() < 20) {
            Thread.onSpinWait();
        }
        spool.close();
        writer.get(10, TimeUnit.SECONDS);

        try (Spool again = Spool.open(options(directory), 0, metrics)) {
            assertThat(again.nextSequence()).isEqualTo(acknowledged.get());
        }
        assertThat(metrics.lines).isEmpty();
    }

    /** The common pool has one thread on two cores (from JDK 25 on), and these tasks wait for each other. */
    private static void onAThread(Runnable task) {
        new Thread(task, "spool-test").start();
    }

    /** Reads to the end, checks each record, and trims behind the slower of the two if asked to. */
    private static long follow(Spool spool, AtomicLong otherPosition, boolean trims) {
        try (SpoolReader reader = spool.read(0)) {
            Random random = new Random(2);
            long[] expected = {0};
            while (reader.position() < RECORDS || reader.position() < spool.nextSequence()) {
                int unused = reader.read(1 + random.nextInt(5_000), 1 << 20, (sequence, buffer, offset, length) -> {
                    ByteBuffer record = ByteBuffer.wrap(buffer, offset, length);
                    boolean isWhole = sequence == expected[0]++
                            && length == lengthOf(sequence)
                            && record.getLong() == sequence
                            && buffer[offset + length - 1] == (byte) sequence;
                    if (!isWhole) {
                        throw new AssertionError("record " + sequence);
                    }
                });
                if (trims) {
                    spool.trim(Math.min(reader.position(), otherPosition.get()));
                } else {
                    otherPosition.set(reader.position());
                }
            }
            while (trims && otherPosition.get() < reader.position()) {
                Thread.onSpinWait();
            }
            if (trims) {
                spool.trim(reader.position());
            }
            return reader.position();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static ByteBuffer numbered(long first, int count) {
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += 4 + lengthOf(first + i);
        }
        ByteBuffer body = ByteBuffer.allocate(bytes);
        for (long sequence = first; sequence < first + count; sequence++) {
            int length = lengthOf(sequence);
            body.putInt(length).putLong(sequence);
            for (int i = 8; i < length; i++) {
                body.put((byte) sequence);
            }
        }
        return body.flip();
    }

    private static int lengthOf(long sequence) {
        return 9 + (int) (sequence * 31 % 120);
    }
}
