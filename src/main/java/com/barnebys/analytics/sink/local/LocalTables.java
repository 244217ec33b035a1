package com.barnebys.analytics.sink.local;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which table holds which kind: mostly the one of its name. {@code ba_tables} keeps what was settled once, so a kind
 * stays where it is. Belongs to one connection.
 */
final class LocalTables {
    private final Connection connection;
    private final Map<String, String> names;

    private LocalTables(Connection connection, Map<String, String> names) {
        this.connection = connection;
        this.names = names;
    }

    static LocalTables load(Connection connection) throws SQLException {
        return new LocalTables(connection, read(connection, "SELECT kind, table_name FROM ba_tables"));
    }

    /** Kind to table, in the order of the kinds. */
    private static Map<String, String> read(Connection connection, String select) throws SQLException {
        Map<String, String> names = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(select)) {
            while (row.next()) {
                names.put(row.getString(1), row.getString(2));
            }
        }
        return names;
    }

    /** The same without tables that somebody has dropped by hand; the next row of such a kind makes it again. */
    static Map<String, String> present(Connection connection) throws SQLException {
        return read(
                connection,
                "SELECT kind, table_name FROM ba_tables WHERE EXISTS"
                        + " (SELECT 1 FROM sqlite_master WHERE name = table_name COLLATE NOCASE)");
    }

    Set<String> kinds() {
        return Set.copyOf(names.keySet());
    }

    /** The table of a kind; a new kind is given one, within the transaction of its first row. */
    String nameOf(String kind) throws SQLException {
        String known = names.get(kind);
        if (known != null) {
            return known;
        }
        String name = freeName(kind);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO ba_tables(kind, table_name) VALUES (?,?)")) {
            insert.setString(1, kind);
            insert.setString(2, name);
            insert.executeUpdate();
        }
        names.put(kind, name);
        return name;
    }

    private String freeName(String kind) throws SQLException {
        String lower = kind.toLowerCase(Locale.ROOT);
        // SQLite keeps sqlite_ for itself, we keep ba_.
        String wanted = lower.startsWith("sqlite_") || lower.startsWith("ba_") ? "_" + kind : kind;
        String name = wanted;
        for (int i = 2; isTaken(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    private boolean isTaken(String name) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE UNION ALL"
                        + " SELECT 1 FROM ba_tables WHERE table_name = ?1")) {
            select.setString(1, name);
            try (ResultSet found = select.executeQuery()) {
                return found.next();
            }
        }
    }
}
