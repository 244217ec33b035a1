package com.barnebys.analytics.sink.local;

import com.barnebys.analytics.event.CivilTime;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.Sink;
import com.barnebys.analytics.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Stores rows in an SQLite file, exactly once: the rows of a batch, the position behind them and their daily sums are
 * one flushed transaction. Killed at any moment, or with the power cut, the file holds whole batches and a position that
 * fits them.
 *
 * <p>One thread stores and does the upkeep; {@link #position()}, {@link #spoolId()} and {@link #tables()} may be asked by
 * any. A batch waits up to two seconds for another process that writes to the file, then it is {@link RetryCause#BUSY}.
 * Readers keep nobody waiting. 150,000 rows/s of 400 bytes in batches of 5,000; beyond some 50 million rows one wants
 * BigQuery.
 */
public final class LocalStore implements Sink {
    private static final Logger LOG = LoggerFactory.getLogger(LocalStore.class);
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(2);

    private final LocalStoreOptions options;
    private final Clock clock;
    private final Duration busyTimeout;
    private final LocalSession.Faults faults;

    /** Null after a failure, until the file could be opened again. */
    private @Nullable LocalSession session;

    private volatile @Nullable UUID spoolId;
    private volatile long position;
    private volatile Set<String> tables = Set.of();

    private LocalStore(LocalStoreOptions options, Clock clock, Duration busyTimeout, LocalSession.Faults faults) {
        this.options = options;
        this.clock = clock;
        this.busyTimeout = busyTimeout;
        this.faults = faults;
    }

    /** Loads SQLite and its native code, for which else the first who opens a file waits. Any thread. */
    public static void loadDriver() {
        try {
            boolean unused = SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            LOG.debug("SQLite could not be loaded; whoever opens a file will say so.", e);
        }
    }

    /**
     * Opens the file, and makes it when it is not there.
     *
     * @throws SinkException it cannot be opened: no rights, not a database, of a newer release. On start that is final.
     */
    public static LocalStore open(LocalStoreOptions options) throws SinkException {
        return open(options, Clock.systemUTC(), BUSY_TIMEOUT, LocalSession.Faults.NONE);
    }

    static LocalStore open(LocalStoreOptions options, Clock clock, Duration busyTimeout, LocalSession.Faults faults)
            throws SinkException {
        LocalStore store = new LocalStore(options, clock, busyTimeout, faults);
        LocalSession session = store.session();
        LOG.info(
                "Embedded store is open file={} position={} kinds={}",
                options.file(),
                session.position(),
                session.kinds().size());
        return store;
    }

    @Override
    public @Nullable UUID spoolId() {
        return spoolId;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Set<String> tables() {
        return tables;
    }

    @Override
    public void store(RowBatch batch, Parking parking) throws SinkException {
        LocalSession current = session();
        try {
            if (!storeAtOnce(current, batch, parking)) {
                current = session();
                current.store(batch, parking, true);
            }
            publish(current);
        } catch (SQLException e) {
            throw failed(SqlErrors.cause(e), "cannot store a batch in " + options.file(), e);
        } catch (IOException e) {
            throw failed(RetryCause.IO, "cannot set a row aside", e);
        } catch (RuntimeException e) {
            throw failed(RetryCause.OTHER, "cannot store a batch in " + options.file(), e);
        }
    }

    /** False when there is a row in the batch that SQLite refuses, wherever it is; all was rolled back then. */
    private boolean storeAtOnce(LocalSession current, RowBatch batch, Parking parking)
            throws SQLException, IOException {
        try {
            current.store(batch, parking, false);
            return true;
        } catch (SQLException e) {
            if (!SqlErrors.isRefusal(e)) {
                throw e;
            }
            LOG.warn("SQLite refuses a row, the batch is stored one by one to find it message={}", e.getMessage());
            session = null;
            current.close();
            return false;
        }
    }

    @Override
    public boolean upkeep() throws SinkException {
        if (options.retentionDays() == 0) {
            return false;
        }
        LocalSession current = session();
        try {
            Instant before = clock.instant().minus(options.retentionDays(), ChronoUnit.DAYS);
            return current.expire(CivilTime.format(CivilTime.pack(before.toEpochMilli())));
        } catch (SQLException e) {
            throw failed(SqlErrors.cause(e), "cannot delete old rows from " + options.file(), e);
        }
    }

    private LocalSession session() throws SinkException {
        LocalSession current = session;
        if (current != null) {
            return current;
        }
        try {
            Path directory = options.file().toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            LocalSession opened = LocalSession.open(options.file(), busyTimeout, faults);
            session = opened;
            publish(opened);
            return opened;
        } catch (SQLException e) {
            throw new SinkException(SqlErrors.cause(e), "cannot open " + options.file() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new SinkException(RetryCause.IO, "cannot make the directory of " + options.file(), e);
        }
    }

    private void publish(LocalSession current) {
        spoolId = current.spoolId();
        position = current.position();
        tables = current.kinds();
    }

    /** Rolls back by closing, and asks the file right away how far it really is. */
    private SinkException failed(RetryCause cause, String message, Exception e) {
        SinkException failure = new SinkException(cause, message + ": " + e.getMessage(), e);
        LocalSession failing = session;
        session = null;
        if (failing != null) {
            try {
                failing.close();
            } catch (SQLException again) {
                failure.addSuppressed(again);
            }
        }
        try {
            LocalSession reopened = session();
            LOG.debug("Embedded store is open again position={}", reopened.position());
        } catch (SinkException again) {
            failure.addSuppressed(again); // The next batch tries again; until then the position is the old one.
        }
        return failure;
    }

    @Override
    public void close() throws IOException {
        LocalSession current = session;
        session = null;
        if (current != null) {
            try {
                current.close();
            } catch (SQLException e) {
                throw new IOException("cannot close " + options.file(), e);
            }
        }
    }
}
