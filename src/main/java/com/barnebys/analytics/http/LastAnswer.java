package com.barnebys.analytics.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection behind a request whose body nobody wants, or behind which the next one may not be one.
 *
 * <p>The answer says that it is the last one, and nothing that comes behind the request is looked at (RFC 9112, 9.6). What
 * is on its way of its body is read and thrown away: closed before, the connection would be reset, and the answer with it.
 */
final class LastAnswer {
    private LastAnswer() {}

    /** To be called before the answer; the connection ends with it and with the request's body. */
    static void announce(HttpServerRequest request) {
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        request.resume();
        Future<Void> unused = request.connection().shutdown(ConnectionSweeper.REQUEST_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
