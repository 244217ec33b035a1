package com.barnebys.analytics.http;

import com.barnebys.analytics.hit.EightBytes;
import io.netty.buffer.ByteBuf;

/** Looks through the lines of request heads, in a copy, which is cheaper than asking Netty's buffer. One event loop. */
final class HeadLines {
    private byte[] copy = new byte[4096];

    /**
     * Whether a line begins with a blank, and so goes on with the one before it.
     *
     * @param from the beginning of a line
     * @param to the end of a line
     */
    boolean hasFolded(ByteBuf head, int from, int to) {
        int length = to - from;
        // Seven bytes of slack, so that the last eight can be read at once.
        if (length + Long.BYTES > copy.length) {
            copy = new byte[Math.max(length + Long.BYTES, copy.length * 2)];
        }
        head.getBytes(from, copy, 0, length);
        if (length > 0 && isBlank(copy[0])) {
            return true;
        }
        for (int at = 0; at < length; at += Long.BYTES) {
            long newlines = EightBytes.equal(EightBytes.at(copy, at), '\n');
            for (; newlines != 0; newlines &= newlines - 1) {
                int next = at + EightBytes.first(newlines) + 1;
                if (next < length && isBlank(copy[next])) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }
}
