package com.barnebys.analytics.sink.local;

import static com.barnebys.analytics.sink.SampleRows.MALFORMED;
import static com.barnebys.analytics.sink.SampleRows.batch;
import static com.barnebys.analytics.sink.SampleRows.clicks;
import static com.barnebys.analytics.sink.SampleRows.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.SinkException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreParkingTest {
    @TempDir
    Path directory;

    private StoreFile file;

    @BeforeEach
    void place() {
        file = new StoreFile(directory);
    }

    @Test
    void rowsThatAreNoneAreParkedAndTheOthersStored() throws Exception {
        byte[] evil = record("click", "p");
        evil[1] = '"';

        try (LocalStore store = file.open()) {
            store.store(batch(0, record("click", "a"), MALFORMED, new byte[0], evil, record("click", "b")), file);

            assertThat(store.position()).isEqualTo(5);
            assertThat(store.tables()).containsExactly("click");
        }
        assertThat(file.parked)
                .containsExactly("1 MALFORMED_ROW 7", "2 MALFORMED_ROW 0", "3 MALFORMED_ROW " + evil.length);
        assertThat(file.rows("SELECT rowid FROM click")).containsExactly("0", "4");
        assertThat(file.value("SELECT sum(hits) FROM ba_daily")).isEqualTo("2");
    }

    @Test
    void aBatchOfNothingButMalformedRowsMovesThePosition() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(batch(0, MALFORMED, MALFORMED), file);

            assertThat(store.position()).isEqualTo(2);
            assertThat(store.tables()).isEmpty();
        }
    }

    @Test
    void aRowIsParkedBeforeThePositionStepsOverIt() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>();
        Parking looking = (sequence, buffer, offset, length, reason, detail) -> {
            try {
                seen.set(file.rows("SELECT next_seq FROM ba_position").toString());
            } catch (java.sql.SQLException e) {
                throw new IOException(e);
            }
        };

        try (LocalStore store = file.open()) {
            store.store(clicks(0, 3), file);
            store.store(batch(3, MALFORMED), looking);
        }

        assertThat(seen).hasValue("[3]");
    }

    @Test
    void aRowThatCannotBeParkedIsNotSteppedOver() throws Exception {
        Parking full = (sequence, buffer, offset, length, reason, detail) -> {
            throw new IOException("no space left on device");
        };

        try (LocalStore store = file.open()) {
            assertThatThrownBy(() -> store.store(batch(0, record("click", "a"), MALFORMED), full))
                    .isInstanceOf(SinkException.class)
                    .hasMessageContaining("no space left");
            assertThat(store.position()).isZero();

            store.store(batch(0, record("click", "a"), MALFORMED), file);
            assertThat(store.position()).isEqualTo(2);
        }
        assertThat(file.value("SELECT count(*) FROM click")).isEqualTo("1");
    }

    @Test
    void aRowSqliteRefusesIsParkedAndItsNeighboursStored() throws Exception {
        try (LocalStore store = file.open()) {
            store.store(clicks(0, 1), file);
            // Somebody has put rows into the table by hand, where the spool's numbers have not come yet.
            file.execute("INSERT INTO click(rowid, programId) VALUES (7, 'by hand'), (43, 'by hand')");

            store.store(clicks(1, 49), file);

            assertThat(store.position()).isEqualTo(50);
        }
        assertThat(file.parked).hasSize(2);
        assertThat(file.parked.get(0)).startsWith("7 REFUSED_ROW");
        assertThat(file.parked.get(1)).startsWith("43 REFUSED_ROW");
        assertThat(file.value("SELECT count(*), sum(programId = 'by hand') FROM click"))
                .isEqualTo("50|2");
        assertThat(file.value("SELECT sum(hits) FROM ba_daily")).isEqualTo("48");
    }
}
