package com.barnebys.analytics.http;

import com.barnebys.analytics.conversion.EventRequest;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.Target;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public port: sorts requests by method and by their path as it was sent. The track route is asked first and costs
 * no Router; a path of another route goes to the Router behind; all else is the catch-all. The Router normalises and
 * decodes paths, so it is only handed those that are exactly one of its own.
 */
final class PublicHandler implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(PublicHandler.class);
    private static final byte[] WEBHOOK = PublicPaths.WEBHOOK.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COLLECT = PublicPaths.COLLECT.getBytes(StandardCharsets.US_ASCII);

    private final TrackHandler track;
    private final EventHandler events;
    private final Router router;
    private final Set<String> routes;
    private final Set<String> headRoutes;
    private final EdgeMetrics metrics;
    private final Target target = new Target();

    PublicHandler(TrackHandler track, EventHandler events, PublicRoutes routes, EdgeMetrics metrics) {
        this.track = track;
        this.events = events;
        this.router = routes.router();
        this.routes = routes.paths();
        this.headRoutes = routes.headPaths();
        this.metrics = metrics;
    }

    /** A bug of ours costs the request that meets it, and no connection hangs on it. */
    @Override
    public void handle(HttpServerRequest request) {
        try {
            route(request, System.nanoTime());
        } catch (RuntimeException e) {
            LOG.error("A request failed.", e);
            if (!request.response().headWritten()) {
                Answers.notStored(request.response());
            }
        }
    }

    private void route(HttpServerRequest request, long readNanos) {
        if (!target.readLatin1(request.uri())) {
            refuse(request, HitRoute.CATCH_ALL, readNanos);
        } else if (!request.method().equals(HttpMethod.GET)) {
            notGet(request, readNanos);
        } else if (!target.hasPath() || hasBody(request)) {
            refuse(request, routeOfTarget(), readNanos);
        } else if (target.isPath(COLLECT)) {
            collect(request, readNanos);
        } else if (routes.contains(target.path())) {
            byRouter(request);
        } else {
            track.catchAll(request, target, readNanos);
        }
    }

    private void collect(HttpServerRequest request, long readNanos) {
        if (!track.collect(request, target, readNanos)) {
            events.take(request, target, readNanos);
        }
    }

    private HitRoute routeOfTarget() {
        return target.hasPath() && target.isPath(COLLECT) ? HitRoute.COLLECT : HitRoute.CATCH_ALL;
    }

    private void byRouter(HttpServerRequest request) {
        router.handle(new ExactRequest(request, target.text(), target.path()));
    }

    private void notGet(HttpServerRequest request, long readNanos) {
        boolean isPost = request.method().equals(HttpMethod.POST);
        if (isPost && target.isPath(WEBHOOK)) {
            byRouter(request);
            return;
        }
        boolean hasBody = hasBody(request);
        if (isPost
                && !hasBody
                && target.isPath(COLLECT)
                && track.isConversionEvent(target)
                && EventRequest.isBeacon(target)) {
            events.take(request, target, readNanos);
            return;
        }
        if (!hasBody && request.method().equals(HttpMethod.HEAD) && headRoutes.contains(target.path())) {
            byRouter(request);
            return;
        }
        HitRoute route = routeOfTarget();
        metrics.skipped(route, SkipReason.METHOD);
        if (hasBody) {
            // Nobody here reads bodies.
            LastAnswer.announce(request);
        }
        Answers.noContent(request.response());
        metrics.handled(route, readNanos);
    }

    private static boolean hasBody(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        return (length != null && !length.equals("0")) || headers.contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private void refuse(HttpServerRequest request, HitRoute route, long readNanos) {
        metrics.rejected(route, Rejection.INVALID_TARGET);
        LastAnswer.announce(request);
        Answers.refused(request.response(), Rejection.INVALID_TARGET);
        metrics.handled(route, readNanos);
    }

    /** What Netty could not read as a request. The connection is ended: nobody knows where the next one begins. */
    void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof StrictRequestDecoder.EndException) {
            request.connection().close();
            return;
        }
        metrics.closed(CloseReason.MALFORMED);
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        if (cause instanceof TooLongHttpLineException) {
            Answers.text(request.response(), 414, "Request line too long");
        } else if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongFrameException) {
            Answers.text(request.response(), 431, "Headers too long");
        } else {
            Answers.text(request.response(), 400, "Malformed request");
        }
        request.connection().close();
    }

    /** A request as the Router should see it: without the fragment, which it would take for a part of the path. */
    private static final class ExactRequest extends HttpServerRequestWrapper {
        private final String uri;
        private final String path;

        ExactRequest(HttpServerRequest request, String uri, String path) {
            super((HttpServerRequestInternal) request);
            this.uri = uri;
            this.path = path;
        }

        @Override
        public String uri() {
            return uri;
        }

        @Override
        public String path() {
            return path;
        }

        /** No route here depends on the host, and old probes send none; the Router would refuse and log each. */
        @Override
        public boolean isValidAuthority() {
            return true;
        }
    }
}
