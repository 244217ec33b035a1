package com.barnebys.analytics.sink.local;

import static com.barnebys.analytics.sink.SampleRows.clicks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.SinkException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreExactlyOnceTest {
    @TempDir
    Path directory;

    private StoreFile file;

    @BeforeEach
    void place() {
        file = new StoreFile(directory);
    }

    @Test
    void theSpoolIsAdoptedWithTheFirstBatchAndThePositionSurvives() throws Exception {
        try (LocalStore store = file.open()) {
            assertThat(store.spoolId()).isNull();
            assertThat(store.position()).isZero();
            RowBatch batch = clicks(3, 4);
            batch.end(12);
            store.store(batch, file);
        }

        try (LocalStore store = file.open()) {
            assertThat(store.spoolId()).isEqualTo(SampleRows.SPOOL);
            assertThat(store.position()).isEqualTo(12);
        }
    }

    @Test
    void anAcceptedSpoolTakesThePlaceOfTheFormerOne() throws Exception {
        UUID other = new UUID(4, 2);
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 4), file);
            RowBatch batch = new RowBatch();
            batch.clear(other);
            byte[] record = SampleRows.record("click", "p");
            batch.add(4, record, 0, record.length);
            store.store(batch, file);

            assertThat(store.spoolId()).isEqualTo(other);
        }

        assertThat(file.rows("SELECT spool_id, next_seq FROM ba_position")).containsExactly(other + "|5");
    }

    @Test
    void aBatchThatComesAgainIsNotDoubled() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 30), file);
        }

        try (LocalStore store = file.open()) {
            store.store(clicks(0, 30), file);
            store.store(clicks(10, 40), file);
            store.store(clicks(5, 3), file);

            assertThat(store.position()).isEqualTo(50);
        }
        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("50");
        assertThat(file.value("SELECT sum(hits) FROM ba_daily")).isEqualTo("50");
    }

    @Test
    void aCommitThatFailsLeavesNothingBehind() throws Exception {
        CommitFaults faults = new CommitFaults();
        try (LocalStore store = file.open(faults)) {
            store.store(clicks(0, 5), file);
            faults.failBefore = true;

            assertThatThrownBy(() -> store.store(SampleRows.batch(5, SampleRows.record("other", "p")), file))
                    .isInstanceOf(SinkException.class)
                    .hasRootCauseMessage("before");

            assertThat(store.position()).isEqualTo(5);
            assertThat(store.tables()).containsExactly("click");
            store.store(SampleRows.batch(5, SampleRows.record("other", "p")), file);
            assertThat(store.position()).isEqualTo(6);
            assertThat(store.tables()).containsExactlyInAnyOrder("click", "other");
        }
        assertThat(file.rows("SELECT kind, sum(hits) FROM ba_daily GROUP BY kind ORDER BY kind"))
                .containsExactly("click|5", "other|1");
    }

    @Test
    void aCommitThatCountedAlthoughItThrewMovesThePosition() throws Exception {
        CommitFaults faults = new CommitFaults();
        try (LocalStore store = file.open(faults)) {
            store.store(clicks(0, 5), file);
            faults.failAfter = true;

            assertThatThrownBy(() -> store.store(clicks(5, 5), file))
                    .isInstanceOf(SinkException.class)
                    .hasRootCauseMessage("after");

            assertThat(store.position()).isEqualTo(10);
            store.store(clicks(5, 5), file);
            store.store(clicks(10, 1), file);
        }
        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("11");
        assertThat(file.value("SELECT sum(hits) FROM ba_daily")).isEqualTo("11");
    }

    @Test
    void thePositionIsOfTheFileAlsoWhenItCouldNotBeReadAfterAFailure() throws Exception {
        CommitFaults faults = new CommitFaults();
        try (LocalStore store = file.open(faults)) {
            store.store(clicks(0, 5), file);
            faults.failAfter = true;
            faults.failOpen = true;
            assertThatThrownBy(() -> store.store(clicks(5, 5), file)).isInstanceOf(SinkException.class);
            assertThat(store.position()).isEqualTo(5);
            assertThatThrownBy(() -> store.store(clicks(5, 7), file)).hasMessageContaining("cannot open");

            faults.failOpen = false;
            store.store(clicks(5, 7), file);

            assertThat(store.position()).isEqualTo(12);
        }
        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("12");
        assertThat(file.value("SELECT sum(hits) FROM ba_daily")).isEqualTo("12");
    }

    @Test
    void aLockOfAnotherProcessMakesItBusyUntilItIsGone() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 5), file);
            try (Connection other = file.connect();
                    Statement statement = other.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");

                assertThatThrownBy(() -> store.store(clicks(5, 5), file))
                        .isInstanceOfSatisfying(
                                SinkException.class,
                                e -> assertThat(e.retryCause()).isEqualTo(RetryCause.BUSY));
                assertThat(store.position()).isEqualTo(5);
                statement.execute("ROLLBACK");
            }

            store.store(clicks(5, 5), file);
            assertThat(store.position()).isEqualTo(10);
        }
    }

    @Test
    void whatIsNoDatabaseIsRefusedOnOpening() throws Exception {
        java.nio.file.Files.writeString(file.path, "this is no database, this is a text".repeat(100));

        assertThatThrownBy(() -> file.open())
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.retryCause()).isEqualTo(RetryCause.IO))
                .hasMessageContaining(file.path.toString());
    }

    @Test
    void aFileOfANewerReleaseIsRefused() throws Exception {
        file.open().close();
        file.execute("PRAGMA user_version=99");

        assertThatThrownBy(() -> file.open()).hasMessageContaining("newer release");
    }

    /** Fails once around the commit, or at each opening. */
    private static final class CommitFaults implements LocalSession.Faults {
        boolean failBefore;
        boolean failAfter;
        boolean failOpen;

        @Override
        public void opened(Connection connection) throws SQLException {
            if (failOpen) {
                throw new SQLException("open");
            }
        }

        @Override
        public void commit(Connection connection) throws SQLException {
            if (failBefore) {
                failBefore = false;
                throw new SQLException("before");
            }
            LocalSession.Faults.super.commit(connection);
            if (failAfter) {
                failAfter = false;
                throw new SQLException("after");
            }
        }
    }
}
