package com.barnebys.analytics.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp;
import com.barnebys.analytics.browser.BrowserScript;
import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.hit.KindLimit;
import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.session.SameSite;
import com.barnebys.analytics.session.SessionOptions;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpVerticleTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    @Test
    void bugOfOursCostsOneRequestAndNotTheConnection() throws IOException {
        int port = start(new BrokenClock());

        try (RawHttp http = new RawHttp(port)) {
            assertThat(http.request("GET", "/r/collect?p=1&k=view&s=0").status())
                    .isEqualTo(503);
            assertThat(http.request("GET", "/robots.txt").status()).isEqualTo(200);
        }
    }

    private int start(Clock clock) {
        EventPublisher.register(vertx);
        EdgeOptions edge = new EdgeOptions(
                new SecretRing(List.of(new Secret("test"))),
                new SessionOptions("_ba", Duration.ofHours(1), SameSite.AUTO, null),
                null,
                "barnebys",
                TrustedProxies.NONE,
                PrivacySignals.IGNORE);
        HttpVerticle verticle = new HttpVerticle(new HttpVerticle.Shared(
                new ListenerOptions("127.0.0.1", 0),
                () -> edge,
                new KindLimit(List.of()),
                () -> true,
                BrowserScript.load(Optional.empty()),
                clock,
                EdgeMetrics.NONE));
        vertx.deployVerticle(verticle).await();
        return verticle.actualPort();
    }

    /** Stands for whatever nobody thought of. */
    private static final class BrokenClock extends Clock {
        @Override
        public Instant instant() {
            throw new IllegalStateException("a bug");
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
