package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A request target as it was sent, as bytes: where its path and query are. Nothing is decoded, normalised or re-ordered.
 * One thread; reused from request to request so that the hot path allocates nothing here.
 */
public final class Target {
    private byte[] bytes = new byte[1024];
    private int end;
    private int pathStart;
    private int pathEnd;
    private int queryStart;

    /**
     * Takes a target. A fragment ({@code #...}) is cut off.
     *
     * @return false when it holds anything but printable ASCII (0x21 to 0x7E). Nothing else may look at it then: MD5
     *     signatures can be extended by whoever gets NUL or 0x80 hashed.
     */
    public boolean read(String raw) {
        int length = raw.length();
        if (length > bytes.length) {
            bytes = new byte[Math.max(length, 2 * bytes.length)];
        }
        for (int i = 0; i < length; i++) {
            char c = raw.charAt(i);
            if (c < 0x21 || c > 0x7E) {
                clear();
                return false;
            }
            bytes[i] = (byte) c;
        }
        cut(length, indexOf('#', 0, length));
        return true;
    }

    /**
     * As {@link #read}, eight characters at a time, for a text in which every character is a byte: a server reads request
     * lines as Latin-1. A character above 0xFF would be taken for its lower half.
     */
    @SuppressWarnings("deprecation") // String.getBytes(int, int, byte[], int) is the plain copy, which is wanted here
    public boolean readLatin1(String raw) {
        int length = raw.length();
        if (length + Long.BYTES > bytes.length) {
            bytes = new byte[Math.max(length + Long.BYTES, 2 * bytes.length)];
        }
        raw.getBytes(0, length, bytes, 0);
        Arrays.fill(bytes, length, length + Long.BYTES, (byte) '!');
        boolean hasFragment = false;
        for (int i = 0; i < length; i += Long.BYTES) {
            long eight = EightBytes.at(bytes, i);
            if (EightBytes.notPrintable(eight) != 0) {
                clear();
                return false;
            }
            hasFragment |= EightBytes.equal(eight, '#') != 0;
        }
        cut(length, hasFragment ? indexOf('#', 0, length) : length);
        return true;
    }

    private void cut(int length, int fragment) {
        end = fragment;
        pathEnd = indexOf('?', 0, fragment);
        queryStart = Math.min(pathEnd + 1, end);
        pathStart = length > 0 && bytes[0] == '/' ? 0 : pathOfAbsoluteForm();
    }

    private int indexOf(char wanted, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }

    /** A refused target is empty, not the mixture of two that the bytes hold by then. */
    private void clear() {
        end = 0;
        pathStart = -1;
        pathEnd = 0;
        queryStart = 0;
    }

    /** Where the path begins in {@code http://host/path?query}; -1 when this is no such form. */
    private int pathOfAbsoluteForm() {
        int authority = startsWithIgnoringCase("http://") ? 7 : startsWithIgnoringCase("https://") ? 8 : -1;
        if (authority < 0) {
            return -1;
        }
        return indexOf('/', authority, pathEnd);
    }

    private boolean startsWithIgnoringCase(String prefix) {
        if (pathEnd < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (Character.toLowerCase((char) bytes[i]) != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether this is a path or an absolute http(s) URL; {@code *} and {@code host:port} are not. */
    public boolean hasPath() {
        return pathStart >= 0;
    }

    /** Whether the path is exactly this, as sent. */
    public boolean isPath(byte[] path) {
        return Arrays.equals(bytes, Math.max(0, pathStart), pathEnd, path, 0, path.length);
    }

    /** The path as sent, empty for an absolute URL without one. */
    public String path() {
        return text(Math.max(0, pathStart), pathEnd);
    }

    /** All of it up to the fragment. */
    public String text() {
        return text(0, end);
    }

    String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    byte[] bytes() {
        return bytes;
    }

    int queryStart() {
        return queryStart;
    }

    int end() {
        return end;
    }

    /** Where the last {@code &s=} of the query begins; -1 when it has none. */
    int lastSignature() {
        for (int i = end - 3; i >= queryStart; i--) {
            if (bytes[i] == '&' && bytes[i + 1] == 's' && bytes[i + 2] == '=') {
                return i;
            }
        }
        return -1;
    }
}
