package com.barnebys.analytics.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import java.util.Base64;

/** What the benchmark compares with: Vert.x answering the pixel to everything, headers prepared, nothing else. */
public final class BareServer extends AbstractVerticle {
    private static final Buffer PIXEL =
            Buffer.buffer(Base64.getDecoder().decode("R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="));
    private static final MultiMap HEADERS = HttpHeaders.headers()
            .add(HttpHeaders.CONTENT_TYPE, HttpHeaders.createOptimized("image/gif"))
            .add(HttpHeaders.CACHE_CONTROL, HttpHeaders.createOptimized("public, max-age=0"))
            .add(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, HttpHeaders.createOptimized("*"))
            .add(HttpHeaders.CONTENT_LENGTH, HttpHeaders.createOptimized("43"))
            .copy(false);

    public static void main(String[] args) {
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
        vertx.deployVerticle(new BareServer()).onFailure(failure -> {
            failure.printStackTrace();
            System.exit(1);
        });
    }

    @Override
    public void start() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(Integer.parseInt(System.getenv("PORT")))
                .setTcpNoDelay(true)
                .setAcceptBacklog(1024);
        vertx.createHttpServer(options)
                .requestHandler(request -> {
                    request.response().headers().setAll(HEADERS);
                    request.response().end(PIXEL);
                })
                .listen();
    }
}
