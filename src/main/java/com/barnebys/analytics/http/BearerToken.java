package com.barnebys.analytics.http;

import com.barnebys.analytics.hit.Secret;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** What servers show to be let in: {@code Authorization: Bearer ...} (RFC 6750, 2.1). */
final class BearerToken {
    private static final String SCHEME = "Bearer ";

    private BearerToken() {}

    /** Whether the request shows that token; nothing is good enough when there is none. */
    static boolean isShown(HttpServerRequest request, @Nullable Secret token) {
        String given = request.headers().get(HttpHeaders.AUTHORIZATION);
        if (token == null || given == null || !given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        byte[] shown = given.substring(SCHEME.length()).strip().getBytes(StandardCharsets.ISO_8859_1);
        return MessageDigest.isEqual(shown, token.bytes());
    }
}
