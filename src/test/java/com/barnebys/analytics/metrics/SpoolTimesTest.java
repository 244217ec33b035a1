package com.barnebys.analytics.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.barnebys.analytics.event.EventBuffer;
import com.barnebys.analytics.event.EventIds;
import com.barnebys.analytics.event.EventWriter;
import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolOptions;
import com.barnebys.analytics.spool.SyncPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTimesTest {
    private static final long START = 1_800_000_000_000L;

    @TempDir
    Path directory;

    private long now = START;
    private final SpoolTimes times = new SpoolTimes(() -> now);

    private Spool open() throws IOException {
        SpoolOptions options =
                new SpoolOptions(directory, 64 << 20, 0, SyncPolicy.NONE, Duration.ofSeconds(1), 1 << 20);
        return Spool.open(options, 0, new SpoolWatch(times));
    }

    private void append(Spool spool) throws IOException {
        EventBuffer buffer = new EventBuffer(1024);
        new EventWriter(new EventIds())
                .write(
                        new TrackEvent(
                                "view", "p", false, "", null, null, "", "", "", "", "", false, null, now, false, null),
                        buffer);
        long unused = spool.append(1, List.of(buffer.toByteBuffer()));
    }

    @Test
    void ageOfARowIsKnownToASecond() {
        for (int row = 0; row < 1000; row++) {
            times.appended(row);
            now += 100;
        }

        times.forgetBelow(0);
        for (int row = 0; row < 1000; row += 37) {
            double age = (1000 - row) / 10.0;
            assertThat(times.ageSeconds(row)).as("row " + row).isBetween(age, age + 1);
        }
    }

    @Test
    void rowsAfterAPauseHaveTheirOwnAge() {
        times.appended(0);
        now += TimeUnit.HOURS.toMillis(1);
        times.appended(1);
        now += 2000;

        assertThat(times.ageSeconds(0)).isEqualTo(3602);
        assertThat(times.ageSeconds(1)).isEqualTo(2);
    }

    @Test
    void aBacklogOfDaysKeepsFewMarksAndStaysRoughlyRight() {
        int days = 20;
        int seconds = (int) TimeUnit.DAYS.toSeconds(days);
        for (int row = 0; row < seconds; row++) {
            times.appended(row);
            now += 1000;
        }

        assertThat(times.size()).isLessThanOrEqualTo(SpoolTimes.MARKS_MAX);
        for (int row : new int[] {0, seconds / 3, seconds / 2, seconds - 3600}) {
            double age = seconds - row;
            assertThat(times.ageSeconds(row)).as("row " + row).isCloseTo(age, within(age / 3 + 3600));
        }
        times.forgetBelow(seconds - 1);
        times.appended(seconds);
        now += 5000;
        assertThat(times.ageSeconds(seconds)).isEqualTo(5);
    }

    @Test
    void aClockThatGoesToAndFroLeavesFewMarks() {
        for (int row = 0; row < 10_000; row++) {
            times.appended(row);
            now += row % 2 == 0 ? 5_000_000 : -4_999_000;
        }

        assertThat(times.size()).isLessThanOrEqualTo(SpoolTimes.MARKS_MAX);
        assertThat(times.ageSeconds(9_999)).isNotNegative();
    }

    @Test
    void rowsOfAnEarlierProcessHaveTheAgeTheySayThemselves() throws IOException {
        try (Spool spool = open()) {
            append(spool);
            now += TimeUnit.HOURS.toMillis(1);
            append(spool);
        }
        now += TimeUnit.DAYS.toMillis(1);

        SpoolTimes after = new SpoolTimes(() -> now);
        try (Spool spool = open()) {
            after.recoveredFrom(spool);
            append(spool);
            after.appended(2);
            now += 7000;

            after.forgetBelow(0);
            assertThat(after.ageSeconds(0)).isEqualTo(TimeUnit.HOURS.toSeconds(25) + 7);
            assertThat(after.ageSeconds(1)).isEqualTo(TimeUnit.HOURS.toSeconds(24) + 7);
            assertThat(after.ageSeconds(2)).isEqualTo(7);
        }
    }

    @Test
    void readsOfOneRoundAreLimited() throws IOException {
        int rows = SpoolTimes.READS_MAX + 2;
        try (Spool spool = open()) {
            for (int row = 0; row < rows; row++) {
                append(spool);
                now += 60_000;
            }
            SpoolTimes after = new SpoolTimes(() -> now);
            after.recoveredFrom(spool);

            after.forgetBelow(0);
            for (int row = 0; row < rows; row++) {
                boolean isRead = row < SpoolTimes.READS_MAX;
                double unread = 60.0 * (rows - SpoolTimes.READS_MAX + 1);
                assertThat(after.ageSeconds(row)).isEqualTo(isRead ? 60.0 * (rows - row) : unread);
            }
            after.forgetBelow(0);
            assertThat(after.ageSeconds(rows - 1)).isEqualTo(60);
        }
    }
}
