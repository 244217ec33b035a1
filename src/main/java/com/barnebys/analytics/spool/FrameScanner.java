package com.barnebys.analytics.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks the groups of one segment, and finds the next good one behind bytes that do not check.
 *
 * <p>Inside a segment the numbers are dense, so at each place there is one number a group can have. Behind damage there is
 * a small range: a record takes at least four bytes, so the bytes stepped over held at most a quarter as many records. A
 * group is believed when magic, lengths, number and checksum all agree. Where a damaged header still names a length, the
 * place behind it is tried first; then every byte. The bytes of a record may themselves look like a group (whoever sends
 * events chooses them); to be believed they would have to stand in a damaged group, behind a damaged length, and guess the
 * number.
 *
 * <p>One window of bytes, never past the limit the caller gives: bytes behind it may be half written, and caching them was
 * a bug once. One thread.
 */
final class FrameScanner {
    /** One read; also bounds the direct buffer that NIO keeps for the thread. */
    private static final int READ_BYTES = 256 << 10;

    private final CRC32C crc = new CRC32C();
    private byte[] window = new byte[READ_BYTES];
    private ByteBuffer view = ByteBuffer.wrap(window);
    private long windowAt;
    private int windowLength;

    private @Nullable SegmentFile file;
    private long limit;
    /** Where the next group is looked for, and the number it should have. */
    private long offset;

    private long expected;
    /** The end of the last good group. */
    private long goodEnd;

    private long damagedAt;
    private long groupOffset;
    private long groupFirst;
    private int groupCount;
    private int bodyAt;

    /** Goes on at a place in a segment at which a group stands or will stand, and with the number it should have. */
    void start(SegmentFile segment, long at, long sequence) {
        file = segment;
        offset = at;
        goodEnd = at;
        expected = sequence;
        damagedAt = -1;
        windowLength = 0;
    }

    /**
     * Moves to the next good group before {@code end}, or to {@code end} if there is none. No group beyond the number
     * {@code ceiling} is believed. When this throws, nothing has moved.
     */
    boolean next(long end, long ceiling) throws IOException {
        limit = end;
        damagedAt = -1;
        if (offset >= end) {
            return false;
        }
        long at = isGroup(offset, 0, ceiling) ? offset : findBehind(offset, ceiling);
        if (at != offset) {
            damagedAt = offset;
        }
        if (at < 0) {
            offset = end;
            return false;
        }
        int bodyLength = view.getInt(index(at) + Frame.BODY_LENGTH_AT);
        groupOffset = at;
        groupFirst = view.getLong(index(at) + Frame.FIRST_AT);
        groupCount = view.getInt(index(at) + Frame.COUNT_AT);
        bodyAt = index(at) + Frame.HEADER_BYTES;
        offset = at + Frame.HEADER_BYTES + bodyLength;
        goodEnd = offset;
        expected = groupFirst + groupCount;
        return true;
    }

    /** Where the last {@link #next} met bytes that do not check, or -1. */
    long damagedAt() {
        return damagedAt;
    }

    long groupOffset() {
        return groupOffset;
    }

    long groupFirst() {
        return groupFirst;
    }

    int groupCount() {
        return groupCount;
    }

    /** Where in {@link #bytes} the first record of the group begins; until the next {@link #next}. */
    int bodyAt() {
        return bodyAt;
    }

    byte[] bytes() {
        return window;
    }

    int lengthAt(int at) {
        return view.getInt(at);
    }

    long offset() {
        return offset;
    }

    long expected() {
        return expected;
    }

    long goodEnd() {
        return goodEnd;
    }

    private long findBehind(long damage, long ceiling) throws IOException {
        if (covers(damage, Frame.HEADER_BYTES)) {
            long length = view.getInt(index(damage) + Frame.BODY_LENGTH_AT);
            long claimed = damage + Frame.HEADER_BYTES + length;
            if (length >= 0 && isGroup(claimed, claimed - damage, ceiling)) {
                return claimed;
            }
        }
        long at = damage + 1;
        while (covers(at, Frame.HEADER_BYTES)) {
            int index = index(at);
            int last = windowLength - Frame.HEADER_BYTES;
            while (index <= last && view.getInt(index) != Frame.MAGIC) {
                index++;
            }
            at = windowAt + index;
            if (index <= last) {
                if (isGroup(at, at - damage, ceiling)) {
                    return at;
                }
                at++;
            }
        }
        return -1;
    }

    private boolean isGroup(long at, long skipped, long ceiling) throws IOException {
        if (!covers(at, Frame.HEADER_BYTES)) {
            return false;
        }
        int header = index(at);
        int length = view.getInt(header + Frame.BODY_LENGTH_AT);
        long first = view.getLong(header + Frame.FIRST_AT);
        int count = view.getInt(header + Frame.COUNT_AT);
        if (view.getInt(header) != Frame.MAGIC
                || length < 0
                || length > Frame.BODY_BYTES_MAX
                || count < 1
                || count > length / Frame.RECORD_BYTES_MIN
                || first < expected
                || first - expected > skipped / Frame.RECORD_BYTES_MIN
                || count > ceiling - first
                || !covers(at, Frame.HEADER_BYTES + length)) {
            return false;
        }
        int start = index(at);
        int body = start + Frame.HEADER_BYTES;
        crc.reset();
        crc.update(window, start, Frame.CRC_AT);
        crc.update(window, body, length);
        return (int) crc.getValue() == view.getInt(start + Frame.CRC_AT)
                && Frame.isWellFormed(view, body, length, count);
    }

    private int index(long at) {
        return (int) (at - windowAt);
    }

    /** Brings so many bytes into the window; false if there are not so many before the limit. */
    private boolean covers(long at, int length) throws IOException {
        long windowEnd = windowAt + windowLength;
        if (at >= windowAt && at + length <= windowEnd) {
            return true;
        }
        if (at + length > limit || file == null) {
            return false;
        }
        int kept = at >= windowAt && at < windowEnd ? (int) (windowEnd - at) : 0;
        byte[] target = length <= window.length ? window : new byte[grown(length)];
        if (kept > 0) {
            System.arraycopy(window, index(at), target, 0, kept);
        }
        if (target != window) {
            window = target;
            view = ByteBuffer.wrap(target);
        }
        windowAt = at;
        windowLength = kept;
        while (windowLength < length) {
            long readAt = windowAt + windowLength;
            int wanted = (int) Math.min(Math.min(window.length - windowLength, READ_BYTES), limit - readAt);
            int read = file.read(window, windowLength, wanted, readAt);
            if (read <= 0) {
                return false; // the file is shorter than it was: somebody cut it
            }
            windowLength += read;
        }
        return true;
    }

    private static int grown(int length) {
        return Math.min(Integer.highestOneBit(length - 1) << 1, Frame.HEADER_BYTES + Frame.BODY_BYTES_MAX);
    }
}
