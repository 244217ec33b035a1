package com.barnebys.analytics.health;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The management port: {@code /livez}, {@code /startupz}, {@code /readyz}, {@code POST /dead-letters/replay}, and what
 * others add. Off the public port, bound to loopback unless told otherwise. Up before anything else, so that a start that
 * takes long can be watched.
 */
public final class ManagementVerticle extends VerticleBase {
    private static final int IDLE_SECONDS_MAX = 60;

    private final String host;
    private final int port;
    private final Readiness readiness;
    private final Pulse pulse;
    private final Supplier<JsonObject> details;
    private final ReplayAction replay;
    private final Consumer<Router> more;
    private @Nullable HttpServer server;

    /**
     * Not listening yet.
     *
     * @param details counters and books, read at each request, also while starting; must not block
     * @param more adds further routes
     */
    public ManagementVerticle(
            String host,
            int port,
            Readiness readiness,
            Pulse pulse,
            Supplier<JsonObject> details,
            ReplayAction replay,
            Consumer<Router> more) {
        this.host = host;
        this.port = port;
        this.readiness = readiness;
        this.pulse = pulse;
        this.details = details;
        this.replay = replay;
        this.more = more;
    }

    @Override
    public Future<?> start() {
        Router router = Router.router(vertx);
        router.get("/livez").handler(context -> answer(context, pulse.stuck().isEmpty()));
        router.get("/startupz").handler(context -> answer(context, readiness.isStarted()));
        router.get("/readyz").handler(context -> answer(context, readiness.isReady()));
        router.post("/dead-letters/replay").handler(this::replay);
        more.accept(router);
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(host)
                        .setPort(port)
                        .setIdleTimeout(IDLE_SECONDS_MAX)
                        .setHttp2ClearTextEnabled(false))
                .requestHandler(router);
        return server.listen();
    }

    private void answer(RoutingContext context, boolean isUp) {
        List<String> stuck = pulse.stuck();
        JsonArray checks = new JsonArray()
                .add(check("phase", readiness.phase() == Readiness.Phase.SERVING)
                        .put("data", readiness.phase().name()))
                .add(check("start", readiness.isStarted())
                        .put(
                                "data",
                                readiness.isStarted()
                                        ? "DONE"
                                        : readiness.step().name()))
                .add(check("spool", readiness.canStore()))
                .add(check("eventLoops", stuck.isEmpty()).put("data", new JsonArray(stuck)));
        JsonObject body = new JsonObject()
                .put("status", isUp ? "UP" : "DOWN")
                .put("checks", checks)
                .mergeIn(details.get());
        context.response()
                .setStatusCode(isUp ? 200 : 503)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(body.encode());
    }

    /** Reads and writes files, so not on the event loop; one after the other. */
    private void replay(RoutingContext context) {
        vertx.executeBlocking(() -> replay.run(context.queryParams())).onComplete(answer -> {
            Throwable cause = answer.cause();
            JsonObject body = answer.result();
            int status = 200;
            if (cause != null || body == null) {
                status = cause instanceof IllegalArgumentException ? 400 : 500;
                body = new JsonObject().put("error", cause == null ? "" : cause.getMessage());
            }
            context.response()
                    .setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(body.encode());
        });
    }

    private static JsonObject check(String id, boolean isUp) {
        return new JsonObject().put("id", id).put("status", isUp ? "UP" : "DOWN");
    }

    /** The port in use, for a listener on port 0. */
    public int actualPort() {
        return server == null ? port : server.actualPort();
    }
}
