package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.append;
import static com.barnebys.analytics.spool.Groups.items;
import static com.barnebys.analytics.spool.Groups.options;
import static com.barnebys.analytics.spool.Groups.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process a directory, until it ends, however it ends. Real processes. */
@Timeout(60)
class SpoolLockTest {
    @TempDir
    Path directory;

    @Test
    void secondOpenerInThisProcessIsRefusedAndDisturbsNothing() throws IOException {
        try (Spool spool = open()) {
            assertThatExceptionOfType(SpoolLockedException.class)
                    .isThrownBy(this::open)
                    .withMessageStartingWith("another process has the spool: " + directory);
            append(spool, 1);
        }
        open().close();
    }

    @Test
    void secondProcessIsRefusedEvenAfterASecondAttemptOfOurOwn() throws Exception {
        try (Spool spool = open()) {
            assertThatExceptionOfType(SpoolLockedException.class).isThrownBy(this::open);

            assertThat(firstLineOf(SpoolProcess.start(directory, "hold"))).isEqualTo("locked");
            append(spool, 1);
        }
    }

    @Test
    void sameDirectoryUnderAnotherNameIsTheSameSpool(@TempDir Path elsewhere) throws IOException {
        Path link = Files.createSymbolicLink(elsewhere.resolve("link"), directory);
        try (Spool spool = open()) {
            append(spool, 1);
            assertThatExceptionOfType(SpoolLockedException.class)
                    .isThrownBy(() -> Spool.open(options(link), 0, SpoolMetrics.NONE));
        }
        Files.delete(link);
    }

    @Test
    void lockOfAnotherProcessGoesWithIt() throws Exception {
        Process other = SpoolProcess.start(directory, "hold");
        try (BufferedReader lines = lines(other)) {
            assertThat(lines.readLine()).isEqualTo("open");
            assertThatExceptionOfType(SpoolLockedException.class).isThrownBy(this::open);
        } finally {
            assertThat(other.destroyForcibly().waitFor()).isNotZero();
        }
        open().close();
    }

    @Test
    void killedProcessLosesNothingItAcknowledged() throws Exception {
        long acknowledged = 0;
        for (int round = 0; round < 6; round++) {
            Process writer = SpoolProcess.start(directory, "write");
            try (BufferedReader lines = lines(writer)) {
                assertThat(lines.readLine()).isEqualTo("open");
                for (int i = 0; i < 50 + round * 377; i++) {
                    acknowledged = Long.parseLong(lines.readLine());
                }
                // Process.destroyForcibly would throw away what it has said and we have not read.
                assertThat(writer.toHandle().destroyForcibly()).isTrue();
                String line = lines.readLine();
                while (line != null) {
                    acknowledged = line.isEmpty() ? acknowledged : Math.max(acknowledged, Long.parseLong(line));
                    line = lines.readLine();
                }
            } finally {
                assertThat(writer.destroyForcibly().waitFor()).isNotZero();
            }
            RecordingMetrics metrics = new RecordingMetrics();
            try (Spool spool = Spool.open(options(directory, SyncPolicy.NONE, 1 << 16), 0, metrics)) {
                assertThat(spool.nextSequence()).isGreaterThanOrEqualTo(acknowledged);
                assertThat(readAll(spool)).isEqualTo(items(spool.firstSequence(), spool.nextSequence()));
            }
            assertThat(metrics.lost).isEmpty();
        }
    }

    private Spool open() throws IOException {
        return Spool.open(options(directory), 0, SpoolMetrics.NONE);
    }

    private static String firstLineOf(Process process) throws IOException, InterruptedException {
        try (BufferedReader lines = lines(process)) {
            return lines.readLine();
        } finally {
            int unused = process.destroyForcibly().waitFor();
        }
    }

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }
}
