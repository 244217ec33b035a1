package com.barnebys.analytics.event;

import java.nio.charset.StandardCharsets;

/** What becomes of a text that is not plain ASCII of ordinary length. */
final class Text {
    private Text() {}

    /** UTF-8 without NUL, lone surrogates as U+FFFD, cut before the character that would pass {@code bytesMax}. */
    static byte[] storable(String value, int bytesMax) {
        StringBuilder kept = new StringBuilder(Math.min(value.length(), bytesMax));
        int bytes = 0;
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            if (c == 0) {
                continue;
            }
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                c = 0xFFFD;
            }
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > bytesMax) {
                break;
            }
            kept.appendCodePoint(c);
        }
        return kept.toString().getBytes(StandardCharsets.UTF_8);
    }
}
