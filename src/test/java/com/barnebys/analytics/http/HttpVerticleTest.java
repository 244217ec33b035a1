package com.barnebys.analytics.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
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
        int port = TestEdge.start(vertx, new BrokenClock(), Optional.empty());

        try (RawHttp http = new RawHttp(port)) {
            assertThat(http.request("GET", "/r/collect?p=1&k=view&s=0").status())
                    .isEqualTo(503);
            assertThat(http.request("GET", "/robots.txt").status()).isEqualTo(200);
        }
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
