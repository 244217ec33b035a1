package com.barnebys.analytics.reference;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables in the SQLite file and their versions, in {@code user_version}. A change is a new entry at the end of
 * {@link #STEPS}; one that was released never changes. All bear to be run twice: two processes may see the same version.
 */
final class SqliteSchema {
    // spotless:off
    private static final List<List<String>> STEPS = List.of(
            List.of(
                    "CREATE TABLE IF NOT EXISTS ba_reference(id INTEGER PRIMARY KEY, program_id TEXT NOT NULL,"
                    + " fingerprint TEXT NOT NULL, refs TEXT NOT NULL, type TEXT NOT NULL, client_ip TEXT,"
                    + " user_agent TEXT, created_at INTEGER NOT NULL)",
                    "CREATE INDEX IF NOT EXISTS ba_reference_visitor ON ba_reference(fingerprint, program_id)",
                    "CREATE INDEX IF NOT EXISTS ba_reference_age ON ba_reference(created_at)",
                    "CREATE TABLE IF NOT EXISTS ba_reference_ref(program_id TEXT NOT NULL, fingerprint TEXT NOT NULL,"
                    + " ref TEXT NOT NULL, reference_id INTEGER NOT NULL, PRIMARY KEY(program_id, fingerprint, ref))"
                    + " WITHOUT ROWID",
                    "CREATE INDEX IF NOT EXISTS ba_reference_ref_ref"
                    + " ON ba_reference_ref(ref, program_id, reference_id)"),
            List.of(
                    "CREATE TABLE IF NOT EXISTS ba_answered_call(key TEXT NOT NULL UNIQUE,"
                    + " claimed_at INTEGER NOT NULL, answer TEXT)",
                    "CREATE INDEX IF NOT EXISTS ba_answered_call_age ON ba_answered_call(claimed_at)"));
    // spotless:on

    private SqliteSchema() {}

    /** Brings the tables up to date, in one transaction. */
    static void migrate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet result = statement.executeQuery("PRAGMA user_version")) {
                version = result.next() ? result.getInt(1) : 0;
            }
            if (version > STEPS.size()) {
                throw new SQLException("version of the references: " + version + " (expected: at most " + STEPS.size()
                        + "); written by a newer release");
            }
            if (version == STEPS.size()) {
                return;
            }
            connection.setAutoCommit(false);
            for (List<String> step : STEPS.subList(version, STEPS.size())) {
                for (String sql : step) {
                    statement.executeUpdate(sql);
                }
            }
            statement.executeUpdate("PRAGMA user_version=" + STEPS.size());
            connection.setAutoCommit(true);
        }
    }
}
