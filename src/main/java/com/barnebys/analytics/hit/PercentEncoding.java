package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;

/**
 * Form and percent encoding as the replaced Node service read and wrote it (querystring.parse and stringify).
 *
 * <p>Reading: {@code +} is a space, escapes are UTF-8, a malformed escape stands for itself, and bytes that are no
 * UTF-8 become U+FFFD, one for each maximal bad piece (Unicode 15, 3.9, "U+FFFD Substitution of Maximal Subparts";
 * also the WHATWG decoder's way). The JDK's decoder makes one U+FFFD of an encoded surrogate where that rule makes
 * three, so bytes outside ASCII are decoded here.
 */
final class PercentEncoding {
    private static final char REPLACEMENT = '\uFFFD';
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEX_VALUES = new byte[128];
    private static final boolean[] UNRESERVED = new boolean[128];

    static {
        for (char c = 0; c < 128; c++) {
            HEX_VALUES[c] = (byte) Character.digit(c, 16);
        }
        for (char c = '0'; c <= 'z'; c++) {
            UNRESERVED[c] = Character.isLetterOrDigit(c);
        }
        for (char c : "-_.!~*'()".toCharArray()) {
            UNRESERVED[c] = true;
        }
    }

    private PercentEncoding() {}

    /** Decodes a name or a value. */
    static String decode(byte[] bytes, int from, int to) {
        int i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            long eight = EightBytes.at(bytes, i);
            if ((EightBytes.equal(eight, '%') | EightBytes.equal(eight, '+') | EightBytes.notAscii(eight)) != 0) {
                return decodeEscaped(bytes, from, to);
            }
        }
        for (; i < to; i++) {
            if (bytes[i] == '%' || bytes[i] == '+' || bytes[i] < 0) {
                return decodeEscaped(bytes, from, to);
            }
        }
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static String decodeEscaped(byte[] bytes, int from, int to) {
        byte[] decoded = new byte[to - from];
        int length = 0;
        boolean isAscii = true;
        for (int i = from; i < to; i++) {
            int b = bytes[i];
            if (b == '+') {
                b = ' ';
            } else if (b == '%' && i + 2 < to) {
                int escaped = hexDigit(bytes[i + 1]) << 4 | hexDigit(bytes[i + 2]);
                if (escaped >= 0) {
                    b = escaped;
                    i += 2;
                }
            }
            isAscii &= b >= 0 && b < 0x80;
            decoded[length++] = (byte) b;
        }
        return isAscii ? new String(decoded, 0, length, StandardCharsets.ISO_8859_1) : utf8(decoded, length);
    }

    /** 0 to 15, negative for anything else. */
    static int hexDigit(int c) {
        return c >= 0 && c < HEX_VALUES.length ? HEX_VALUES[c] : -1;
    }

    private static String utf8(byte[] bytes, int length) {
        StringBuilder text = new StringBuilder(length);
        int i = 0;
        while (i < length) {
            int lead = bytes[i++] & 0xFF;
            if (lead < 0x80) {
                text.append((char) lead);
                continue;
            }
            int more = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
            int codePoint = lead & 0x3F >> more;
            int missing = more;
            // What may follow the lead byte: no overlong forms, no surrogates, nothing above U+10FFFF.
            int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            while (missing > 0 && i < length && (bytes[i] & 0xFF) >= low && (bytes[i] & 0xFF) <= high) {
                codePoint = codePoint << 6 | (bytes[i++] & 0x3F);
                missing--;
                low = 0x80;
                high = 0xBF;
            }
            if (more == 0 || missing > 0) {
                text.append(REPLACEMENT);
            } else {
                text.appendCodePoint(codePoint);
            }
        }
        return text.toString();
    }

    /** Writes text as {@code encodeURIComponent} does: only {@code A-Z a-z 0-9 - _ . ! ~ * ' ( )} stay. */
    static void encode(String text, StringBuilder to) {
        boolean isPlain = true;
        for (int i = 0; i < text.length() && isPlain; i++) {
            char c = text.charAt(i);
            isPlain = c < 128 && UNRESERVED[c];
        }
        if (isPlain) {
            to.append(text);
            return;
        }
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= 0 && UNRESERVED[b]) {
                to.append((char) b);
            } else {
                escape(b, to);
            }
        }
    }

    /** Writes {@code %XX}, upper case. */
    static void escape(byte b, StringBuilder to) {
        to.append('%').append((char) HEX[b >> 4 & 0xF]).append((char) HEX[b & 0xF]);
    }
}
