package com.barnebys.analytics.sink.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.SampleRows;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreKillTest {
    private static final int ROUNDS = 4;

    @TempDir
    Path directory;

    @Test
    void aKilledProcessLeavesWholeBatchesAndThePositionItTold() throws Exception {
        StoreFile file = new StoreFile(directory);

        for (int round = 1; round <= ROUNDS; round++) {
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Child.class.getName(),
                            directory.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            long told = 0;
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                for (int i = 0; i < 5 + 7 * round; i++) {
                    String line = lines.readLine();
                    assertThat(line).isNotNull();
                    if (line.startsWith("position ")) {
                        told = Long.parseLong(line.substring("position ".length()));
                    }
                }
                child.destroyForcibly().waitFor();
            }

            long position = Long.parseLong(file.value("SELECT next_seq FROM ba_position"));
            assertThat(position).isGreaterThanOrEqualTo(told).isPositive();
            assertThat(file.value("SELECT count(*), max(rowid) + 1, (SELECT sum(hits) FROM ba_daily) FROM click"))
                    .isEqualTo(position + "|" + position + "|" + position);
            assertThat(file.value("PRAGMA integrity_check")).isEqualTo("ok");
        }
    }

    /** Stores batches, each once more than needed, until it is killed. */
    static final class Child {
        public static void main(String[] args) throws Exception {
            StoreFile file = new StoreFile(Path.of(args[0]));
            LocalStore store = file.open();
            while (true) {
                long first = store.position();
                store.store(SampleRows.clicks(first, 137), file);
                store.store(SampleRows.clicks(Math.max(0, first - 50), 120), file);
                System.out.println("position " + store.position());
            }
        }
    }
}
