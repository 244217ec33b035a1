package com.barnebys.analytics.http;

import com.barnebys.analytics.browser.BrowserScript;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The routes of the public port beside the track hits, on Vert.x Web. */
final class PublicRoutes {
    /** 26 bytes: trackers are nothing to index. */
    private static final String ROBOTS = "User-agent: *\nDisallow: /\n";

    private final Router router;
    private final Set<String> paths = new LinkedHashSet<>();
    private final Set<String> headPaths = new LinkedHashSet<>();

    PublicRoutes(
            Vertx vertx,
            BooleanSupplier isReady,
            BrowserScript script,
            ReferenceHandler references,
            WebhookHandler webhook) {
        router = Router.router(vertx);
        get(PublicPaths.ROBOTS, context -> text(context, 200, "text/plain; charset=utf-8", ROBOTS));
        get(PublicPaths.ICON, context -> Answers.noIcon(context.response()));
        get(PublicPaths.HEALTH, context -> {
            boolean isOk = isReady.getAsBoolean();
            text(context, isOk ? 200 : 500, "application/json", isOk ? "{\"msg\":\"Ok\"}" : "{\"msg\":\"Not ready\"}");
        });
        get(PublicPaths.CREATE, context -> references.create(context.request()));
        get(PublicPaths.FETCH, context -> references.fetch(context.request()));
        router.post(PublicPaths.WEBHOOK)
                .handler((SecurityPolicyHandler) webhook::admit)
                .handler(BodyHandler.create(false).setBodyLimit(WebhookHandler.BODY_BYTES_MAX))
                .handler(webhook::take)
                .failureHandler(webhook::failed);
        for (String path : script.paths()) {
            get(path, context -> script.answer(context.request()));
            headPaths.add(path);
            router.head(path).handler(context -> script.answer(context.request()));
        }
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

    /** Those among them that answer HEAD as HTTP wants it, for caches in between. */
    Set<String> headPaths() {
        return Set.copyOf(headPaths);
    }
}
