package com.barnebys.analytics.sink.local;

import static com.barnebys.analytics.sink.SampleRows.batch;
import static com.barnebys.analytics.sink.SampleRows.clicks;
import static com.barnebys.analytics.sink.SampleRows.record;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.sink.SampleRows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreTableTest {
    @TempDir
    Path directory;

    private StoreFile file;

    @BeforeEach
    void place() {
        file = new StoreFile(directory.resolve("data"));
    }

    @Test
    void aTableIsMadeWithItsFirstRowAndShapedAsInBigQuery() throws Exception {
        try (LocalStore store = file.open()) {
            assertThat(store.tables()).isEmpty();

            store.store(batch(0, record("click", "p"), record("impression", "p")), file);

            assertThat(store.tables()).containsExactlyInAnyOrder("click", "impression");
        }
        assertThat(file.rows("SELECT name, type FROM pragma_table_info('click')"))
                .containsExactlyElementsOf(TableSchema.TRACK.columns().stream()
                        .map(column -> column.name() + "|" + column.type())
                        .toList());
        assertThat(file.rows("SELECT name FROM sqlite_master WHERE type = 'index'"))
                .allMatch(name -> name.startsWith("sqlite_autoindex_ba_"));
    }

    @Test
    void theRowidIsTheSequence() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(batch(41, record("click", "a"), record("impression", "b"), record("click", "c")), file);
        }

        assertThat(file.rows("SELECT rowid, programId FROM click")).containsExactly("41|a", "43|c");
        assertThat(file.rows("SELECT rowid, programId FROM impression")).containsExactly("42|b");
    }

    @Test
    void valuesAreStoredAsTheyAre() throws Exception {
        TrackEvent event = new TrackEvent(
                "click",
                "0123",
                true,
                "https://example.com/ö/日本/😀?a='\"%",
                null,
                "",
                "1e3",
                "-0",
                " 7 ",
                "\t\n",
                "x".repeat(8192),
                true,
                "buy",
                SampleRows.TIME.toEpochMilli(),
                false,
                new TrackEvent.Click("mail", true));

        try (LocalStore store = file.open()) {
            store.store(batch(0, record(event)), file);
        }

        assertThat(file.value("SELECT programId, lead, url, clientIP, userAgent, dimension1, dimension2, dimension3,"
                        + " isSponsored, dealType, timestamp, hasUTMTag, source, hasFingerprint FROM click"))
                .isEqualTo("0123|1|https://example.com/ö/日本/😀?a='\"%|null||1e3|-0| 7 |1|buy"
                        + "|2026-11-23 18:01:08.243|0|mail|1");
        assertThat(file.value("SELECT dimension4 = char(9) || char(10), length(dimension5) FROM click"))
                .isEqualTo("1|8192");
        assertThat(file.value("SELECT typeof(programId), typeof(lead), typeof(clientIP), typeof(userAgent),"
                        + " typeof(dimension1), typeof(timestamp), typeof(eventId), length(eventId) FROM click"))
                .isEqualTo("text|integer|null|text|text|text|text|36");
    }

    @Test
    void columnsOfAnotherKindStayNull() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(batch(0, record("impression", "p")), file);
        }

        assertThat(file.value("SELECT source, hasFingerprint, dealType FROM impression"))
                .isEqualTo("null|null|null");
    }

    @Test
    void everyRowOfABatchThatFillsNoWholeStatementIsThere() throws Exception {
        try (LocalStore store = file.open()) {
            long next = 0;
            for (int rows : new int[] {1, 19, 20, 21, 40, 59, 0, 60}) {
                if (rows > 0) {
                    store.store(clicks(next, rows), file);
                }
                next += rows;
            }
        }

        assertThat(file.value("SELECT count(*), sum(programId = 'p' || rowid), max(rowid) FROM click"))
                .isEqualTo("220|220|219");
    }

    @Test
    void aTableThatLacksColumnsIsWidened() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 2), file);
        }
        file.execute("ALTER TABLE click DROP COLUMN eventId");
        file.execute("ALTER TABLE click DROP COLUMN url");

        try (LocalStore store = file.open()) {
            store.store(clicks(2, 1), file);
        }

        assertThat(file.rows("SELECT rowid, url IS NULL, eventId IS NULL FROM click"))
                .containsExactly("0|1|1", "1|1|1", "2|0|0");
        assertThat(file.rows("SELECT name FROM pragma_table_info('click')"))
                .containsExactlyInAnyOrderElementsOf(
                        TableSchema.TRACK.columns().stream().map(Column::name).toList());
    }

    @Test
    void aTableWithMoreColumnsIsUsedAsItIs() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 1), file);
        }
        file.execute("ALTER TABLE click ADD COLUMN note TEXT");

        try (LocalStore store = file.open()) {
            store.store(clicks(1, 1), file);
        }

        assertThat(file.value("SELECT count(*), count(note) FROM click")).isEqualTo("2|0");
    }

    @Test
    void kindsThatDifferOnlyByCaseHaveTablesOfTheirOwn() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(batch(0, record("click", "a"), record("Click", "b")), file);
            store.store(batch(2, record("CLICK", "c"), record("Click", "d"), record("click_2", "e")), file);
        }
        try (LocalStore store = file.open()) {
            store.store(batch(5, record("Click", "f")), file);
            assertThat(store.tables()).containsExactlyInAnyOrder("click", "Click", "CLICK", "click_2");
        }

        assertThat(file.rows("SELECT kind, table_name FROM ba_tables ORDER BY kind"))
                .containsExactly("CLICK|CLICK_3", "Click|Click_2", "click|click", "click_2|click_2_2");
        assertThat(file.rows("SELECT programId FROM Click_2")).containsExactly("b", "d", "f");
        assertThat(file.rows("SELECT programId FROM click")).containsExactly("a");
    }

    @Test
    void reservedNamesAreStoredUnderAnother() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(
                    batch(
                            0,
                            record("ba_position", "a"),
                            record("sqlite_master", "b"),
                            record("BA_DAILY", "c"),
                            record("select", "d"),
                            record("1", "e")),
                    file);
        }

        assertThat(file.rows("SELECT table_name FROM ba_tables ORDER BY kind"))
                .containsExactly("1", "_BA_DAILY", "_ba_position", "select", "_sqlite_master");
        assertThat(file.value("SELECT next_seq FROM ba_position")).isEqualTo("5");
        assertThat(file.value("SELECT programId FROM \"select\"")).isEqualTo("d");
    }

    @Test
    void aTableOfSomebodyElseIsLeftAlone() throws Exception {
        file.path.getParent().toFile().mkdirs();
        file.execute("CREATE TABLE click(a)");

        try (LocalStore store = file.open()) {
            store.store(clicks(0, 1), file);
        }

        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("0");
        assertThat(file.value("SELECT count(*) FROM click_2")).isEqualTo("1");
    }

    @Test
    void aCommitIsFlushedBeforeItCounts() throws Exception {
        AtomicReference<String> synchronous = new AtomicReference<>();
        LocalSession.Faults looking = new LocalSession.Faults() {
            @Override
            public void commit(Connection connection) throws SQLException {
                try (Statement statement = connection.createStatement();
                        ResultSet value = statement.executeQuery("PRAGMA synchronous")) {
                    synchronous.set(value.getString(1));
                }
                LocalSession.Faults.super.commit(connection);
            }
        };

        try (LocalStore store = file.open(looking)) {
            store.store(clicks(0, 1), file);
        }

        assertThat(synchronous).as("2 is FULL").hasValue("2");
    }

    @Test
    void theFileIsSetUpAsPlanned() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 1), file);

            assertThat(file.value("PRAGMA page_size")).isEqualTo("8192");
            assertThat(file.value("PRAGMA auto_vacuum")).isEqualTo("2");
            assertThat(file.value("PRAGMA journal_mode")).isEqualTo("wal");
            assertThat(file.value("PRAGMA integrity_check")).isEqualTo("ok");
        }
    }
}
