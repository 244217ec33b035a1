package com.barnebys.analytics.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one record after another, for sinks that need values. One thread; what it hands out holds until the next
 * {@link #read}.
 *
 * <p>A field number the schema does not know is passed over: a row written by a newer version is still a row.
 */
public final class RowReader {
    /** The least tag: field numbers begin with 1, behind three bits of wire type. */
    private static final long FIELD_1 = 1 << 3;

    private static final long TAG_MAX = 0xFFFF_FFFFL;

    private byte[] tableBytes = new byte[0];
    private String table = "";
    private TableSchema schema = TableSchema.TRACK;
    private @Nullable Object[] values = new Object[TableSchema.TRACK.size()];
    private int at;
    private int end;

    /**
     * Reads a record without its {@code u32} length, as the spool hands it out.
     *
     * @throws MalformedRowException when the bytes are no record: they came from another version or a bug, for the
     *     spool has checked their sum. The record should be parked.
     */
    public void read(byte[] buffer, int offset, int length) throws MalformedRowException {
        at = offset;
        end = offset + length;
        Arrays.fill(values, null);
        readTable(buffer);
        while (at < end) {
            readField(buffer);
        }
    }

    /** The table of a record, without decoding the row. */
    public static String table(byte[] buffer, int offset, int length) throws MalformedRowException {
        RowReader reader = new RowReader();
        reader.at = offset;
        reader.end = offset + length;
        reader.readTable(buffer);
        return reader.table;
    }

    /** Where the row begins in a record: behind the table name. */
    public static int rowOffset(byte[] buffer, int offset) {
        return offset + 1 + buffer[offset];
    }

    public String table() {
        return table;
    }

    public TableSchema schema() {
        return schema;
    }

    /** The value of a column by its place in the schema: String, Boolean, Long (packed civil time) or null. */
    public @Nullable Object value(int column) {
        return values[column];
    }

    private void readTable(byte[] buffer) throws MalformedRowException {
        int length = at < end ? buffer[at] : 0;
        if (length < 1 || length > end - at - 1) {
            throw new MalformedRowException("table name of " + length + " bytes");
        }
        at++;
        // Neighbours are mostly of one table: its name is decoded once.
        if (!Arrays.equals(buffer, at, at + length, tableBytes, 0, tableBytes.length)) {
            tableBytes = Arrays.copyOfRange(buffer, at, at + length);
            table = new String(tableBytes, StandardCharsets.US_ASCII);
            schema = TableSchema.of(table);
            values = new Object[schema.size()];
        }
        at += length;
    }

    private void readField(byte[] buffer) throws MalformedRowException {
        long tag = varint(buffer);
        if (tag < FIELD_1 || tag > TAG_MAX) {
            throw new MalformedRowException("tag " + Long.toHexString(tag));
        }
        int column = (int) (tag >>> 3) - 1;
        boolean isKnown = column >= 0 && column < values.length;
        switch ((int) tag & 7) {
            case 0 -> {
                long value = varint(buffer);
                if (isKnown) {
                    values[column] = number(schema.column(column), value);
                }
            }
            case 2 -> {
                long length = varint(buffer);
                if (length < 0 || length > end - at) {
                    throw new MalformedRowException("value of " + length + " bytes");
                }
                if (isKnown) {
                    values[column] = text(schema.column(column), buffer, (int) length);
                }
                at += (int) length;
            }
            default -> throw new MalformedRowException("wire type " + (tag & 7));
        }
    }

    private static Object number(Column column, long value) throws MalformedRowException {
        return switch (column.type()) {
            case BOOLEAN -> value != 0;
            case DATETIME -> {
                if (!CivilTime.isCivil(value)) {
                    throw new MalformedRowException("no time in column " + column.name());
                }
                yield value;
            }
            case TEXT -> throw new MalformedRowException("a number in column " + column.name());
        };
    }

    private String text(Column column, byte[] buffer, int length) throws MalformedRowException {
        if (column.type() != ColumnType.TEXT) {
            throw new MalformedRowException("a text in column " + column.name());
        }
        return new String(buffer, at, length, StandardCharsets.UTF_8);
    }

    private long varint(byte[] buffer) throws MalformedRowException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw new MalformedRowException("the row ends within a number");
            }
            byte b = buffer[at++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedRowException("a number of more than 10 bytes");
    }
}
