package com.barnebys.analytics.reference;

import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TransactionMode;

/** The SQLite file of references. One thread. After an exception it has to be closed. */
final class ReferenceFile implements AutoCloseable {
    private static final int BUSY_TIMEOUT_MILLIS = 1_000;
    private static final int CONSTRAINT = 19;
    private static final String SELECT =
            "SELECT program_id, fingerprint, refs, type, client_ip, user_agent, created_at, id FROM ba_reference";

    private final Connection connection;
    private final CallTable calls;
    private boolean isDirty;

    private ReferenceFile(Connection connection) {
        this.connection = connection;
        this.calls = new CallTable(connection);
    }

    static ReferenceFile open(Path path) throws SQLException, IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setTransactionMode(TransactionMode.IMMEDIATE);
        Connection connection = config.createConnection("jdbc:sqlite:" + path);
        try {
            prepare(connection);
            return new ReferenceFile(connection);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA auto_vacuum=INCREMENTAL"); // Counts only before the first table.
            try (ResultSet journal = statement.executeQuery("PRAGMA journal_mode=WAL")) {
                if (!journal.next() || !"wal".equals(journal.getString(1))) {
                    throw new SQLException("journal_mode is not wal; is the file on a local disk?");
                }
            }
            statement.execute("PRAGMA synchronous=NORMAL"); // See flush().
            statement.execute("PRAGMA journal_size_limit=67108864");
        }
        SqliteSchema.migrate(connection);
    }

    Creation create(Reference reference) throws SQLException {
        if (holdsAny(reference)) {
            return Creation.ALREADY_CREATED;
        }
        connection.setAutoCommit(false);
        try {
            insert(reference);
        } catch (SQLException e) {
            if ((e.getErrorCode() & 0xFF) != CONSTRAINT) {
                throw e;
            }
            connection.rollback(); // Another process was faster.
            connection.setAutoCommit(true);
            return Creation.ALREADY_CREATED;
        }
        connection.setAutoCommit(true); // Commits.
        isDirty = true;
        return Creation.CREATED;
    }

    private boolean holdsAny(Reference reference) throws SQLException {
        String sql = "SELECT 1 FROM ba_reference_ref WHERE program_id = ? AND fingerprint = ? AND ref IN ("
                + marks(reference.refs()) + ")";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, reference.programId());
            select.setString(2, reference.fingerprint());
            for (int i = 0; i < reference.refs().size(); i++) {
                select.setString(3 + i, reference.refs().get(i));
            }
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private void insert(Reference reference) throws SQLException {
        long id;
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO ba_reference(program_id, fingerprint, refs, type, client_ip,"
                        + " user_agent, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id")) {
            insert.setString(1, reference.programId());
            insert.setString(2, reference.fingerprint());
            insert.setString(3, new JsonArray(reference.refs()).encode());
            insert.setString(4, reference.type().word());
            setText(insert, 5, reference.clientIP());
            setText(insert, 6, reference.userAgent());
            insert.setLong(7, reference.createdAt().toEpochMilli());
            try (ResultSet row = insert.executeQuery()) {
                boolean unused = row.next();
                id = row.getLong(1);
            }
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO ba_reference_ref VALUES (?, ?, ?, ?)")) {
            for (String ref : reference.refs()) {
                insert.setString(1, reference.programId());
                insert.setString(2, reference.fingerprint());
                insert.setString(3, ref);
                insert.setLong(4, id);
                int unused = insert.executeUpdate();
            }
        }
    }

    private static void setText(PreparedStatement statement, int index, @Nullable String text) throws SQLException {
        if (text == null) {
            statement.setNull(index, Types.VARCHAR);
        } else {
            statement.setString(index, text);
        }
    }

    private static String marks(List<String> values) {
        return String.join(",", Collections.nCopies(values.size(), "?"));
    }

    Optional<Reference> find(ReferenceFilter filter) throws SQLException {
        List<String> values = new ArrayList<>(filter.refs());
        List<String> conditions = new ArrayList<>();
        boolean isByRef = !filter.refs().isEmpty();
        if (isByRef) {
            conditions.add("ref IN (" + marks(filter.refs()) + ")");
        }
        if (filter.fingerprint() != null) {
            conditions.add("fingerprint = ?");
            values.add(filter.fingerprint());
        }
        if (filter.programId() != null) {
            conditions.add("program_id = ?");
            values.add(filter.programId());
        }
        String where = " WHERE " + String.join(" AND ", conditions);
        String matching;
        if (isByRef && filter.fingerprint() == null) {
            String refs = "VALUES "
                    + String.join(",", Collections.nCopies(filter.refs().size(), "(?)"));
            matching = " WHERE id = (" + FirstByRef.sql(refs, filter.programId() == null ? null : "?") + ")";
        } else if (isByRef) {
            matching = " WHERE id = (SELECT MIN(reference_id) FROM ba_reference_ref" + where + ")";
        } else {
            matching = where + " ORDER BY id LIMIT 1";
        }
        try (PreparedStatement select = connection.prepareStatement(SELECT + matching)) {
            for (int i = 0; i < values.size(); i++) {
                select.setString(1 + i, values.get(i));
            }
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(reference(row)) : Optional.empty();
            }
        }
    }

    Map<ProgramRef, Reference> findAll(List<ProgramRef> keys) throws SQLException {
        Map<ProgramRef, Reference> found = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(SELECT
                + " WHERE id = (SELECT MIN(reference_id) FROM ba_reference_ref WHERE ref = ? AND program_id = ?)")) {
            for (ProgramRef key : keys) {
                select.setString(1, key.ref());
                select.setString(2, key.programId());
                try (ResultSet row = select.executeQuery()) {
                    if (row.next()) {
                        found.put(key, reference(row));
                    }
                }
            }
        }
        return found;
    }

    private static Reference reference(ResultSet row) throws SQLException {
        List<String> refs =
                new JsonArray(row.getString(3)).stream().map(String.class::cast).toList();
        return new Reference(
                row.getString(1),
                row.getString(2),
                refs,
                Source.of(row.getString(4)),
                row.getString(5),
                row.getString(6),
                Instant.ofEpochMilli(row.getLong(7)));
    }

    Optional<Source> firstType(Visitor visitor) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT type FROM ba_reference WHERE fingerprint = ? AND program_id = ? ORDER BY id LIMIT 1")) {
            select.setString(1, visitor.fingerprint());
            select.setString(2, visitor.programId());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(Source.of(row.getString(1))) : Optional.empty();
            }
        }
    }

    boolean isFromBarnebys(Visitor visitor) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT 1 FROM ba_reference WHERE fingerprint = ? AND program_id = ? AND type = ? LIMIT 1")) {
            select.setString(1, visitor.fingerprint());
            select.setString(2, visitor.programId());
            select.setString(3, Source.BARNEBYS.word());
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    int deleteOlderThan(Instant before, int max) throws SQLException {
        connection.setAutoCommit(false);
        Map<Long, Reference> old = new HashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement(SELECT + " WHERE created_at < ? ORDER BY created_at LIMIT ?")) {
            select.setLong(1, before.toEpochMilli());
            select.setInt(2, max);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    old.put(row.getLong(8), reference(row));
                }
            }
        }
        try (PreparedStatement refs = connection.prepareStatement("DELETE FROM ba_reference_ref WHERE program_id = ?"
                        + " AND fingerprint = ? AND ref = ? AND reference_id = ?");
                PreparedStatement references = connection.prepareStatement("DELETE FROM ba_reference WHERE id = ?")) {
            for (Map.Entry<Long, Reference> each : old.entrySet()) {
                for (String ref : each.getValue().refs()) {
                    refs.setString(1, each.getValue().programId());
                    refs.setString(2, each.getValue().fingerprint());
                    refs.setString(3, ref);
                    refs.setLong(4, each.getKey());
                    int unused = refs.executeUpdate();
                }
                references.setLong(1, each.getKey());
                int unused = references.executeUpdate();
            }
        }
        connection.setAutoCommit(true);
        if (!old.isEmpty()) {
            isDirty = true;
            vacuum();
        }
        return old.size();
    }

    AnsweredCalls.Claim claim(String key, Instant now) throws SQLException {
        AnsweredCalls.Claim claim = calls.claim(key, now);
        isDirty |= claim instanceof AnsweredCalls.Claim.Claimed;
        return claim;
    }

    boolean keep(String key, String answer) throws SQLException {
        return changed(calls.keep(key, answer));
    }

    boolean release(String key) throws SQLException {
        return changed(calls.release(key));
    }

    private boolean changed(boolean hasChanged) {
        isDirty |= hasChanged;
        return hasChanged;
    }

    int forgetCallsOlderThan(Instant before, int max) throws SQLException {
        int count = calls.forgetOlderThan(before, max);
        if (changed(count > 0)) {
            vacuum();
        }
        return count;
    }

    private void vacuum() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // Only executeUpdate steps it to the end.
            statement.executeUpdate("PRAGMA incremental_vacuum(1000)");
        }
    }

    /**
     * Puts what was committed on the disk: a checkpoint flushes the log before it copies from it, and with
     * {@code synchronous=NORMAL} nothing else does. False when there was nothing.
     */
    boolean flush() throws SQLException {
        if (!isDirty) {
            return false;
        }
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
            boolean isBusy = result.next() && result.getInt(1) != 0; // Somebody else is at it: again in a second.
            isDirty = isBusy;
            return !isBusy;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
