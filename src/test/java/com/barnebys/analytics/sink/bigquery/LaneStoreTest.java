package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.bigquery.LaneStore.Binding;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaneStoreTest {
    private static final LaneState CLICKS = new LaneState(
            "click",
            "projects/p/datasets/d/tables/click/streams/s1",
            70,
            990,
            List.of(
                    new Intent(40, 900, 919, 18, List.of(903L, 917L)),
                    new Intent(58, 920, 925, 6, List.of()),
                    new Intent(64, 926, 990, 6, List.of(930L))),
            4_000_000_000L,
            3);

    /** The same lane later, in every field. */
    private static final LaneState LATER = new LaneState(
            "click", "s2", 12, 1_020, List.of(new Intent(6, 1_000, 1_020, 6, List.of(1_001L))), 4_000_000_024L, 9);

    private static final LaneState VIEWS = new LaneState(
            "view",
            null,
            5,
            12,
            List.of(new Intent(0, 3, 7, 3, List.of(4L)), new Intent(3, 8, 12, 2, List.of())),
            1,
            2);

    @TempDir
    Path dir;

    private LaneStore store;
    private Connection connection;

    @BeforeEach
    void open() throws IOException {
        store = LaneStore.open(dir, opened -> connection = opened);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    private static void execute(Path dir, String sql) throws SQLException {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("bigquery.db"));
                Statement statement = other.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    // What was saved.

    @Test
    void aNewStoreIsEmpty() throws IOException {
        assertThat(dir.resolve("bigquery.db")).exists();
        assertThat(store.load()).isEmpty();
        assertThat(store.binding()).isNull();
    }

    @Test
    void aDirectoryThatIsNotThereIsMade() throws IOException {
        Path deep = dir.resolve("a/b");
        try (LaneStore other = LaneStore.open(deep)) {
            other.save(CLICKS, true);
        }

        try (LaneStore other = LaneStore.open(deep)) {
            assertThat(other.load()).containsOnlyKeys("click").containsValue(CLICKS);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyFieldOfEveryLaneIsThereAgainAfterAReopening(boolean isDurable) throws IOException {
        LaneState none = LaneState.fresh("", 0);
        store.save(VIEWS, isDurable);
        store.save(none, isDurable);
        store.save(CLICKS, isDurable);

        reopen();

        assertThat(store.load()).containsOnlyKeys("", "click", "view").containsValues(none, CLICKS, VIEWS);
    }

    @Test
    void aLaneIsReplacedWholeAndNoOther() throws IOException {
        store.save(CLICKS, true);
        store.save(VIEWS, true);
        store.save(LATER, true);
        reopen();
        assertThat(store.load().values()).containsExactly(LATER, VIEWS);

        LaneState done = new LaneState("click", null, 0, 1_020, List.of(), 4_000_000_030L, 9);
        store.save(done, false);
        reopen();
        assertThat(store.load().values()).containsExactly(done, VIEWS);
    }

    @Test
    void intentsKeepTheirOrderWhateverTheirNumbersAre() throws IOException {
        List<Intent> intents = LongStream.range(0, 25)
                .mapToObj(i -> new Intent(i * 10 % 7, 10_000 - i * 100, 10_099 - i * 100, 100, List.of()))
                .toList();
        LaneState state = new LaneState("click", "s", 0, 10_099, intents, 0, 0);
        store.save(state, true);
        reopen();

        assertThat(store.load().get("click")).isEqualTo(state);
    }

    // Which spool.

    @Test
    void theBindingIsReplacedAndKept() throws IOException {
        Binding first = new Binding(SampleRows.SPOOL, 1_700);
        Binding second = new Binding(UUID.fromString("00000000-0000-4000-8000-000000000001"), -3);

        store.bind(first);
        assertThat(store.binding()).isEqualTo(first);
        reopen();
        assertThat(store.binding()).isEqualTo(first);

        store.bind(second);
        reopen();
        assertThat(store.binding()).isEqualTo(second);
    }

    // What the disk has.

    @Test
    void onlyWhatMustBeOnTheDiskWaitsForIt() throws Exception {
        List<Integer> levels = new ArrayList<>();
        store.save(CLICKS, true);
        levels.add(synchronous());
        store.save(CLICKS, false);
        levels.add(synchronous());
        store.save(LATER, true);
        levels.add(synchronous());
        store.save(LATER, false);
        store.bind(new Binding(SampleRows.SPOOL, 0));
        levels.add(synchronous());

        int full = 2;
        int normal = 1;
        assertThat(levels).containsExactly(full, normal, full, full);
        assertThat(pragma("journal_mode")).isEqualTo("wal"); // without it NORMAL may lose more than the last commits
    }

    private int synchronous() throws SQLException {
        return Integer.parseInt(pragma("synchronous"));
    }

    private String pragma(String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA " + name)) {
            return row.getString(1);
        }
    }

    /** As after kill -9: the file and its log as they are, nothing closed. */
    private Path killed(long logBytes) throws IOException {
        Path copy = Files.createDirectory(dir.resolve("copy-" + logBytes));
        Files.copy(dir.resolve("bigquery.db"), copy.resolve("bigquery.db"));
        Files.copy(log(), copy.resolve("bigquery.db-wal"));
        try (FileChannel log = FileChannel.open(copy.resolve("bigquery.db-wal"), StandardOpenOption.WRITE)) {
            log.truncate(logBytes);
        }
        return copy;
    }

    private Path log() {
        return dir.resolve("bigquery.db-wal");
    }

    private long logBytes() throws IOException {
        return Files.size(log());
    }

    @Test
    void whatWasSavedSurvivesAKill() throws IOException {
        Binding binding = new Binding(SampleRows.SPOOL, 7);
        store.bind(binding);
        store.save(VIEWS, false);
        store.save(CLICKS, true);

        try (LaneStore after = LaneStore.open(killed(logBytes()))) {
            assertThat(after.load().values()).containsExactly(CLICKS, VIEWS);
            assertThat(after.binding()).isEqualTo(binding);
        }
    }

    /** A power cut in the middle of a save: whatever part of it the disk has, there is the old state or the new one. */
    @Test
    void aSaveThatIsCutOffLeavesTheOldState() throws IOException {
        store.save(VIEWS, true);
        store.save(CLICKS, true);
        long before = logBytes();
        store.save(LATER, true);
        long after = logBytes();
        assertThat(after).isGreaterThan(before);

        for (long cut = before; cut <= after; cut += cut + 500 < after || cut == after ? 500 : after - cut) {
            try (LaneStore left = LaneStore.open(killed(cut))) {
                assertThat(left.load().values())
                        .as("cut at %s of %s", cut, after)
                        .containsExactly(cut == after ? LATER : CLICKS, VIEWS);
            }
        }
    }

    // What fails.

    @Test
    void anotherConnectionThatReadsKeepsNobodyFromSaving() throws Exception {
        store.save(CLICKS, true);
        try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("bigquery.db"));
                Statement statement = reader.createStatement();
                ResultSet row = statement.executeQuery("SELECT taken FROM lane")) {
            assertThat(row.next()).isTrue();

            store.save(LATER, true);

            assertThat(row.getLong(1)).isEqualTo(990);
        }
        assertThat(store.load().values()).containsExactly(LATER);
    }

    @Test
    void aFullDiskLeavesTheOldStateAndTheNextSaveIsTaken() throws Exception {
        store.save(CLICKS, true);
        List<Intent> many = LongStream.range(0, 200)
                .mapToObj(i -> new Intent(i * 1_000, i * 1_000, i * 1_000 + 999, 1_000, numbers(i * 1_000)))
                .toList();
        LaneState large = new LaneState("click", "s1", 200_000, 199_999, many, 0, 0);
        String pages = pragma("page_count");
        assertThat(pragma("max_page_count=" + pages)).isEqualTo(pages);

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> store.save(large, true))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("state of the lanes")
                    .hasMessageContaining("full");
            assertThat(store.load().values()).containsExactly(CLICKS);
        }
        assertThat(pragma("max_page_count=100000")).isEqualTo("100000");
        store.save(large, true);

        reopen();
        assertThat(store.load().values()).containsExactly(large);
    }

    private static List<Long> numbers(long from) {
        return LongStream.range(from, from + 900).boxed().toList();
    }

    /** Between the row of the lane and those of its intents. */
    private void breakTheDisk(String how) throws SQLException {
        execute(
                dir,
                "CREATE TRIGGER broken BEFORE INSERT ON intent BEGIN SELECT RAISE(" + how
                        + ", 'the disk is gone'); END");
    }

    private void repairTheDisk() throws SQLException {
        execute(dir, "DROP TRIGGER broken");
    }

    /** SQLite takes a transaction back by itself after some errors of the disk; others it leaves to the caller. */
    @ParameterizedTest
    @ValueSource(strings = {"ROLLBACK", "ABORT", "FAIL"})
    void aSaveThatFailsInTheMiddleLeavesTheOldStateAndTheNextOneIsTaken(String how) throws Exception {
        store.save(CLICKS, true);
        breakTheDisk(how);

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> store.save(LATER, true))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("state of the lanes")
                    .hasMessageContaining("the disk is gone");
            assertThat(store.load().values()).containsExactly(CLICKS);
        }
        repairTheDisk();
        store.save(LATER, true);

        try (LaneStore after = LaneStore.open(killed(logBytes()))) {
            assertThat(after.load().values()).containsExactly(LATER);
        }
    }

    @Test
    void aSaveThatFindsTheFileLockedLeavesTheOldStateAndTheNextOneIsTaken() throws Exception {
        store.save(CLICKS, true);
        assertThat(pragma("busy_timeout=1")).isEqualTo("1");
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("bigquery.db"));
                Statement statement = other.createStatement()) {
            statement.executeUpdate("BEGIN IMMEDIATE");

            assertThatThrownBy(() -> store.save(LATER, true))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("locked");

            statement.executeUpdate("ROLLBACK");
        }
        breakTheDisk("ABORT");
        assertThatThrownBy(() -> store.save(LATER, true)).isInstanceOf(IOException.class);
        assertThat(store.load().values()).containsExactly(CLICKS);
        repairTheDisk();
        store.save(LATER, true);

        assertThat(store.load().values()).containsExactly(LATER);
    }

    @Test
    void afterCloseEverythingFailsAndTheOldStateStays() throws IOException {
        store.save(CLICKS, true);
        store.close();

        assertThatThrownBy(() -> store.save(LATER, true)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.save(LATER, false)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.bind(new Binding(SampleRows.SPOOL, 1))).isInstanceOf(IOException.class);
        assertThatThrownBy(store::load).isInstanceOf(IOException.class);
        assertThatThrownBy(store::binding).isInstanceOf(IOException.class);
        reopen();
        assertThat(store.load().values()).containsExactly(CLICKS);
        assertThat(store.binding()).isNull();
    }

    @Test
    void aStoreOfANewerReleaseIsLeftAlone() throws Exception {
        store.save(CLICKS, true);
        store.close();
        execute(dir, "PRAGMA user_version=2");

        assertThatThrownBy(() -> LaneStore.open(dir))
                .isInstanceOf(IOException.class)
                .hasMessage(dir.resolve("bigquery.db")
                        + ": version of the lanes: 2 (expected: at most 1); written by a newer release");

        execute(dir, "PRAGMA user_version=1");
        open();
        assertThat(store.load().values()).containsExactly(CLICKS);
    }

    @Test
    void aFileThatIsNoStoreIsNamed() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        Path file =
                Files.writeString(other.resolve("bigquery.db"), "not a database, and long enough to be told from one");

        assertThatThrownBy(() -> LaneStore.open(other))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("not a database");
        assertThat(file).hasContent("not a database, and long enough to be told from one");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));

        assertThatThrownBy(() -> LaneStore.open(file.resolve("data")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }
}
