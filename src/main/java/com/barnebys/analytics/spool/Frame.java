package com.barnebys.analytics.spool;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Format version 1: one group of records as it stands in a segment, all numbers big-endian.
 *
 * <pre>
 * u32 magic "EVS1" | u32 body length | u64 first sequence | u32 count | u32 crc32c(the 20 bytes before, body) | body
 * body: count x ( u32 length | bytes )
 * </pre>
 */
final class Frame {
    static final int MAGIC = 0x45565331;
    static final int HEADER_BYTES = 24;
    static final int BODY_BYTES_MAX = 8 << 20;
    /** What a record takes at least: its length. */
    static final int RECORD_BYTES_MIN = 4;

    static final int BODY_LENGTH_AT = 4;
    static final int FIRST_AT = 8;
    static final int COUNT_AT = 16;
    static final int CRC_AT = 20;

    private static final int BUFFER_BYTES_MIN = 64 << 10;

    /** Direct, or each write would copy once more. Grows to the largest group, by doubling. */
    private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES_MIN);

    private final CRC32C crc = new CRC32C();

    /** The bodies behind a header, ready to be written; valid until the next call. The bodies stay as they were. */
    ByteBuffer encode(long first, int count, List<ByteBuffer> bodies) {
        int length = bodyLength(count, bodies);
        reserve(HEADER_BYTES + length);
        buffer.clear();
        buffer.putInt(MAGIC).putInt(length).putLong(first).putInt(count).putInt(0);
        for (ByteBuffer body : bodies) {
            buffer.put(body.duplicate());
        }
        buffer.flip();
        if (!isWellFormed(buffer, HEADER_BYTES, length, count)) {
            throw new IllegalArgumentException("bodies: " + length + " bytes (expected: " + count
                    + " records, each a u32 length and so many bytes)");
        }
        crc.reset();
        crc.update(buffer.duplicate().limit(CRC_AT));
        crc.update(buffer.duplicate().position(HEADER_BYTES));
        return buffer.putInt(CRC_AT, (int) crc.getValue());
    }

    /** Whether the lengths in a body add up to it. A group that fails this could be written but never be read. */
    static boolean isWellFormed(ByteBuffer bytes, int bodyAt, int bodyLength, int count) {
        int at = bodyAt;
        int end = bodyAt + bodyLength;
        for (int i = 0; i < count; i++) {
            if (end - at < RECORD_BYTES_MIN) {
                return false;
            }
            int length = bytes.getInt(at);
            at += RECORD_BYTES_MIN;
            if (length < 0 || length > end - at) {
                return false;
            }
            at += length;
        }
        return at == end;
    }

    private static int bodyLength(int count, List<ByteBuffer> bodies) {
        if (count < 1) {
            throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
        }
        long length = 0;
        for (ByteBuffer body : bodies) {
            length += body.remaining();
        }
        if (length > BODY_BYTES_MAX) {
            throw new IllegalArgumentException("bodies: " + length + " bytes (expected: <= " + BODY_BYTES_MAX + ")");
        }
        return (int) length;
    }

    private void reserve(int bytes) {
        if (bytes > buffer.capacity()) {
            int doubled = Integer.highestOneBit(bytes - 1) << 1;
            buffer = ByteBuffer.allocateDirect(Math.min(doubled, HEADER_BYTES + BODY_BYTES_MAX));
        }
    }
}
