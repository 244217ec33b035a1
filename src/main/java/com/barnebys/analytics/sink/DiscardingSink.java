package com.barnebys.analytics.sink;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Throws everything away and keeps count: {@code STORE=none}, for measuring what is in front of a sink.
 *
 * <p>The position is written to the file {@code discarded} at most once a second and on {@link #close()}; so after a
 * crash the last second is discarded again, which harms nobody, and the count starts at zero. A file that cannot be read
 * counts as none.
 */
public final class DiscardingSink implements Sink {
    private static final long SAVE_NANOS = Duration.ofSeconds(1).toNanos();

    /** In DATA_DIR: what is discarded. */
    public static final String STATE_FILE = "discarded";

    private final Path file;
    private final LongSupplier nanos;
    private volatile @Nullable UUID spoolId;
    private volatile long position;
    private volatile long discarded;
    private long saved;
    private long savedNanos;

    private DiscardingSink(Path file, LongSupplier nanos) {
        this.file = file;
        this.nanos = nanos;
        savedNanos = nanos.getAsLong();
    }

    /** Goes on where the file in the data directory says; from 0 when there is none. */
    public static DiscardingSink open(Path dataDir) throws IOException {
        return open(dataDir, System::nanoTime);
    }

    static DiscardingSink open(Path dataDir, LongSupplier nanos) throws IOException {
        Files.createDirectories(dataDir);
        DiscardingSink sink = new DiscardingSink(dataDir.resolve(STATE_FILE), nanos);
        if (Files.exists(sink.file)) {
            sink.load();
        }
        return sink;
    }

    /** {@code <spool id> <position>}; anything else, such as a file cut short, is no position. */
    private void load() throws IOException {
        String[] words = Files.readString(file).strip().split(" ", -1);
        try {
            if (words.length == 2) {
                long stored = Long.parseLong(words[1]);
                spoolId = UUID.fromString(words[0]);
                position = stored;
                saved = stored;
            }
        } catch (IllegalArgumentException e) {
            position = 0; // Discarding from the beginning of the spool is right, only slower.
        }
    }

    @Override
    public @Nullable UUID spoolId() {
        return spoolId;
    }

    @Override
    public long position() {
        return position;
    }

    /** Rows thrown away since this sink was opened. */
    public long discarded() {
        return discarded;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread stores, others only look
    public void store(RowBatch batch, Parking parking) throws SinkException {
        for (int i = 0; i < batch.rows(); i++) {
            if (batch.sequence(i) >= position) {
                discarded += batch.rows() - i;
                break;
            }
        }
        spoolId = batch.spoolId();
        position = Math.max(position, batch.nextSequence());
        if (nanos.getAsLong() - savedNanos >= SAVE_NANOS) {
            try {
                save();
            } catch (IOException e) {
                throw new SinkException(RetryCause.IO, "cannot write " + file, e);
            }
        }
    }

    @Override
    public Set<String> tables() {
        return Set.of();
    }

    @Override
    public void close() throws IOException {
        if (position != saved) {
            save();
        }
    }

    /** Beside and then over the old one, so that there is always a whole file; not flushed, a power cut may take it back. */
    private void save() throws IOException {
        savedNanos = nanos.getAsLong();
        Path whole = file.resolveSibling("discarded.new");
        Files.writeString(whole, spoolId + " " + position + "\n");
        Files.move(whole, file, ATOMIC_MOVE, REPLACE_EXISTING);
        saved = position;
    }
}
