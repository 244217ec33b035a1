package com.barnebys.analytics.http;

/**
 * Where the public port listens.
 *
 * @param port 0 for any free one
 */
public record ListenerOptions(String host, int port) {
    public ListenerOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("PORT: " + port + " (expected: 0 to 65535)");
        }
    }
}
