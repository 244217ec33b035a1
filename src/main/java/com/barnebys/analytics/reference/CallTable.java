package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.AnsweredCalls.Claim;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** Answered calls in the SQLite file. One thread. */
final class CallTable {
    private final Connection connection;

    CallTable(Connection connection) {
        this.connection = connection;
    }

    Claim claim(String key, Instant now) throws SQLException {
        if (isClaimed(key, now)) {
            return new Claim.Claimed();
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT answer FROM ba_answered_call WHERE key = ?")) {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                String answer = row.next() ? row.getString(1) : null;
                return answer == null ? new Claim.UnderWay() : new Claim.Answered(answer);
            }
        }
    }

    /** Counts rows instead of asking for them: an error of the commit comes up nowhere else. */
    private boolean isClaimed(String key, Instant now) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO ba_answered_call(key, claimed_at) VALUES (?, ?) ON CONFLICT(key)"
                        + " DO UPDATE SET claimed_at = excluded.claimed_at, answer = NULL"
                        + " WHERE claimed_at < ? OR (answer IS NULL AND claimed_at < ?)")) {
            insert.setString(1, key);
            insert.setLong(2, now.toEpochMilli());
            insert.setLong(3, now.minus(AnsweredCalls.KEPT).toEpochMilli());
            insert.setLong(4, now.minus(AnsweredCalls.ABANDONED).toEpochMilli());
            return insert.executeUpdate() == 1;
        }
    }

    /** Whether the key was there. */
    boolean keep(String key, String answer) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE ba_answered_call SET answer = ? WHERE key = ?")) {
            update.setString(1, answer);
            update.setString(2, key);
            return update.executeUpdate() == 1;
        }
    }

    /** Whether it was there and not answered. */
    boolean release(String key) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM ba_answered_call WHERE key = ? AND answer IS NULL")) {
            delete.setString(1, key);
            return delete.executeUpdate() == 1;
        }
    }

    int forgetOlderThan(Instant before, int max) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM ba_answered_call WHERE rowid IN"
                + " (SELECT rowid FROM ba_answered_call WHERE claimed_at < ? ORDER BY claimed_at LIMIT ?)")) {
            delete.setLong(1, before.toEpochMilli());
            delete.setInt(2, max);
            return delete.executeUpdate();
        }
    }
}
