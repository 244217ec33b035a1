package com.barnebys.analytics.http;

import com.barnebys.analytics.browser.BrowserScript;
import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.conversion.Conversions;
import com.barnebys.analytics.conversion.Webhook;
import com.barnebys.analytics.hit.KindLimit;
import com.barnebys.analytics.reference.ReferenceStore;
import com.barnebys.analytics.reference.SourceLookup;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The public port on one event loop; deployed once for each core, all on the same port. Wires, and knows nothing else.
 */
public final class HttpVerticle extends VerticleBase {
    /** Targets of 15,000 bytes are in use; the libraries' defaults of 4 and 8 KB break links. */
    static final int REQUEST_LINE_BYTES_MAX = 16 * 1024;

    static final int HEADERS_BYTES_MAX = 16 * 1024;
    /** How long requests in progress may take once the port is closed. */
    private static final Duration FINISH_MAX = Duration.ofSeconds(5);
    /**
     * How long connections that are idle stay open then: a request may be on its way to them. Longer than the way takes
     * anywhere on earth.
     */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** What all instances share. */
    public record Shared(
            ListenerOptions listener,
            Supplier<EdgeOptions> edge,
            KindLimit kinds,
            BooleanSupplier isReady,
            BooleanSupplier isStopping,
            BrowserScript script,
            ReferenceStore references,
            SourceLookup sources,
            Clock clock,
            EdgeMetrics metrics) {}

    private final Shared shared;
    private @Nullable EventPublisher publisher;
    private @Nullable ConnectionSweeper sweeper;
    private @Nullable HttpServer server;

    public HttpVerticle(Shared shared) {
        this.shared = shared;
    }

    @Override
    public Future<?> start() {
        HttpServerOptions options = serverOptions(shared.listener());
        EventPublisher events = new EventPublisher(vertx);
        ConnectionSweeper connections = new ConnectionSweeper(vertx, options, shared.isStopping(), shared.metrics());
        TrackHandler track = new TrackHandler(shared.edge(), shared.kinds(), events, shared.clock(), shared.metrics());
        Visits visits = new Visits(shared.edge());
        PublicRoutes routes = new PublicRoutes(
                vertx,
                shared.isReady(),
                shared.script(),
                new ReferenceHandler(visits, shared.references(), shared.sources(), shared.clock(), shared.metrics()),
                new WebhookHandler(visits, new Webhook(events, shared.references()), shared.clock(), shared.metrics()));
        EventHandler conversions =
                new EventHandler(visits, new Conversions(events, shared.sources()), shared.clock(), shared.metrics());
        PublicHandler handler = new PublicHandler(track, conversions, routes, shared.metrics());
        publisher = events;
        sweeper = connections;
        server = vertx.createHttpServer(options)
                .connectionHandler(connections::watch)
                .invalidRequestHandler(handler::invalid)
                .requestHandler(handler);
        return server.listen();
    }

    /** A negative port is Vert.x's word for: any free one, the same for all instances. */
    private static final int ANY_SHARED_PORT = -1;

    static HttpServerOptions serverOptions(ListenerOptions listener) {
        return new HttpServerOptions()
                .setHost(listener.host())
                .setPort(listener.port() == 0 ? ANY_SHARED_PORT : listener.port())
                .setTcpNoDelay(true)
                .setAcceptBacklog(1024)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                .setMaxHeaderSize(HEADERS_BYTES_MAX)
                .setHttp2ClearTextEnabled(false);
    }

    /** The port in use, for a listener on port 0. */
    public int actualPort() {
        return server == null ? shared.listener().port() : server.actualPort();
    }

    /**
     * Closes the port, answers what comes over the connections that are there for {@link #LINGER} and lets each end with its
     * next answer, lets requests in progress finish, then stops the clocks.
     */
    @Override
    public Future<?> stop() {
        ConnectionSweeper connections = sweeper;
        if (server == null || connections == null) {
            return Future.succeededFuture();
        }
        long unused = vertx.setTimer(LINGER.toMillis(), id -> connections.endAll());
        return server.shutdown(FINISH_MAX.toMillis(), TimeUnit.MILLISECONDS).eventually(() -> {
            if (publisher != null) {
                publisher.close();
            }
            connections.close();
            return Future.succeededFuture();
        });
    }
}
