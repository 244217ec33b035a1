package com.barnebys.analytics.sink.local;

import static com.barnebys.analytics.sink.SampleRows.clicks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.SinkException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreDiskFullTest {
    @TempDir
    Path directory;

    @Test
    void aFullDiskStoresNothingOfTheBatchAndGoesOnWhenThereIsRoom() throws Exception {
        StoreFile file = new StoreFile(directory);
        SmallDisk disk = new SmallDisk();

        try (LocalStore store = file.open(disk)) {
            long next = 0;
            SinkException full = null;
            while (full == null) {
                try {
                    store.store(clicks(next, 500), file);
                    next += 500;
                } catch (SinkException e) {
                    full = e;
                }
            }
            long at = next;
            assertThat(full.retryCause()).isEqualTo(RetryCause.DISK_FULL);
            assertThat(store.position()).isEqualTo(at).isPositive();
            assertThatThrownBy(() -> store.store(clicks(at, 500), file)).isInstanceOf(SinkException.class);
            assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("" + at);

            disk.pages = 10_000;
            // One more failure: the session at hand still has the old limit.
            assertThatThrownBy(() -> store.store(clicks(at, 500), file)).isInstanceOf(SinkException.class);
            store.store(clicks(at, 500), file);

            assertThat(store.position()).isEqualTo(at + 500);
        }
        assertThat(file.value("SELECT count(*) = (SELECT sum(hits) FROM ba_daily) FROM click"))
                .isEqualTo("1");
        assertThat(file.value("PRAGMA integrity_check")).isEqualTo("ok");
    }

    /** SQLite's own limit answers as a full disk does: SQLITE_FULL. */
    private static final class SmallDisk implements LocalSession.Faults {
        int pages = 120;

        @Override
        public void opened(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA max_page_count=" + pages);
            }
        }
    }
}
