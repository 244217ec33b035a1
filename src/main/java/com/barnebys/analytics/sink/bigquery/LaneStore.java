package com.barnebys.analytics.sink.bigquery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TransactionMode;

/**
 * The states of all lanes, in one small SQLite file beside the spool: {@code bigquery.db}. One thread.
 *
 * <p>A state is saved whole in one transaction, so a crash leaves the old or the new one. Intents are durable before
 * anything is sent for them (an fsync each); acknowledgements need not be: losing one costs one answer "already there".
 */
final class LaneStore implements AutoCloseable {
    private static final int VERSION = 1;

    private final Connection connection;
    private boolean isDurable = true;

    private LaneStore(Connection connection) {
        this.connection = connection;
    }

    /** Opens the file in the data directory, or makes it. */
    static LaneStore open(Path dataDir) throws IOException {
        return open(dataDir, connection -> {});
    }

    /** @param opened gets the connection before the first save, for tests of what the disk does */
    static LaneStore open(Path dataDir, Consumer<Connection> opened) throws IOException {
        Files.createDirectories(dataDir);
        Path file = dataDir.resolve(BigQuerySink.STATE_FILE);
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(5000);
        config.setTransactionMode(TransactionMode.IMMEDIATE);
        try {
            Connection connection = config.createConnection("jdbc:sqlite:" + file);
            try {
                prepare(connection);
                opened.accept(connection);
                return new LaneStore(connection);
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=FULL");
            int version;
            try (ResultSet result = statement.executeQuery("PRAGMA user_version")) {
                version = result.next() ? result.getInt(1) : 0;
            }
            if (version > VERSION) {
                throw new SQLException("version of the lanes: " + version + " (expected: at most " + VERSION
                        + "); written by a newer release");
            }
            if (version < VERSION) {
                connection.setAutoCommit(false);
                statement.executeUpdate("CREATE TABLE IF NOT EXISTS spool(id INTEGER PRIMARY KEY CHECK (id = 1),"
                        + " spool_id TEXT NOT NULL, counted_from INTEGER NOT NULL)");
                statement.executeUpdate("CREATE TABLE IF NOT EXISTS lane(name TEXT PRIMARY KEY, stream TEXT,"
                        + " next_offset INTEGER NOT NULL, taken INTEGER NOT NULL, delivered INTEGER NOT NULL,"
                        + " parked INTEGER NOT NULL) WITHOUT ROWID");
                statement.executeUpdate(
                        "CREATE TABLE IF NOT EXISTS intent(lane TEXT NOT NULL, place INTEGER NOT NULL,"
                                + " stream_offset INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
                                + " row_count INTEGER NOT NULL, excluded TEXT NOT NULL, PRIMARY KEY(lane, place)) WITHOUT ROWID");
                statement.executeUpdate("PRAGMA user_version=" + VERSION);
                connection.setAutoCommit(true);
            }
        }
    }

    /** The spool the numbers belong to, and from where on settled rows are counted; null as long as there is none. */
    @Nullable Binding binding() throws IOException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT spool_id, counted_from FROM spool")) {
            return row.next() ? new Binding(UUID.fromString(row.getString(1)), row.getLong(2)) : null;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    void bind(Binding binding) throws IOException {
        Object unused = io(() -> {
            durably(true);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT OR REPLACE INTO spool VALUES (1, ?, ?)")) {
                insert.setString(1, binding.spoolId().toString());
                insert.setLong(2, binding.countedFrom());
                return insert.executeUpdate();
            }
        });
    }

    /** All lanes, by table. */
    Map<String, LaneState> load() throws IOException {
        return io(() -> {
            Map<String, LaneState> states = new LinkedHashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT name, stream, next_offset, taken, delivered, parked FROM lane ORDER BY name")) {
                while (row.next()) {
                    String table = row.getString(1);
                    LaneState state = new LaneState(
                            table,
                            row.getString(2),
                            row.getLong(3),
                            row.getLong(4),
                            intents(table),
                            row.getLong(5),
                            row.getLong(6));
                    states.put(table, state);
                }
            }
            return states;
        });
    }

    private List<Intent> intents(String table) throws SQLException {
        List<Intent> intents = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT stream_offset, first, last, row_count, excluded FROM intent WHERE lane = ? ORDER BY place")) {
            select.setString(1, table);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    List<Long> excluded = Arrays.stream(row.getString(5).split(",", -1))
                            .filter(number -> !number.isEmpty())
                            .map(Long::valueOf)
                            .toList();
                    intents.add(new Intent(row.getLong(1), row.getLong(2), row.getLong(3), row.getInt(4), excluded));
                }
            }
        }
        return intents;
    }

    /**
     * Saves one lane.
     *
     * @param isDurable whether it must be on the disk when this returns; if not, it is after a later durable one
     */
    void save(LaneState state, boolean isDurable) throws IOException {
        Object unused = io(() -> {
            durably(isDurable);
            try (Statement transaction = connection.createStatement()) {
                save(state, transaction);
            }
            return state;
        });
    }

    /**
     * By statements: after some errors (a full disk) SQLite has taken the transaction back by itself, and JDBC's rollback,
     * which fails then, would leave the driver believing in a transaction from there on.
     */
    private void save(LaneState state, Statement transaction) throws SQLException {
        try {
            transaction.execute("BEGIN IMMEDIATE");
            write(state);
            transaction.execute("COMMIT");
        } catch (SQLException | RuntimeException e) {
            try {
                transaction.execute("ROLLBACK");
            } catch (SQLException noneLeft) {
                e.addSuppressed(noneLeft);
            }
            throw e;
        }
    }

    private void write(LaneState state) throws SQLException {
        try (PreparedStatement lane =
                connection.prepareStatement("INSERT OR REPLACE INTO lane VALUES (?, ?, ?, ?, ?, ?)")) {
            lane.setString(1, state.table());
            lane.setString(2, state.stream());
            lane.setLong(3, state.nextOffset());
            lane.setLong(4, state.taken());
            lane.setLong(5, state.delivered());
            lane.setLong(6, state.parked());
            int unused = lane.executeUpdate();
        }
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM intent WHERE lane = ?")) {
            delete.setString(1, state.table());
            int unused = delete.executeUpdate();
        }
        try (PreparedStatement intent =
                connection.prepareStatement("INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            int place = 0;
            for (Intent each : state.intents()) {
                intent.setString(1, state.table());
                intent.setInt(2, place++);
                intent.setLong(3, each.offset());
                intent.setLong(4, each.first());
                intent.setLong(5, each.last());
                intent.setInt(6, each.rows());
                intent.setString(
                        7, each.excluded().stream().map(String::valueOf).collect(Collectors.joining(",")));
                int unused = intent.executeUpdate();
            }
        }
    }

    /** With a write-ahead log NORMAL leaves out the fsync of a commit and nothing else. */
    private void durably(boolean wanted) throws SQLException {
        if (wanted != isDurable) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA synchronous=" + (wanted ? "FULL" : "NORMAL"));
            }
            isDurable = wanted;
        }
    }

    @Override
    public void close() throws IOException {
        Object unused = io(() -> {
            connection.close();
            return this;
        });
    }

    private interface Sql<T> {
        T run() throws SQLException;
    }

    private static <T> T io(Sql<T> sql) throws IOException {
        try {
            return sql.run();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static IOException failed(SQLException e) {
        return new IOException("state of the lanes: " + e.getMessage(), e);
    }

    /** Which spool the numbers of the lanes belong to. */
    record Binding(UUID spoolId, long countedFrom) {}
}
