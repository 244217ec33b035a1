package com.barnebys.analytics.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where something listens.
 *
 * @param host a name or an address, one of IPv6 in brackets
 */
record Address(String host, int port) {
    private static final Pattern FORM = Pattern.compile(
            "(?:http://)?([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))/?", Pattern.CASE_INSENSITIVE);

    /**
     * Reads {@code host:port}, also with {@code http://} in front and a slash behind, as other clients want it.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static Address parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        int port = Integer.parseInt(matcher.group(2));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(text);
        }
        return new Address(matcher.group(1), port);
    }

    String url() {
        return "http://" + this;
    }

    /** {@code host:port}. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
