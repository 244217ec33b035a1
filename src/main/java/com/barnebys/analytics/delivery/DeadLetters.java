package com.barnebys.analytics.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.barnebys.analytics.event.MalformedRowException;
import com.barnebys.analytics.event.RowReader;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.RowBatch;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rows set aside, one line of JSON each, in {@code deadletter/parked.ndjson}: when {@link #park} returns the line is on
 * the disk.
 *
 * <pre>
 * {"time":"2026-11-23T18:01:08.243Z","sequence":17,"kind":"click","reason":"MALFORMED_ROW","detail":"…","row":"base64"}
 * </pre>
 *
 * {@code row} is the record as the spool had it (RFC 4648, section 4: the alphabet with + and /), {@code kind} is null when it says none. At 64 MiB the file is renamed
 * to {@code parked-<n>.ndjson}, n counting up. After a crash between parking and storing the batch, a row is there twice
 * under one sequence number; and a line torn by a power cut stands by itself and is no JSON. Who reads has to allow for
 * both. One thread parks.
 */
public final class DeadLetters implements Parking, AutoCloseable {
    private static final long FILE_BYTES_MAX = 64L << 20;
    private static final Pattern KIND = Pattern.compile("[A-Za-z0-9_]{1,64}");

    private final Path directory;
    private final Path current;
    private final Clock clock;
    private final long fileBytesMax;
    private final DurableLines file;

    private DeadLetters(Path directory, Clock clock, long fileBytesMax, DurableLines.Opener opener) {
        this.directory = directory;
        current = directory.resolve("parked.ndjson");
        this.clock = clock;
        this.fileBytesMax = fileBytesMax;
        file = new DurableLines(current, opener);
    }

    /** Opens {@code deadletter/} in the data directory; fails where it cannot be written, before it is needed. */
    public static DeadLetters open(Path dataDir) throws IOException {
        return open(dataDir, Clock.systemUTC(), FILE_BYTES_MAX, LineFile::open);
    }

    static DeadLetters open(Path dataDir, Clock clock, long fileBytesMax, DurableLines.Opener opener)
            throws IOException {
        Path directory = dataDir.resolve("deadletter");
        Files.createDirectories(directory);
        DeadLetters letters = new DeadLetters(directory, clock, fileBytesMax, opener);
        letters.file.open();
        return letters;
    }

    @Override
    public void park(long sequence, byte[] buffer, int offset, int length, ParkReason reason, String detail)
            throws IOException {
        append(line(sequence, buffer, offset, length, reason, detail));
    }

    /** With one write and one fsync for all, however many they are; where that fails none of them is kept. */
    @Override
    public void park(RowBatch batch, SortedMap<Integer, String> details, ParkReason reason) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (var each : details.entrySet()) {
            int row = each.getKey();
            lines.writeBytes(line(
                    batch.sequence(row),
                    batch.buffer(),
                    batch.offset(row),
                    batch.length(row),
                    reason,
                    each.getValue()));
        }
        append(lines.toByteArray());
    }

    private byte[] line(long sequence, byte[] buffer, int offset, int length, ParkReason reason, String detail) {
        byte[] record = Arrays.copyOfRange(buffer, offset, offset + length);
        JsonObject line = new JsonObject()
                .put("time", clock.instant().toString())
                .put("sequence", sequence)
                .put("kind", kind(record))
                .put("reason", reason.name())
                .put("detail", detail)
                .put("row", Base64.getEncoder().encodeToString(record));
        return (line.encode() + "\n").getBytes(UTF_8);
    }

    private static @Nullable String kind(byte[] record) {
        try {
            String table = RowReader.table(record, 0, record.length);
            return KIND.matcher(table).matches() ? table : null;
        } catch (MalformedRowException e) {
            return null;
        }
    }

    private void append(byte[] lines) throws IOException {
        long size = file.size();
        if (size > 0 && size + lines.length > fileBytesMax) {
            roll();
        }
        file.append(lines);
    }

    private void roll() throws IOException {
        file.close();
        int n = 1;
        while (Files.exists(directory.resolve("parked-" + n + ".ndjson"))) {
            n++;
        }
        Files.move(current, directory.resolve("parked-" + n + ".ndjson"));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
