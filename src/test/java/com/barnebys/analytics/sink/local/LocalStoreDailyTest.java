package com.barnebys.analytics.sink.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalStoreDailyTest {
    private static final String[] KINDS = {"click", "impression", "Click"};

    @TempDir
    Path directory;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void sumsEqualTheRows(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        StoreFile file = new StoreFile(directory);

        long next = 0;
        try (LocalStore store = file.open()) {
            for (int i = 0; i < 12; i++) {
                byte[][] records = new byte[random.nextInt(1, 120)][];
                for (int j = 0; j < records.length; j++) {
                    records[j] = random.nextInt(20) == 0 ? SampleRows.MALFORMED : randomRecord(random);
                }
                // Some rows come again, as after a lost answer.
                long first = Math.max(0, next - random.nextInt(5));
                RowBatch batch = SampleRows.batch(first, records);
                store.store(batch, file);
                next = Math.max(next, first + records.length);
            }
        }

        String rows = String.join(
                " UNION ALL ",
                file.rows("SELECT printf('SELECT %Q AS k, * FROM %s', kind, table_name) FROM ba_tables"));
        assertThat(file.rows("SELECT kind, programId, day, lead, hits FROM ba_daily ORDER BY 1, 2, 3, 4"))
                .isNotEmpty()
                .containsExactlyElementsOf(file.rows("SELECT k, programId, substr(timestamp, 1, 10), lead, count(*)"
                        + " FROM (" + rows + ") GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"));
    }

    @Test
    void whatARowDoesNotSayIsCountedUnderNothing() throws Exception {
        StoreFile file = new StoreFile(directory);

        try (LocalStore store = file.open()) {
            store.store(SampleRows.batch(0, new byte[] {1, 'k'}, SampleRows.record("k", "p")), file);
        }

        assertThat(file.rows("SELECT * FROM ba_daily")).containsExactly("k|||0|1", "k|p|2026-11-23|0|1");
    }

    private static byte[] randomRecord(SplittableRandom random) {
        return SampleRows.record(SampleRows.event(
                KINDS[random.nextInt(KINDS.length)],
                "p" + random.nextInt(4),
                random.nextInt(4) == 0,
                SampleRows.TIME.plus(Duration.ofHours(random.nextInt(72)))));
    }
}
