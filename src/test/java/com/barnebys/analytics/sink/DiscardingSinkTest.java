package com.barnebys.analytics.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscardingSinkTest {
    private static final Parking NOWHERE = (sequence, buffer, offset, length, reason, detail) -> {
        throw new AssertionError("nothing is parked here");
    };

    @TempDir
    Path directory;

    private long now;

    @Test
    void goesOnWhereItWasAfterClosing() throws Exception {
        try (DiscardingSink sink = open()) {
            assertThat(sink.spoolId()).isNull();
            assertThat(sink.position()).isZero();
            sink.store(SampleRows.clicks(0, 3), NOWHERE);
            assertThat(sink.discarded()).isEqualTo(3);
        }

        try (DiscardingSink sink = open()) {
            assertThat(sink.spoolId()).isEqualTo(SampleRows.SPOOL);
            assertThat(sink.position()).isEqualTo(3);
        }
    }

    @Test
    void rowsThatComeAgainAreNotCounted() throws Exception {
        try (DiscardingSink sink = open()) {
            sink.store(SampleRows.clicks(0, 3), NOWHERE);
            sink.store(SampleRows.clicks(1, 4), NOWHERE);
            sink.store(SampleRows.clicks(0, 2), NOWHERE);

            assertThat(sink.position()).isEqualTo(5);
            assertThat(sink.discarded()).isEqualTo(5);
        }
    }

    @Test
    void writesItsPositionAtMostOnceASecond() throws Exception {
        DiscardingSink sink = open();
        sink.store(SampleRows.clicks(0, 3), NOWHERE);
        assertThat(directory.resolve("discarded")).doesNotExist();

        now += TimeUnit.SECONDS.toNanos(1);
        sink.store(SampleRows.clicks(3, 1), NOWHERE);
        sink.store(SampleRows.clicks(4, 1), NOWHERE);

        assertThat(directory.resolve("discarded")).hasContent(SampleRows.SPOOL + " 4");
    }

    @Test
    void aFileThatIsNoPositionIsNone() throws Exception {
        for (String content : new String[] {"", SampleRows.SPOOL.toString(), SampleRows.SPOOL + " x", "x 3"}) {
            Files.writeString(directory.resolve("discarded"), content);

            try (DiscardingSink sink = open()) {
                assertThat(sink.position()).isZero();
                assertThat(sink.spoolId()).isNull();
            }
        }
    }

    @Test
    void whatCannotBeWrittenIsTriedAgain() throws Exception {
        DiscardingSink sink = open();
        Path blocked = Files.createDirectories(directory.resolve("discarded.new"));
        now += TimeUnit.SECONDS.toNanos(1);

        assertThatThrownBy(() -> sink.store(SampleRows.clicks(0, 3), NOWHERE))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.retryCause()).isEqualTo(RetryCause.IO));

        Files.delete(blocked);
        sink.close();
        assertThat(directory.resolve("discarded")).hasContent(SampleRows.SPOOL + " 3");
    }

    private DiscardingSink open() throws Exception {
        return DiscardingSink.open(directory, () -> now);
    }
}
