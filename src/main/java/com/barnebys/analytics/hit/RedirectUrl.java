package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;

/** Where a redirect may go, and how its {@code Location} is written. */
public final class RedirectUrl {
    private static final boolean[] KEPT = new boolean[128];

    static {
        for (char c = '!'; c <= '~'; c++) {
            KEPT[c] = "\"<>\\^`{|}".indexOf(c) < 0;
        }
    }

    private RedirectUrl() {}

    /** Whether this is an absolute http or https URL with a host: a relative one would lead a visitor back to us. */
    public static boolean isAbsolute(String url) {
        int authority =
                url.regionMatches(true, 0, "http://", 0, 7) ? 7 : url.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        if (authority < 0) {
            return false;
        }
        int end = authority;
        while (end < url.length() && "/?#\\".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        int host = url.lastIndexOf('@', end - 1) + 1;
        host = Math.max(host, authority);
        return host < end && url.charAt(host) != ':';
    }

    /**
     * The URL with everything percent-encoded that a header or a URL cannot hold, as the replaced service wrote it (the
     * encodeurl package of npm): valid escapes stay; of a bad one the {@code %} and the characters looked at are encoded.
     * The result is printable ASCII, so it cannot end the header.
     */
    public static String location(String url) {
        for (int i = 0; i < url.length(); i++) {
            char c = url.charAt(i);
            if (c > 0x7F || !KEPT[c] || c == '%') {
                return encoded(url, i);
            }
        }
        return url;
    }

    private static String encoded(String url, int from) {
        StringBuilder to = new StringBuilder(url.length() + 64).append(url, 0, from);
        int length = url.length();
        int i = from;
        while (i < length) {
            char c = url.charAt(i);
            if (c != '%') {
                i += encode(url, i, KEPT, to);
                continue;
            }
            boolean isFirstHex = i + 1 < length && isHex(url.charAt(i + 1));
            boolean isSecondHex = i + 2 < length && isHex(url.charAt(i + 2));
            if (isFirstHex && (isSecondHex || i + 2 == length)) {
                to.append('%');
                i++;
                continue;
            }
            to.append("%25");
            i++;
            int looked = i == length ? 0 : isFirstHex ? 2 : 1;
            for (int end = i + looked; i < end; ) {
                i += encode(url, i, ESCAPED_BESIDE_PERCENT, to);
            }
        }
        return to.toString();
    }

    /** Beside a bad escape {@code %}, {@code [} and {@code ]} are not kept either (encodeURI of ECMAScript). */
    private static final boolean[] ESCAPED_BESIDE_PERCENT = KEPT.clone();

    static {
        ESCAPED_BESIDE_PERCENT['%'] = false;
        ESCAPED_BESIDE_PERCENT['['] = false;
        ESCAPED_BESIDE_PERCENT[']'] = false;
    }

    private static int encode(String url, int at, boolean[] kept, StringBuilder to) {
        int c = url.codePointAt(at);
        if (c < 128 && kept[c]) {
            to.append((char) c);
            return 1;
        }
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            c = 0xFFFD;
        }
        for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
            PercentEncoding.escape(b, to);
        }
        return Character.charCount(c);
    }

    private static boolean isHex(char c) {
        return PercentEncoding.hexDigit(c) >= 0;
    }
}
