package com.barnebys.analytics.sink.local;

import com.barnebys.analytics.event.MalformedRowException;
import com.barnebys.analytics.event.RowReader;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.RowBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TransactionMode;

/**
 * One connection that writes, and all that is known only as long as it lives: prepared statements, tables met.
 *
 * <p>It is closed after the first failure and another one opened. That costs a millisecond and answers three questions
 * at once: sqlite-jdbc closes a statement that failed (using it again says "statement is not executing" for ever), a
 * table made in a transaction that was rolled back is not there, and whether a failed commit is still open or has
 * counted is known only to the file.
 */
final class LocalSession implements AutoCloseable {
    private static final int VERSION = 1;
    private static final int EXPIRE_ROWS_MAX = 5_000;

    private final Connection connection;
    private final Faults faults;
    private final LocalTables names;
    private final Map<String, LocalTable> open = new HashMap<>();
    private final RowReader reader = new RowReader();
    private @Nullable UUID spoolId;
    private long position;

    private LocalSession(Connection connection, Faults faults) throws SQLException {
        this.connection = connection;
        this.faults = faults;
        prepare();
        names = LocalTables.load(connection);
        readPosition();
    }

    static LocalSession open(Path file, Duration busyTimeout, Faults faults) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout((int) busyTimeout.toMillis());
        // A transaction that begins by reading could lose the race for the lock later, in the middle of the rows.
        config.setTransactionMode(TransactionMode.IMMEDIATE);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try {
            faults.opened(connection);
            return new LocalSession(connection, faults);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void prepare() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // These two count only before the first table, and before the write-ahead log.
            statement.execute("PRAGMA page_size=8192");
            statement.execute("PRAGMA auto_vacuum=INCREMENTAL");
            String journal = string(statement, "PRAGMA journal_mode=WAL");
            if (!"wal".equals(journal)) {
                throw new SQLException("journal_mode: " + journal + " (expected: wal; is the file on a local disk?)");
            }
            // FULL, so that a position is durable once it is committed and the spool may be trimmed right to it.
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("PRAGMA wal_autocheckpoint=4000"); // 32 MB
            statement.execute("PRAGMA journal_size_limit=134217728");
            statement.execute("PRAGMA cache_size=-65536");
            int version = Integer.parseInt(String.valueOf(string(statement, "PRAGMA user_version")));
            if (version > VERSION) {
                throw new SQLException("version of the store: " + version + " (expected: at most " + VERSION
                        + "); it was written by a newer release");
            }
            if (version < VERSION) {
                makeTables(statement);
            }
        }
    }

    private void makeTables(Statement statement) throws SQLException {
        connection.setAutoCommit(false);
        statement.executeUpdate("CREATE TABLE IF NOT EXISTS ba_position("
                + "id INTEGER PRIMARY KEY CHECK (id = 1), spool_id TEXT NOT NULL, next_seq INTEGER NOT NULL)");
        statement.executeUpdate("CREATE TABLE IF NOT EXISTS ba_tables("
                + "kind TEXT PRIMARY KEY, table_name TEXT NOT NULL UNIQUE COLLATE NOCASE) WITHOUT ROWID");
        statement.executeUpdate("CREATE TABLE IF NOT EXISTS ba_daily(kind TEXT NOT NULL, programId TEXT NOT NULL,"
                + " day TEXT NOT NULL, lead BOOLEAN NOT NULL, hits INTEGER NOT NULL,"
                + " PRIMARY KEY(kind, programId, day, lead)) WITHOUT ROWID");
        statement.executeUpdate("PRAGMA user_version=" + VERSION);
        connection.setAutoCommit(true);
    }

    private static @Nullable String string(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : null;
        }
    }

    private void readPosition() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT spool_id, next_seq FROM ba_position")) {
            boolean isStored = row.next();
            spoolId = isStored ? UUID.fromString(row.getString(1)) : null;
            position = isStored ? row.getLong(2) : 0;
        }
    }

    @Nullable UUID spoolId() {
        return spoolId;
    }

    long position() {
        return position;
    }

    Set<String> kinds() {
        return names.kinds();
    }

    /**
     * One transaction. When it throws, this session has to be closed.
     *
     * @param oneByOne the rows one at a time, much slower, to find and park those SQLite refuses; without it one of them
     *     makes the whole batch fail
     */
    void store(RowBatch batch, Parking parking, boolean oneByOne) throws SQLException, IOException {
        connection.setAutoCommit(false);
        readPosition();
        for (int i = 0; i < batch.rows(); i++) {
            if (batch.sequence(i) >= position) {
                add(batch, i, parking, oneByOne);
            }
        }
        for (LocalTable table : open.values()) {
            table.finish();
        }
        UUID nextSpool = batch.spoolId();
        long nextPosition = Math.max(position, batch.nextSequence());
        writePosition(nextSpool, nextPosition);
        faults.commit(connection);
        spoolId = nextSpool;
        position = nextPosition;
    }

    private void add(RowBatch batch, int row, Parking parking, boolean oneByOne) throws SQLException, IOException {
        try {
            reader.read(batch.buffer(), batch.offset(row), batch.length(row));
        } catch (MalformedRowException e) {
            park(batch, row, ParkReason.MALFORMED_ROW, String.valueOf(e.getMessage()), parking);
            return;
        }
        LocalTable table = open.get(reader.table());
        if (table == null) {
            String kind = batch.table(row);
            if (kind == null) {
                park(batch, row, ParkReason.MALFORMED_ROW, "not a row: its table is no kind of hit", parking);
                return;
            }
            table = LocalTable.open(connection, kind, names.nameOf(kind), TableSchema.of(kind));
            open.put(kind, table);
        }
        if (oneByOne) {
            String refusal = table.addAlone(batch.sequence(row), reader);
            if (refusal != null) {
                park(batch, row, ParkReason.REFUSED_ROW, refusal, parking);
            }
        } else {
            table.add(batch.sequence(row), reader);
        }
    }

    private static void park(RowBatch batch, int row, ParkReason reason, String detail, Parking parking)
            throws IOException {
        parking.park(batch.sequence(row), batch.buffer(), batch.offset(row), batch.length(row), reason, detail);
    }

    private void writePosition(UUID spool, long next) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT OR REPLACE INTO ba_position(id, spool_id, next_seq) VALUES (1,?,?)")) {
            statement.setString(1, spool.toString());
            statement.setLong(2, next);
            statement.executeUpdate();
        }
    }

    /**
     * Deletes rows of before that time, of one table, and gives room back to the file system.
     *
     * <p>There is no index on the time: the rows of the lowest sequence numbers are the oldest, but for the odd one whose
     * clock was wrong. So it looks at the first 5,000 rows of a table and takes the old ones among them; a few rows from
     * the future do not keep those behind them.
     *
     * @param before as the timestamps are written
     * @return whether there may be more to do
     */
    boolean expire(String before) throws SQLException {
        boolean isMore = false;
        for (String name : LocalTables.present(connection).values()) {
            String table = LocalTable.quoted(name);
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table
                    + " WHERE rowid IN (SELECT r FROM (SELECT rowid AS r, \"timestamp\" AS t FROM " + table
                    + " ORDER BY rowid LIMIT " + EXPIRE_ROWS_MAX + ") WHERE t < ?)")) {
                delete.setString(1, before);
                if (delete.executeUpdate() > 0) {
                    isMore = true;
                    break;
                }
            }
        }
        return vacuum() || isMore;
    }

    private boolean vacuum() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            long free = Long.parseLong(String.valueOf(string(statement, "PRAGMA freelist_count")));
            if (free == 0) {
                return false;
            }
            // Only executeUpdate steps it to the end: execute frees a single page, executeQuery throws.
            statement.executeUpdate("PRAGMA incremental_vacuum(1000)");
            long left = Long.parseLong(String.valueOf(string(statement, "PRAGMA freelist_count")));
            return left > 0 && left < free;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Where a test makes SQLite fail. What runs in production is {@link #NONE}. */
    interface Faults {
        Faults NONE = new Faults() {};

        default void opened(Connection connection) throws SQLException {}

        /** Commits: leaving the manual mode is the one call of JDBC that does not begin the next transaction at once. */
        default void commit(Connection connection) throws SQLException {
            connection.setAutoCommit(true);
        }
    }
}
