package com.barnebys.analytics.http;

import com.barnebys.analytics.browser.BrowserScript;
import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.conversion.Webhook;
import com.barnebys.analytics.hit.KindLimit;
import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.reference.ReferenceMetrics;
import com.barnebys.analytics.reference.ReferenceStore;
import com.barnebys.analytics.reference.SourceLookup;
import com.barnebys.analytics.session.SameSite;
import com.barnebys.analytics.session.SessionOptions;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The public port on one event loop, with nothing behind it. */
final class TestEdge {
    /** Nobody should ask it. */
    private static final ReferenceStore NO_REFERENCES = (ReferenceStore) Proxy.newProxyInstance(
            ReferenceStore.class.getClassLoader(),
            new Class<?>[] {ReferenceStore.class},
            (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
            });

    private static final EdgeOptions EDGE = new EdgeOptions(
            new SecretRing(List.of(new Secret("test"))),
            new SessionOptions("_ba", Duration.ofHours(1), SameSite.AUTO, null),
            null,
            "barnebys",
            TrustedProxies.NONE,
            PrivacySignals.IGNORE,
            null,
            null);

    private TestEdge() {}

    /** The routes beside the track hits, registered and never called. */
    static PublicRoutes routes(Vertx vertx) {
        Visits visits = new Visits(() -> EDGE);
        SourceLookup sources = new SourceLookup(vertx, NO_REFERENCES, ReferenceMetrics.NONE, SourceLookup.WAIT_MAX);
        Webhook webhook = new Webhook(new EventPublisher(vertx), NO_REFERENCES);
        return new PublicRoutes(
                vertx,
                () -> true,
                BrowserScript.load(Optional.empty()),
                new ReferenceHandler(visits, NO_REFERENCES, sources, Clock.systemUTC(), EdgeMetrics.NONE),
                new WebhookHandler(visits, webhook, Clock.systemUTC(), EdgeMetrics.NONE));
    }

    /** Starts it on a free port, which is returned. */
    static int start(Vertx vertx, Clock clock, Optional<String> scriptPath) {
        EventPublisher.register(vertx);
        HttpVerticle verticle = new HttpVerticle(new HttpVerticle.Shared(
                new ListenerOptions("127.0.0.1", 0),
                () -> EDGE,
                new KindLimit(List.of()),
                () -> true,
                () -> false,
                BrowserScript.load(scriptPath),
                NO_REFERENCES,
                new SourceLookup(vertx, NO_REFERENCES, ReferenceMetrics.NONE, SourceLookup.WAIT_MAX),
                clock,
                EdgeMetrics.NONE));
        vertx.deployVerticle(verticle).await();
        return verticle.actualPort();
    }
}
