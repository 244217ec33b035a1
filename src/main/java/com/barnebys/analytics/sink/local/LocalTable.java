package com.barnebys.analytics.sink.local;

import com.barnebys.analytics.event.CivilTime;
import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.ColumnType;
import com.barnebys.analytics.event.RowReader;
import com.barnebys.analytics.event.TableSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * One table of the store and the rows on their way into it. Belongs to one connection and lives no longer than it.
 *
 * <p>Rows go in through addBatch and executeBatch of one prepared statement. Measured in batches of 5,000 rows of 305 bytes
 * (CPU a row, since the disk was shared): 3.7 µs; 4.8 with 20 rows to an {@code INSERT … VALUES (…),(…)} and 4.5 with 50;
 * 8.0 with an executeUpdate for each row. How many rows are handed to SQLite at once makes no difference from 100 on.
 */
final class LocalTable {
    private static final int ROWS_AT_ONCE = 500;

    private final Connection connection;
    private final String kind;
    private final String insert;
    private final int columns;
    private final int programId;
    private final int lead;
    private final int timestamp;
    private final DailyCounts daily = new DailyCounts();
    private @Nullable PreparedStatement statement;
    private int waiting;

    private long lastPacked = Long.MIN_VALUE;
    private String lastTimestamp = "";

    private LocalTable(Connection connection, String kind, String name, TableSchema schema) {
        this.connection = connection;
        this.kind = kind;
        columns = schema.size();
        programId = indexOf(schema, "programId", ColumnType.TEXT);
        lead = indexOf(schema, "lead", ColumnType.BOOLEAN);
        timestamp = indexOf(schema, "timestamp", ColumnType.DATETIME);
        StringJoiner names = new StringJoiner(",", "(rowid,", ")");
        schema.columns().forEach(column -> names.add(quoted(column.name())));
        insert = "INSERT INTO " + quoted(name) + names + " VALUES (?" + ",?".repeat(columns) + ")";
    }

    /** Makes the table where it lacks, adds the columns it lacks, and takes rows for it. Within a transaction. */
    static LocalTable open(Connection connection, String kind, String name, TableSchema schema) throws SQLException {
        List<String> present = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet info = statement.executeQuery("SELECT name FROM pragma_table_info(" + text(name) + ")")) {
                while (info.next()) {
                    present.add(info.getString(1).toLowerCase(Locale.ROOT));
                }
            }
            if (present.isEmpty()) {
                StringJoiner definitions = new StringJoiner(", ", "(", ")");
                schema.columns().forEach(column -> definitions.add(definition(column)));
                statement.executeUpdate("CREATE TABLE " + quoted(name) + definitions);
            } else {
                for (Column column : schema.columns()) {
                    if (!present.contains(column.name().toLowerCase(Locale.ROOT))) {
                        statement.executeUpdate("ALTER TABLE " + quoted(name) + " ADD COLUMN " + definition(column));
                    }
                }
            }
        }
        return new LocalTable(connection, kind, name, schema);
    }

    /** The declared type decides SQLite's affinity. STRING would mean NUMERIC and make the program "0123" a number. */
    private static String definition(Column column) {
        return quoted(column.name()) + " " + column.type();
    }

    private static int indexOf(TableSchema schema, String column, ColumnType type) {
        for (int i = 0; i < schema.size(); i++) {
            if (schema.column(i).name().equals(column) && schema.column(i).type() == type) {
                return i;
            }
        }
        return -1;
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    /** Takes the row the reader is at. It is in the table when {@link #finish} has returned. */
    void add(long sequence, RowReader row) throws SQLException {
        bind(sequence, row).addBatch();
        count(row);
        if (++waiting == ROWS_AT_ONCE) {
            flush();
        }
    }

    /**
     * Brings in the row the reader is at by itself, to find out whether it is the one SQLite refuses. SQLite undoes the
     * refused statement, not the transaction around it.
     *
     * @return why this row is refused; null when it is in the table
     */
    @Nullable String addAlone(long sequence, RowReader row) throws SQLException {
        PreparedStatement insertion = bind(sequence, row);
        try {
            insertion.executeUpdate();
        } catch (SQLException e) {
            if (!SqlErrors.isRefusal(e)) {
                throw e;
            }
            statement = null; // The driver has closed it.
            insertion.close();
            return String.valueOf(e.getMessage());
        }
        count(row);
        return null;
    }

    /** Brings in what waits, and the sums of all rows since the last time. */
    void finish() throws SQLException {
        flush();
        daily.write(connection, kind);
    }

    private void flush() throws SQLException {
        if (statement != null && waiting > 0) {
            statement.executeBatch();
            waiting = 0;
        }
    }

    private PreparedStatement bind(long sequence, RowReader row) throws SQLException {
        PreparedStatement bound = statement;
        if (bound == null) {
            bound = connection.prepareStatement(insert);
            statement = bound;
        }
        bound.setLong(1, sequence);
        for (int i = 0; i < columns; i++) {
            Object value = row.value(i);
            if (value instanceof String text) {
                bound.setString(i + 2, text);
            } else if (value instanceof Boolean isTrue) {
                bound.setInt(i + 2, isTrue ? 1 : 0);
            } else if (value instanceof Long packed) {
                bound.setString(i + 2, format(packed));
            } else {
                bound.setNull(i + 2, Types.NULL);
            }
        }
        return bound;
    }

    /** Neighbours are mostly of the same millisecond. */
    private String format(long packed) {
        if (packed != lastPacked) {
            lastPacked = packed;
            lastTimestamp = CivilTime.format(packed);
        }
        return lastTimestamp;
    }

    private void count(RowReader row) {
        daily.add(
                programId < 0 ? null : (String) row.value(programId),
                timestamp >= 0 && row.value(timestamp) instanceof Long packed ? format(packed) : null,
                lead >= 0 && Boolean.TRUE.equals(row.value(lead)));
    }
}
