package com.barnebys.analytics.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Encodes events into an {@link EventBuffer}, each row under an id of its own. One thread.
 *
 * <p>Written by hand because the class generated from a .proto would build an object and intern nothing: this is the
 * only place where a row is encoded, and it runs on the event loop for every hit.
 */
public final class EventWriter {
    /** A longer text is cut here, at the border of a character. */
    public static final int VALUE_BYTES_MAX = 8192;

    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private static final int PROGRAM_ID = field("programId");
    private static final int LEAD = field("lead");
    private static final int URL = field("url");
    private static final int CLIENT_IP = field("clientIP");
    private static final int USER_AGENT = field("userAgent");
    private static final int DIMENSION1 = field("dimension1");
    private static final int DIMENSION2 = field("dimension2");
    private static final int DIMENSION3 = field("dimension3");
    private static final int DIMENSION4 = field("dimension4");
    private static final int DIMENSION5 = field("dimension5");
    private static final int IS_SPONSORED = field("isSponsored");
    private static final int DEAL_TYPE = field("dealType");
    private static final int TIMESTAMP = field("timestamp");
    private static final int HAS_UTM_TAG = field("hasUTMTag");
    private static final int SOURCE = field("source");
    private static final int HAS_FINGERPRINT = field("hasFingerprint");
    private static final int EVENT_ID = field("eventId");

    /** Columns of {@link TableSchema#EVENTS}. */
    private static final class Conversion {
        static final int PROGRAM_ID = field(TableSchema.EVENTS, "programId");
        static final int URL = field(TableSchema.EVENTS, "url");
        static final int CLIENT_IP = field(TableSchema.EVENTS, "clientIP");
        static final int USER_AGENT = field(TableSchema.EVENTS, "userAgent");
        static final int CATEGORY = field(TableSchema.EVENTS, "category");
        static final int ACTION = field(TableSchema.EVENTS, "action");
        static final int LABEL = field(TableSchema.EVENTS, "label");
        static final int VALUE = field(TableSchema.EVENTS, "value");
        static final int CURRENCY = field(TableSchema.EVENTS, "currency");
        static final int SOURCE = field(TableSchema.EVENTS, "source");
        static final int SESSION_ID = field(TableSchema.EVENTS, "sessionId");
        static final int TIMESTAMP = field(TableSchema.EVENTS, "timestamp");
        static final int EVENT_ID = field(TableSchema.EVENTS, "eventId");
    }

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long TOP_BITS = 0x8080_8080_8080_8080L;

    private final EventIds ids;
    private long second = Long.MIN_VALUE;
    private long packedSecond;

    public EventWriter(EventIds ids) {
        this.ids = ids;
    }

    private static int field(String column) {
        return field(TableSchema.TRACK, column);
    }

    private static int field(TableSchema schema, String column) {
        return schema.column(schema.indexOf(column)).field();
    }

    /** Appends one record. */
    public void write(TrackEvent event, EventBuffer to) {
        int start = to.size;
        to.ensure(5 + event.table().length());
        to.size += 4;
        table(event.table(), to);
        text(PROGRAM_ID, event.programId(), to);
        bool(LEAD, event.isLead(), to);
        text(URL, event.url(), to);
        text(CLIENT_IP, event.clientIp(), to);
        latin1(USER_AGENT, event.userAgent(), to);
        text(DIMENSION1, event.dimension1(), to);
        text(DIMENSION2, event.dimension2(), to);
        text(DIMENSION3, event.dimension3(), to);
        text(DIMENSION4, event.dimension4(), to);
        text(DIMENSION5, event.dimension5(), to);
        bool(IS_SPONSORED, event.isSponsored(), to);
        text(DEAL_TYPE, event.dealType(), to);
        datetime(TIMESTAMP, event.timestampMillis(), to);
        bool(HAS_UTM_TAG, event.hasUtmTag(), to);
        TrackEvent.Click click = event.click();
        if (click != null) {
            text(SOURCE, click.source(), to);
            bool(HAS_FINGERPRINT, click.hasFingerprint(), to);
        }
        id(EVENT_ID, event.timestampMillis(), to);
        length(start, to);
        to.count++;
    }

    /** Appends one record: a conversion event. */
    public void write(ConversionEvent event, EventBuffer to) {
        int start = to.size;
        to.ensure(5 + TableSchema.EVENTS_TABLE.length());
        to.size += 4;
        table(TableSchema.EVENTS_TABLE, to);
        text(Conversion.PROGRAM_ID, event.programId(), to);
        text(Conversion.URL, event.url(), to);
        text(Conversion.CLIENT_IP, event.clientIp(), to);
        text(Conversion.USER_AGENT, event.userAgent(), to);
        text(Conversion.CATEGORY, event.category(), to);
        text(Conversion.ACTION, event.action(), to);
        text(Conversion.LABEL, event.label(), to);
        text(Conversion.VALUE, event.value(), to);
        text(Conversion.CURRENCY, event.currency(), to);
        text(Conversion.SOURCE, event.source(), to);
        text(Conversion.SESSION_ID, event.sessionId(), to);
        datetime(Conversion.TIMESTAMP, event.timestampMillis(), to);
        if (event.eventId() == null) {
            id(Conversion.EVENT_ID, event.timestampMillis(), to);
        } else {
            text(Conversion.EVENT_ID, event.eventId(), to);
        }
        length(start, to);
        to.count++;
    }

    private static void length(int start, EventBuffer to) {
        int length = to.size - start - 4;
        to.bytes[start] = (byte) (length >>> 24);
        to.bytes[start + 1] = (byte) (length >>> 16);
        to.bytes[start + 2] = (byte) (length >>> 8);
        to.bytes[start + 3] = (byte) length;
    }

    /** A kind is checked ASCII of at most 64 characters, so one byte each and one byte of length. */
    @SuppressWarnings("deprecation") // String.getBytes(int, int, byte[], int) is the copy without a temporary array
    private static void table(String table, EventBuffer to) {
        to.bytes[to.size++] = (byte) table.length();
        table.getBytes(0, table.length(), to.bytes, to.size);
        to.size += table.length();
    }

    private static void bool(int field, boolean value, EventBuffer to) {
        to.ensure(3);
        tag(field, VARINT, to);
        to.bytes[to.size++] = (byte) (value ? 1 : 0);
    }

    private void datetime(int field, long epochMillis, EventBuffer to) {
        long now = Math.floorDiv(epochMillis, 1000L);
        if (now != second) {
            second = now;
            packedSecond = CivilTime.packSeconds(now);
        }
        to.ensure(12);
        tag(field, VARINT, to);
        varint(packedSecond << 20 | (epochMillis - now * 1000L) * 1000L, to);
    }

    private void id(int field, long epochMillis, EventBuffer to) {
        to.ensure(3 + EventIds.LENGTH);
        tag(field, LENGTH_DELIMITED, to);
        to.bytes[to.size++] = EventIds.LENGTH;
        ids.next(epochMillis, to.bytes, to.size);
        to.size += EventIds.LENGTH;
    }

    private static void text(int field, @Nullable String value, EventBuffer to) {
        if (value == null) {
            return;
        }
        int length = value.length();
        to.ensure(8 + length);
        int start = to.size;
        tag(field, LENGTH_DELIMITED, to);
        varint(length, to);
        if (length <= VALUE_BYTES_MAX && ascii(value, to.bytes, to.size)) {
            to.size += length;
        } else {
            to.size = start;
            bytes(field, Text.storable(value, VALUE_BYTES_MAX), to);
        }
    }

    /**
     * As {@link #text}, for a text in which each character is a byte: it is copied first and looked at then, eight at a
     * time. The user agent is a third of a row.
     */
    @SuppressWarnings("deprecation") // String.getBytes(int, int, byte[], int) is the plain copy, which is wanted here
    private static void latin1(int field, @Nullable String value, EventBuffer to) {
        int length = value == null ? 0 : value.length();
        if (value == null || length > VALUE_BYTES_MAX) {
            text(field, value, to);
            return;
        }
        to.ensure(8 + length + Long.BYTES);
        int start = to.size;
        tag(field, LENGTH_DELIMITED, to);
        varint(length, to);
        value.getBytes(0, length, to.bytes, to.size);
        if (isPlain(to.bytes, to.size, to.size + length)) {
            to.size += length;
        } else {
            to.size = start;
            text(field, value, to);
        }
    }

    /** Whether all are ASCII and not NUL. Overwrites the seven bytes behind. */
    private static boolean isPlain(byte[] bytes, int from, int to) {
        Arrays.fill(bytes, to, to + Long.BYTES - 1, (byte) ' ');
        long refused = 0;
        for (int i = from; i < to; i += Long.BYTES) {
            long eight = (long) EIGHT.get(bytes, i);
            // A borrow from a byte of 0 may add others to the mask; then it is not 0 anyhow.
            refused |= eight | ((eight - ONES) & ~eight);
        }
        return (refused & TOP_BITS) == 0;
    }

    /** Copies the text, and says whether each character was one byte of UTF-8 and not NUL; else the copy is no good. */
    private static boolean ascii(String value, byte[] bytes, int at) {
        // Looked at all together behind the loop: without a way out in the middle it runs twice as fast.
        int seen = 0;
        for (int i = 0; i < value.length(); i++) {
            int c = value.charAt(i);
            seen |= c | (c - 1);
            bytes[at + i] = (byte) c;
        }
        return (seen & ~0x7F) == 0;
    }

    private static void bytes(int field, byte[] value, EventBuffer to) {
        to.ensure(8 + value.length);
        tag(field, LENGTH_DELIMITED, to);
        varint(value.length, to);
        System.arraycopy(value, 0, to.bytes, to.size, value.length);
        to.size += value.length;
    }

    private static void tag(int field, int wireType, EventBuffer to) {
        varint((long) field << 3 | wireType, to);
    }

    private static void varint(long value, EventBuffer to) {
        while ((value & ~0x7FL) != 0) {
            to.bytes[to.size++] = (byte) (value | 0x80);
            value >>>= 7;
        }
        to.bytes[to.size++] = (byte) value;
    }
}
