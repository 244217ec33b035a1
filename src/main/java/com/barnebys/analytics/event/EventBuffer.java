package com.barnebys.analytics.event;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Records one behind the other, as bus and spool carry them (see the package). Grows; filled by one thread through
 * {@link EventWriter}, read by another once it has been handed over, and not changed after that.
 */
public final class EventBuffer {
    byte[] bytes;
    int size;
    int count;

    public EventBuffer(int capacityBytes) {
        bytes = new byte[capacityBytes];
    }

    /** Records in the buffer. */
    public int count() {
        return count;
    }

    /** Bytes of all records, their lengths included. */
    public int size() {
        return size;
    }

    /** The records, without a copy. */
    public ByteBuffer toByteBuffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    /** Forgets everything behind the first {@code count} records, which are {@code size} bytes. */
    public void cut(int size, int count) {
        this.size = size;
        this.count = count;
    }

    void ensure(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
