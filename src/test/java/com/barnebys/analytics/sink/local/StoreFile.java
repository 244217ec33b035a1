package com.barnebys.analytics.sink.local;

import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A store's file as anybody sees it, and a place for rows that were parked. */
final class StoreFile implements Parking {
    final Path path;
    final List<String> parked = new ArrayList<>();

    StoreFile(Path directory) {
        path = directory.resolve("analytics.db");
    }

    LocalStore open() throws Exception {
        return open(LocalSession.Faults.NONE);
    }

    LocalStore open(LocalSession.Faults faults) throws Exception {
        return LocalStore.open(options(0), Clock.systemUTC(), Duration.ofMillis(20), faults);
    }

    LocalStoreOptions options(int retentionDays) {
        return new LocalStoreOptions(path, retentionDays);
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + path);
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** One line a row, columns divided by {@code |}. */
    List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join("|", values));
            }
        }
        return rows;
    }

    String value(String sql) throws SQLException {
        return rows(sql).get(0);
    }

    @Override
    public void park(long sequence, byte[] buffer, int offset, int length, ParkReason reason, String detail) {
        parked.add(sequence + " " + reason + " " + length);
    }
}
