package com.barnebys.analytics.delivery;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Which parked row it is: its number in the spool and the first half of its SHA-256. The number alone would do, were it
 * not for spools that were emptied and began again.
 */
record RowKey(long sequence, long high, long low) {
    private static final int HEX_DIGITS = 16;

    static RowKey of(long sequence, byte[] buffer, int offset, int length) {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        sha.update(buffer, offset, length);
        ByteBuffer digest = ByteBuffer.wrap(sha.digest());
        return new RowKey(sequence, digest.getLong(), digest.getLong());
    }

    static RowKey of(long sequence, byte[] record) {
        return of(sequence, record, 0, record.length);
    }

    /** @throws RuntimeException if the text is none of {@link #toString} */
    static RowKey parse(String text) {
        int dash = text.indexOf('-');
        if (text.length() != dash + 1 + 2 * HEX_DIGITS) {
            throw new IllegalArgumentException(text);
        }
        return new RowKey(
                Long.parseLong(text.substring(0, dash)),
                HexFormat.fromHexDigitsToLong(text, dash + 1, dash + 1 + HEX_DIGITS),
                HexFormat.fromHexDigitsToLong(text, dash + 1 + HEX_DIGITS, text.length()));
    }

    boolean hasBytesOf(RowKey other) {
        return high == other.high && low == other.low;
    }

    @Override
    public String toString() {
        return sequence + "-" + HexFormat.of().toHexDigits(high)
                + HexFormat.of().toHexDigits(low);
    }
}
