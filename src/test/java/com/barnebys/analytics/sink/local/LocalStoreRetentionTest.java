package com.barnebys.analytics.sink.local;

import static com.barnebys.analytics.sink.SampleRows.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreRetentionTest {
    @TempDir
    Path directory;

    private StoreFile file;

    @BeforeEach
    void place() {
        file = new StoreFile(directory);
    }

    @Test
    void rowsPastTheirTimeGoInSmallStepsAndTheSumsStay() throws Exception {
        try (LocalStore store = open(30, TIME)) {
            store.store(rows("click", 0, 6_000, TIME.minus(Duration.ofDays(31))), file);
            store.store(rows("impression", 6_000, 100, TIME.minus(Duration.ofDays(40))), file);
            store.store(rows("click", 6_100, 50, TIME.minus(Duration.ofDays(29))), file);

            assertThat(store.upkeep()).isTrue();
            assertThat(file.value("SELECT (SELECT count(*) FROM click) + (SELECT count(*) FROM impression)"))
                    .isIn("1150", "6050");
            int steps = 1;
            while (store.upkeep()) {
                assertThat(++steps).isLessThan(20);
            }

            assertThat(store.position()).isEqualTo(6_150);
        }
        assertThat(file.value("SELECT count(*), min(rowid) FROM click")).isEqualTo("50|6100");
        assertThat(file.value("SELECT count(*) FROM impression")).isEqualTo("0");
        assertThat(file.value("SELECT sum(hits) FROM ba_daily")).isEqualTo("6150");
        assertThat(file.value("PRAGMA freelist_count")).isEqualTo("0");
    }

    @Test
    void aTableThatSomebodyDroppedDoesNotKeepTheOthersRows() throws Exception {
        try (LocalStore store = open(30, TIME)) {
            store.store(rows("click", 0, 1, TIME), file);
            store.store(rows("impression", 1, 10, TIME.minus(Duration.ofDays(31))), file);
            file.execute("DROP TABLE click");

            int steps = 0;
            while (store.upkeep()) {
                assertThat(++steps).isLessThan(20);
            }

            assertThat(file.value("SELECT count(*) FROM impression")).isEqualTo("0");
        }
        try (LocalStore store = open(30, TIME)) {
            store.store(rows("click", 11, 1, TIME), file);
            assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("1");
        }
    }

    @Test
    void theFileShrinks() throws Exception {
        try (LocalStore store = open(30, TIME)) {
            store.store(rows("click", 0, 5_000, TIME.minus(Duration.ofDays(31))), file);
        }
        long before = Files.size(file.path);

        try (LocalStore store = open(30, TIME)) {
            int steps = 0;
            while (store.upkeep()) {
                assertThat(++steps).isLessThan(20);
            }
        }

        assertThat(Files.size(file.path)).isLessThan(before / 5);
    }

    @Test
    void aRowFromTheFutureDoesNotKeepThoseBehindIt() throws Exception {
        try (LocalStore store = open(30, TIME)) {
            store.store(rows("click", 0, 1, TIME.plus(Duration.ofDays(4_000))), file);
            store.store(rows("click", 1, 10, TIME.minus(Duration.ofDays(31))), file);

            assertThat(store.upkeep()).isTrue();
        }
        assertThat(file.rows("SELECT rowid FROM click")).containsExactly("0");
    }

    @Test
    void whatWasDeletedIsNotStoredAgain() throws Exception {
        try (LocalStore store = open(30, TIME)) {
            RowBatch batch = rows("click", 0, 10, TIME.minus(Duration.ofDays(31)));
            store.store(batch, file);
            assertThat(store.upkeep()).isTrue();

            store.store(batch, file);
        }
        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("0");
    }

    @Test
    void nothingIsDeletedWithoutALimit() throws Exception {
        try (LocalStore store = open(0, TIME)) {
            store.store(rows("click", 0, 10, TIME.minus(Duration.ofDays(3_000))), file);

            assertThat(store.upkeep()).isFalse();
        }
        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("10");
    }

    private LocalStore open(int days, Instant now) throws Exception {
        return LocalStore.open(
                file.options(days), Clock.fixed(now, ZoneOffset.UTC), Duration.ofMillis(20), LocalSession.Faults.NONE);
    }

    private static RowBatch rows(String kind, long first, int count, Instant time) {
        byte[][] records = new byte[count][];
        Arrays.fill(records, SampleRows.record(SampleRows.event(kind, "p", false, time)));
        return SampleRows.batch(first, records);
    }
}
