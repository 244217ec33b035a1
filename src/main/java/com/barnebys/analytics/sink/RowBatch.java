package com.barnebys.analytics.sink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way from the spool to a sink: copied bytes in one buffer, which grows to the largest batch and is used
 * again for the next one. One thread.
 *
 * <p>A record is {@code u8 n | table | row}, as the package {@code event} draws it, without the length in front. No
 * object is made per row; who fills the batch sets its limits.
 */
public final class RowBatch {
    private static final int KNOWN_TABLES_MAX = 64;
    private static final Pattern KIND = Pattern.compile("[A-Za-z0-9_]{1,64}");
    private static final UUID NO_SPOOL = new UUID(0, 0);

    private UUID spoolId = NO_SPOOL;
    private byte[] bytes = new byte[64 * 1024];
    private long[] sequences = new long[512];
    private int[] ends = new int[512];
    private int rows;
    private long nextSequence;

    /** Names met before, so that a row's table is compared instead of decoded. */
    private final List<String> tables = new ArrayList<>();

    private final List<byte[]> tableBytes = new ArrayList<>();
    private int lastTable;

    /** Empties the batch for rows of that spool. */
    public void clear(UUID spool) {
        spoolId = spool;
        rows = 0;
        nextSequence = 0;
    }

    /** Copies one record; the sequence numbers must ascend. */
    public void add(long sequence, byte[] buffer, int offset, int length) {
        if (rows > 0 && sequence <= sequences[rows - 1]) {
            throw new IllegalArgumentException(
                    "sequence: " + sequence + " (expected: above " + sequences[rows - 1] + ")");
        }
        if (rows == ends.length) {
            sequences = Arrays.copyOf(sequences, rows * 2);
            ends = Arrays.copyOf(ends, rows * 2);
        }
        int start = size();
        int end = Math.addExact(start, length);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length + (bytes.length >> 1)));
        }
        System.arraycopy(buffer, offset, bytes, start, length);
        sequences[rows] = sequence;
        ends[rows] = end;
        rows++;
        nextSequence = sequence + 1;
    }

    /** Sets the position behind the batch where it is more than one behind the last row: numbers may be missing there. */
    public void end(long next) {
        if (next < nextSequence) {
            throw new IllegalArgumentException("next: " + next + " (expected: at least " + nextSequence + ")");
        }
        nextSequence = next;
    }

    public UUID spoolId() {
        return spoolId;
    }

    public int rows() {
        return rows;
    }

    /** Bytes of all records. */
    public int size() {
        return rows == 0 ? 0 : ends[rows - 1];
    }

    /** Number of the first row; the batch must not be empty. */
    public long firstSequence() {
        return sequence(0);
    }

    /** The position once this batch is stored. */
    public long nextSequence() {
        return nextSequence;
    }

    public long sequence(int row) {
        return sequences[checked(row)];
    }

    /** The row of that sequence number, which must be in the batch. */
    public int indexOf(long sequence) {
        int row = Arrays.binarySearch(sequences, 0, rows, sequence);
        if (row < 0) {
            throw new IllegalArgumentException("sequence: " + sequence + " (expected: one of the batch)");
        }
        return row;
    }

    /** The buffer in which {@link #offset} and {@link #length} find a record; to be read only. */
    public byte[] buffer() {
        return bytes;
    }

    public int offset(int row) {
        return checked(row) == 0 ? 0 : ends[row - 1];
    }

    public int length(int row) {
        return ends[row] - offset(row);
    }

    /** The table of a row; null when the record says none, or one that is no kind of hit, and so cannot be a row. */
    public @Nullable String table(int row) {
        int at = offset(row);
        int nameLength = length(row) == 0 ? 0 : bytes[at];
        return nameLength < 1 || nameLength > length(row) - 1 ? null : name(at + 1, nameLength);
    }

    private @Nullable String name(int from, int length) {
        // Neighbours are mostly of one table.
        if (lastTable < tables.size() && isTable(lastTable, from, length)) {
            return tables.get(lastTable);
        }
        for (int i = 0; i < tables.size(); i++) {
            if (isTable(i, from, length)) {
                lastTable = i;
                return tables.get(i);
            }
        }
        String name = new String(bytes, from, length, StandardCharsets.US_ASCII);
        if (!KIND.matcher(name).matches()) {
            return null;
        }
        if (tables.size() < KNOWN_TABLES_MAX) {
            tables.add(name);
            tableBytes.add(Arrays.copyOfRange(bytes, from, from + length));
        }
        return name;
    }

    private boolean isTable(int table, int from, int length) {
        byte[] name = tableBytes.get(table);
        return Arrays.equals(bytes, from, from + length, name, 0, name.length);
    }

    private int checked(int row) {
        if (row < 0 || row >= rows) {
            throw new IndexOutOfBoundsException("row: " + row + " (expected: below " + rows + ")");
        }
        return row;
    }
}
