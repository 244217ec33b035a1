package com.barnebys.analytics.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The routes of the public port beside the track hits, on Vert.x Web. */
final class PublicRoutes {
    /** 26 bytes: trackers are nothing to index. */
    private static final String ROBOTS = "User-agent: *\nDisallow: /\n";

    private final Router router;
    private final Set<String> paths = new LinkedHashSet<>();

    PublicRoutes(Vertx vertx, BooleanSupplier isReady) {
        router = Router.router(vertx);
        get("/robots.txt", context -> text(context, 200, "text/plain; charset=utf-8", ROBOTS));
        get("/favicon.ico", context -> Answers.noIcon(context.response()));
        get("/health-check", context -> {
            boolean isOk = isReady.getAsBoolean();
            text(context, isOk ? 200 : 500, "application/json", isOk ? "{\"msg\":\"Ok\"}" : "{\"msg\":\"Not ready\"}");
        });
    }

    private void get(String path, Handler<RoutingContext> handler) {
        paths.add(path);
        router.get(path).handler(handler);
    }

    private static void text(RoutingContext context, int status, String type, String text) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .end(text);
    }

    Router router() {
        return router;
    }

    /** The exact paths the router answers. */
    Set<String> paths() {
        return Set.copyOf(paths);
    }
}
