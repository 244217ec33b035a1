package com.barnebys.analytics.sink.local;

import static com.barnebys.analytics.sink.SampleRows.TIME;
import static com.barnebys.analytics.sink.SampleRows.batch;
import static com.barnebys.analytics.sink.SampleRows.clicks;
import static com.barnebys.analytics.sink.SampleRows.event;
import static com.barnebys.analytics.sink.SampleRows.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalStoreReaderTest {
    @TempDir
    Path directory;

    private StoreFile file;

    @BeforeEach
    void place() {
        file = new StoreFile(directory);
    }

    @Test
    void withoutAFileNothingIsStoredYet() {
        assertThatThrownBy(() -> LocalStoreReader.open(file.path))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessage("nothing stored yet: " + file.path);
        assertThat(file.path).doesNotExist();
    }

    @Test
    void anotherProgramsFileIsRefused() throws Exception {
        file.execute("CREATE TABLE t(a)");

        assertThatThrownBy(() -> LocalStoreReader.open(file.path)).hasMessageContaining("a store of this program");
    }

    /** For root, who may write everywhere, a directory stands where the file would be made. */
    @Test
    void aDirectoryThatMayNotBeWrittenIsNamed() throws Exception {
        file.open().close();
        Path unused = Files.createDirectory(Path.of(file.path + "-wal"));

        assertThatThrownBy(() -> LocalStoreReader.open(file.path))
                .hasMessageContaining("expected: a directory that may be written");
    }

    @Test
    void rowsComeTypedKindByKindInTheOrderOfTheSpool() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(
                    batch(
                            0,
                            record("impression", "a"),
                            record("click", "b"),
                            record("Click", "c"),
                            record("click", "d")),
                    file);
        }

        List<String> rows = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            assertThat(reader.tables()).containsExactly("Click", "click", "impression");
            reader.export(null, null, null, (kind, columns, values) -> {
                assertThat(columns)
                        .containsExactlyElementsOf(TableSchema.TRACK.columns().stream()
                                .map(Column::name)
                                .toList());
                rows.add(kind + " " + values[0] + " " + values[columns.indexOf("timestamp")]);
                assertThat(values[columns.indexOf("lead")]).isEqualTo(false);
                assertThat(values[columns.indexOf("hasUTMTag")]).isEqualTo(true);
                assertThat(values[columns.indexOf("dimension1")]).isEqualTo("d1");
                assertThat(values[columns.indexOf("dealType")]).isNull();
                assertThat(values[columns.indexOf("hasFingerprint")]).isEqualTo(kind.equals("click") ? true : null);
            });
        }

        String at = " 2026-11-23 18:01:08.243";
        assertThat(rows).containsExactly("Click c" + at, "click b" + at, "click d" + at, "impression a" + at);
    }

    @Test
    void rowsOfOneKindAndSpanOnly() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(
                    batch(
                            0,
                            record(event("click", "a", false, TIME.minusMillis(1))),
                            record(event("click", "b", false, TIME)),
                            record(event("impression", "x", false, TIME)),
                            record(event("click", "c", false, TIME.plusMillis(1))),
                            record(event("click", "d", false, TIME.plusMillis(2)))),
                    file);
        }

        List<Object> programs = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            reader.export("click", TIME, TIME.plusMillis(2), (kind, columns, values) -> programs.add(values[0]));

            assertThatThrownBy(() -> reader.export("clik", null, null, (kind, columns, values) -> {}))
                    .hasMessageContaining("clik")
                    .hasMessageContaining("[click, impression]");
        }

        assertThat(programs).containsExactly("b", "c");
    }

    @Test
    void columnsThatSomebodyAddedComeAsTheyAre() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 1), file);
        }
        file.execute("ALTER TABLE click ADD COLUMN amount INTEGER");
        file.execute("ALTER TABLE click ADD COLUMN share REAL");
        file.execute("ALTER TABLE click ADD COLUMN hash BLOB");
        file.execute("ALTER TABLE click ADD COLUMN isPaid BOOLEAN");
        file.execute("UPDATE click SET amount = 5000000000, share = 0.5, hash = x'00ff', isPaid = 1");

        List<Object> added = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            reader.export(null, null, null, (kind, columns, values) -> {
                List<Object> all = Arrays.asList(values);
                added.addAll(all.subList(columns.indexOf("amount"), all.size()));
            });
        }

        assertThat(added).containsExactly(5_000_000_000L, 0.5, "00FF", true);
        assertThat(query("SELECT hash FROM click")).containsExactly("[hash]", "[00FF]");
    }

    @ParameterizedTest
    @CsvSource({
        ", +10000-01-01T00:00:00Z, 1",
        "+10000-01-01T00:00:00Z, , 0",
        "-0001-01-01T00:00:00Z, , 1",
        ", -0001-01-01T00:00:00Z, 0",
    })
    void limitsMayBeBeyondFourDigitYears(Instant from, Instant to, int expected) throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 1), file);
        }

        AtomicInteger rows = new AtomicInteger();
        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            reader.export(null, from, to, (kind, columns, values) -> rows.incrementAndGet());
        }

        assertThat(rows).hasValue(expected);
    }

    @Test
    void aTableThatSomebodyDroppedIsNotMissedInTheOthers() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(batch(0, record("click", "a"), record("impression", "b")), file);
        }
        file.execute("DROP TABLE click");

        List<Object> programs = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            reader.export(null, null, null, (kind, columns, values) -> programs.add(values[0]));
            assertThat(reader.tables()).containsExactly("impression");
        }

        assertThat(programs).containsExactly("b");
    }

    @Test
    void newestRowsOfSomeProgramsComeFirst() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(
                    batch(
                            0,
                            record("Click", "a"),
                            record("click", "a"),
                            record("click", "b"),
                            record("click", "c"),
                            record("click", "a2")),
                    file);

            assertThat(newest("click", 10)).containsExactly("a2", "b", "a");
            assertThat(newest("click", 2)).containsExactly("a2", "b");
            assertThat(newest("Click", 10)).containsExactly("a");
            assertThatThrownBy(() -> newest("clik", 10)).hasMessageContaining("[Click, click]");

            store.store(batch(10_002, record("click", "c")), file);
            assertThat(newest("click", 10)).containsExactly("a2");
        }
    }

    private List<Object> newest(String kind, int rowsMax) throws Exception {
        List<Object> programs = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            reader.newest(kind, Set.of("a", "a2", "b"), rowsMax, (table, columns, values) -> {
                assertThat(table).isEqualTo(kind);
                assertThat(values[columns.indexOf("lead")]).isEqualTo(false);
                programs.add(values[0]);
            });
        }
        return programs;
    }

    @Test
    void anExportInTheMiddleOfWritingEndsAndHasWholeBatches() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 12_000), file);
            AtomicInteger rows = new AtomicInteger();

            try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
                reader.export(null, null, null, (kind, columns, values) -> {
                    assertThat(values[0]).isEqualTo("p" + rows.get());
                    if (rows.getAndIncrement() % 3_000 == 0) {
                        storeMore(store);
                    }
                });
                assertThat(rows).hasValue(12_000);

                rows.set(0);
                reader.export(null, null, null, (kind, columns, values) -> rows.incrementAndGet());
                assertThat(rows).hasValue(16_000);
            }
        }
    }

    private void storeMore(LocalStore store) throws IOException {
        try {
            store.store(clicks(store.position(), 1_000), file);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    @Test
    void whatTheConsumerThrowsComesOut() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 3), file);
        }

        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            assertThatThrownBy(() -> reader.export(null, null, null, (kind, columns, values) -> {
                        throw new IOException("broken pipe");
                    }))
                    .hasMessage("broken pipe");
        }
    }

    @Test
    void queriesAnswerAlsoWhenThereAreNoRows() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 3), file);
        }

        assertThat(query("SELECT programId, count(*) AS n FROM click GROUP BY 1 ORDER BY 1"))
                .containsExactly("[programId, n]", "[p0, 1]", "[p1, 1]", "[p2, 1]");
        assertThat(query("  with x AS (SELECT 1 AS a) SELECT a FROM x WHERE a > 1"))
                .containsExactly("[a]");
        assertThat(query("VALUES (NULL, 2)")).last().isEqualTo("[null, 2]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM click",
                "DROP TABLE click",
                "INSERT INTO click(programId) VALUES ('x')",
                "WITH x AS (SELECT 1) DELETE FROM click",
                "PRAGMA query_only=OFF",
                "VACUUM INTO 'copy.db'",
                "ATTACH 'copy.db' AS c",
                "",
            })
    void queriesCannotWrite(String sql) throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 3), file);
        }

        assertThatThrownBy(() -> query(sql)).isInstanceOf(IOException.class).hasMessageContaining("only reading");
        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("3");
    }

    @Test
    void aQueryThatIsNoneSaysWhy() throws Exception {
        file.open().close();

        assertThatThrownBy(() -> query("SELECT * FROM nowhere")).hasMessageContaining("no such table: nowhere");
    }

    @Test
    void dailyTotalsAreFiltered() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(
                    batch(
                            0,
                            record(event("click", "a", false, TIME)),
                            record(event("click", "a", false, TIME)),
                            record(event("click", "a", true, TIME)),
                            record(event("click", "b", false, TIME.plusSeconds(86_400))),
                            record(event("impression", "a", false, TIME))),
                    file);
        }

        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            DailyTotal first = new DailyTotal("click", "a", "2026-11-23", false, 2);
            DailyTotal lead = new DailyTotal("click", "a", "2026-11-23", true, 1);
            DailyTotal next = new DailyTotal("click", "b", "2026-11-24", false, 1);
            DailyTotal other = new DailyTotal("impression", "a", "2026-11-23", false, 1);
            LocalDate day = LocalDate.of(2026, 11, 23);
            assertThat(reader.dailyTotals(null, null, null, null)).containsExactly(first, lead, next, other);
            assertThat(reader.dailyTotals("click", null, null, day)).containsExactly(first, lead);
            assertThat(reader.dailyTotals(null, "a", day, day)).containsExactly(first, lead, other);
            assertThat(reader.dailyTotals(null, null, day.plusDays(1), null)).containsExactly(next);
        }
    }

    @Test
    void theCommandLineToolReadsWhileTheStoreIsOpen() throws Exception {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(":"))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "sqlite3"))),
                "sqlite3 is not installed");
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 3), file);

            Process sqlite3 = new ProcessBuilder(
                            "sqlite3", "-readonly", file.path.toString(), "SELECT count(*), max(programId) FROM click")
                    .redirectErrorStream(true)
                    .start();
            String answer = new String(sqlite3.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).isEqualToIgnoringNewLines("3|p2");
            store.store(clicks(3, 1), file);
        }
    }

    private List<String> query(String sql) throws IOException {
        List<String> lines = new ArrayList<>();
        try (LocalStoreReader reader = LocalStoreReader.open(file.path)) {
            reader.query(sql, new ResultConsumer() {
                @Override
                public void columns(List<String> names) {
                    lines.add(names.toString());
                }

                @Override
                public void row(Object[] values) {
                    lines.add(Arrays.toString(values));
                }
            });
        }
        return lines;
    }
}
