package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;

/** Whether a click's url carries our tag, as the replaced service looked for it. */
public final class UtmTag {
    private UtmTag() {}

    /**
     * Takes the text between the first and the second {@code ?} of the url (to its end if there is no second), fragment
     * included, reads it as form data, and compares the first {@code utm_source}. So {@code ?utm_source=barnebys#top}
     * is no tag and {@code /#/?utm_source=barnebys} is one.
     */
    public static boolean isIn(String url, String utmSource) {
        int start = url.indexOf('?') + 1;
        // Most urls carry no such name in any spelling; an escape in it is the only other way to write it.
        if (start == 0 || (url.indexOf("utm_source", start) < 0 && url.indexOf('%', start) < 0)) {
            return false;
        }
        int second = url.indexOf('?', start);
        byte[] form = url.substring(start, second < 0 ? url.length() : second).getBytes(StandardCharsets.UTF_8);
        int pieces = 0;
        for (int from = 0; from < form.length && pieces < Query.PIECES_MAX; pieces++) {
            int end = indexOf('&', form, from, form.length);
            int nameEnd = indexOf('=', form, from, end);
            if (PercentEncoding.decode(form, from, nameEnd).equals("utm_source")) {
                return PercentEncoding.decode(form, Math.min(nameEnd + 1, end), end)
                        .equals(utmSource);
            }
            from = end + 1;
        }
        return false;
    }

    private static int indexOf(char wanted, byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }
}
