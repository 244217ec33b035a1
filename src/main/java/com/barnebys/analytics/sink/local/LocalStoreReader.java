package com.barnebys.analytics.sink.local;

import com.barnebys.analytics.event.CivilTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * Reads the embedded store, from any process, also while another one writes to it. Changes nothing, whatever it is asked.
 *
 * <p>One thread. Rows are handed out one by one, so memory does not grow with them. Each method sees all that was committed when it began.
 */
public final class LocalStoreReader implements AutoCloseable {
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;
    private static final int PAGE_ROWS = 5_000;
    private static final int NEWEST_NUMBERS = 10_000;
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");
    private static final Pattern READING =
            Pattern.compile("\\s*(SELECT|WITH|VALUES|EXPLAIN)\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final Path file;
    private final Connection connection;
    private final Map<String, String> names;

    private LocalStoreReader(Path file, Connection connection) throws SQLException {
        this.file = file;
        this.connection = connection;
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only=ON");
        }
        names = LocalTables.present(connection);
    }

    /**
     * Opens the store for reading.
     *
     * @throws FileNotFoundException nothing was stored yet
     */
    public static LocalStoreReader open(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new FileNotFoundException("nothing stored yet: " + file);
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        try {
            Connection connection = config.createConnection("jdbc:sqlite:" + file);
            try {
                return new LocalStoreReader(file, connection);
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            String expected = SqlErrors.isReadOnly(e) || SqlErrors.cannotOpen(e)
                    ? "a directory that may be written: SQLite makes its -shm file there, unless the tracker runs"
                    : "a store of this program";
            throw new IOException("cannot read " + file + " (expected: " + expected + "): " + e.getMessage(), e);
        }
    }

    /** The kinds for which there is a table, in their order. */
    public Set<String> tables() {
        return new TreeSet<>(names.keySet());
    }

    /**
     * Hands out rows, kind by kind, each in the order of the spool.
     *
     * <p>Reads in pages of 5,000 rows: a consumer that waits for ever keeps one page's transaction open, not the one of the
     * whole table, which would make the writer's log grow. Rows
     * stored after the call began are left out; rows deleted for their age during it may be.
     *
     * @param kind null for all
     * @param from the first moment, null for no limit
     * @param to the first moment no longer wanted, null for no limit
     * @throws IOException the store cannot be read, there is no such kind, or the consumer threw it
     */
    public void export(@Nullable String kind, @Nullable Instant from, @Nullable Instant to, RowConsumer consumer)
            throws IOException {
        if (kind != null && !names.containsKey(kind)) {
            throw noSuch(kind);
        }
        try {
            for (Map.Entry<String, String> table : names.entrySet()) {
                if (kind == null || kind.equals(table.getKey())) {
                    exportTable(table.getKey(), table.getValue(), from, to, consumer);
                }
            }
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private void exportTable(
            String kind, String table, @Nullable Instant from, @Nullable Instant to, RowConsumer consumer)
            throws SQLException, IOException {
        Columns columns = columns(table);
        long last;
        try (Statement statement = connection.createStatement();
                ResultSet max = statement.executeQuery("SELECT max(rowid) FROM " + LocalTable.quoted(table))) {
            last = max.next() ? max.getLong(1) : 0;
        }
        String sql = columns.select() + " FROM " + LocalTable.quoted(table) + " WHERE rowid > ? AND rowid <= ?"
                + (from == null ? "" : " AND \"timestamp\" >= '" + text(from) + "'")
                + (to == null ? "" : " AND \"timestamp\" < '" + text(to) + "'") + " ORDER BY rowid LIMIT " + PAGE_ROWS;
        try (PreparedStatement page = connection.prepareStatement(sql)) {
            long after = -1;
            int rows = PAGE_ROWS;
            while (rows == PAGE_ROWS) {
                page.setLong(1, after);
                page.setLong(2, last);
                rows = 0;
                @Nullable Object[] values = new Object[columns.names().size()];
                try (ResultSet row = page.executeQuery()) {
                    for (; row.next(); rows++) {
                        after = row.getLong(1);
                        columns.read(row, values);
                        consumer.accept(kind, columns.names(), values);
                    }
                }
            }
        }
    }

    /**
     * Hands out the newest rows of some programs, the newest first. Looks no further back than 10,000 numbers of the
     * spool: there is no index by program, and this may be asked each second.
     *
     * @throws IOException the store cannot be read, there is no such kind, or the consumer threw it
     */
    public void newest(String kind, Set<String> programs, int rowsMax, RowConsumer consumer) throws IOException {
        String name = names.get(kind);
        if (name == null) {
            throw noSuch(kind);
        }
        String table = LocalTable.quoted(name);
        try {
            Columns columns = columns(name);
            String sql =
                    columns.select() + " FROM " + table + " WHERE rowid > (SELECT max(rowid) FROM " + table + ") - "
                            + NEWEST_NUMBERS + " AND programId IN (?" + ",?".repeat(programs.size() - 1)
                            + ") ORDER BY rowid DESC LIMIT " + rowsMax;
            try (PreparedStatement newest = connection.prepareStatement(sql)) {
                int index = 0;
                for (String program : programs) {
                    newest.setString(++index, program);
                }
                @Nullable Object[] values = new Object[columns.names().size()];
                try (ResultSet row = newest.executeQuery()) {
                    while (row.next()) {
                        columns.read(row, values);
                        consumer.accept(kind, columns.names(), values);
                    }
                }
            }
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private IOException noSuch(String kind) {
        return new IOException("kind: " + kind + " (expected: one of " + tables() + ")");
    }

    private Columns columns(String table) throws SQLException {
        List<String> columns = new ArrayList<>();
        List<Boolean> isBoolean = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet info = statement.executeQuery("SELECT name, type FROM pragma_table_info('" + table + "')")) {
            while (info.next()) {
                columns.add(info.getString(1));
                isBoolean.add("BOOLEAN".equalsIgnoreCase(info.getString(2)));
            }
        }
        return new Columns(List.copyOf(columns), List.copyOf(isBoolean));
    }

    /** As it is written in the tables, where years have four digits: of a moment beyond them the last or first one. */
    private static String text(Instant time) {
        Instant within = time.isAfter(LAST) ? LAST : time.isBefore(FIRST) ? FIRST : time;
        return CivilTime.format(CivilTime.pack(within.toEpochMilli()));
    }

    /**
     * Answers any one question in SQL. Tables are named like the kinds, but for those that differ only by case.
     *
     * @throws IOException it is no question, or SQLite does not understand it; the message says which
     */
    public void query(String sql, ResultConsumer consumer) throws IOException {
        // The connection refuses to write to the store. This refuses what would write elsewhere: VACUUM INTO, ATTACH.
        if (!READING.matcher(sql).matches()) {
            throw new IOException("only reading is possible here (expected: a SELECT): " + firstWord(sql));
        }
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            ResultSetMetaData meta = result.getMetaData();
            List<String> columns = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                columns.add(meta.getColumnLabel(i));
            }
            consumer.columns(List.copyOf(columns));
            @Nullable Object[] values = new Object[columns.size()];
            while (result.next()) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = value(result, i + 1);
                }
                consumer.row(values);
            }
        } catch (SQLException e) {
            if (SqlErrors.isReadOnly(e)) {
                throw new IOException("only reading is possible here (expected: a SELECT): " + firstWord(sql), e);
            }
            throw new IOException("SQLite does not understand the query: " + e.getMessage(), e);
        }
    }

    /** As SQLite has it; a blob as SQLite's {@code hex()} writes it. */
    private static @Nullable Object value(ResultSet row, int column) throws SQLException {
        Object value = row.getObject(column);
        return value instanceof byte[] blob ? HexFormat.of().withUpperCase().formatHex(blob) : value;
    }

    private static String firstWord(String sql) {
        return sql.strip().split("\\s", 2)[0].toUpperCase(Locale.ROOT);
    }

    /**
     * Hits per kind, program and day.
     *
     * @param kind null for all
     * @param programId null for all
     * @param from the first day, null for no limit
     * @param to the last day, null for no limit
     */
    public List<DailyTotal> dailyTotals(
            @Nullable String kind, @Nullable String programId, @Nullable LocalDate from, @Nullable LocalDate to)
            throws IOException {
        List<DailyTotal> totals = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT kind, programId, day, lead, hits FROM ba_daily WHERE (?1 IS NULL OR kind = ?1)"
                        + " AND (?2 IS NULL OR programId = ?2) AND (?3 IS NULL OR day >= ?3)"
                        + " AND (?4 IS NULL OR day <= ?4) ORDER BY kind, programId, day, lead")) {
            select.setString(1, kind);
            select.setString(2, programId);
            select.setString(3, from == null ? null : from.toString());
            select.setString(4, to == null ? null : to.toString());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    totals.add(new DailyTotal(
                            row.getString(1), row.getString(2), row.getString(3), row.getInt(4) == 1, row.getLong(5)));
                }
            }
        } catch (SQLException e) {
            throw unreadable(e);
        }
        return totals;
    }

    private IOException unreadable(SQLException e) {
        return new IOException("cannot read " + file + ": " + e.getMessage(), e);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    /** Of one table, behind its rowid. */
    private record Columns(List<String> names, List<Boolean> isBoolean) {
        String select() {
            StringJoiner select = new StringJoiner(",", "SELECT rowid,", "");
            names.forEach(column -> select.add(LocalTable.quoted(column)));
            return select.toString();
        }

        void read(ResultSet row, @Nullable Object[] values) throws SQLException {
            for (int i = 0; i < values.length; i++) {
                Object value = value(row, i + 2);
                values[i] =
                        value instanceof Number number && isBoolean.get(i) ? (Object) (number.intValue() != 0) : value;
            }
        }
    }
}
