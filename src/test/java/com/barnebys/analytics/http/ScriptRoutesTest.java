package com.barnebys.analytics.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp;
import com.barnebys.analytics.RawHttp.Answer;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The browser library on the public port. */
class ScriptRoutesTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static int port;

    @BeforeAll
    static void start() {
        port = TestEdge.start(VERTX, Clock.systemUTC(), Optional.of("/assets/stats.js"));
    }

    @AfterAll
    static void stop() {
        VERTX.close().await();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bite.v1.js", "/v1/bite.js", "/assets/stats.js", "/bite.v1.js?v=2", "/bite.v1.js#x"})
    void isServedWhereOldPagesAndTheOperatorHaveIt(String target) throws IOException {
        Answer answer = RawHttp.get(port, target);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(answer.header("Cache-Control")).isEqualTo("public, max-age=3600");
        assertThat(answer.header("Vary")).isEqualToIgnoringCase("accept-encoding");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("Cross-Origin-Resource-Policy")).isEqualTo("cross-origin");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Content-Encoding")).isNull();
        assertThat(answer.text()).contains("BarnebysAnalyticsObject");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bite.v1.js/", "/BITE.v1.js", "/x/bite.v1.js", "//bite.v1.js", "/bite%2Ev1.js"})
    void otherPathsAreForHits(String target) throws IOException {
        assertThat(RawHttp.get(port, target).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip                    | true",
                "gzip, deflate, br, zstd | true",
                "br;q=1.0, GZIP;q=0.8    | true",
                "deflate , gzip ; q=0.1  | true",
                "gzip;q=0                | false",
                "gzip;q=0.000, br        | false",
                "br                      | false",
                "*                       | false",
                "x-gzip-ng               | false",
                "''                      | false",
            })
    void isGzippedForWhoTakesThat(String acceptEncoding, boolean isGzipped) throws IOException {
        Answer answer = RawHttp.get(port, "/bite.v1.js", "Accept-Encoding: " + acceptEncoding);

        assertThat("gzip".equals(answer.header("Content-Encoding"))).isEqualTo(isGzipped);
        assertThat(answer.header("Vary")).isEqualToIgnoringCase("accept-encoding");
    }

    @Test
    void bothFormsAreTheSameScriptUnderDifferentStrongTags() throws IOException {
        Answer plain = RawHttp.get(port, "/bite.v1.js");
        Answer gzipped = RawHttp.get(port, "/bite.v1.js", "Accept-Encoding: gzip");

        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzipped.body()))) {
            assertThat(in.readAllBytes()).isEqualTo(plain.body());
        }
        assertThat(gzipped.body()).hasSizeLessThan(3 * 1024);
        assertThat(plain.header("ETag")).matches("\"[0-9a-f]{24}\"");
        assertThat(gzipped.header("ETag")).matches("\"[0-9a-f]{24}-gzip\"");
    }

    @Test
    void whoHasItIsToldSoAndSentNothing() throws IOException {
        String etag = RawHttp.get(port, "/bite.v1.js").header("ETag");
        String gzipped =
                RawHttp.get(port, "/bite.v1.js", "Accept-Encoding: gzip").header("ETag");

        for (String known : List.of(etag, gzipped, "W/" + etag, "\"x\", " + gzipped, "*")) {
            Answer answer = RawHttp.get(port, "/v1/bite.js", "If-None-Match: " + known, "Accept-Encoding: gzip");

            assertThat(answer.status()).as(known).isEqualTo(304);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.header("ETag")).isEqualTo(gzipped);
            assertThat(answer.header("Cache-Control")).isEqualTo("public, max-age=3600");
            assertThat(answer.header("Vary")).isEqualToIgnoringCase("accept-encoding");
        }
        assertThat(RawHttp.get(port, "/bite.v1.js", "If-None-Match: \"x\"").status())
                .isEqualTo(200);
    }

    @Test
    void headSaysWhatGetWould() throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            Answer get = http.request("GET", "/bite.v1.js", "Accept-Encoding: gzip");
            Answer head = http.request("HEAD", "/bite.v1.js", "Accept-Encoding: gzip");

            assertThat(head.status()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.headers()).isEqualTo(get.headers());
            assertThat(http.request("HEAD", "/robots.txt").status()).isEqualTo(204);
            assertThat(http.request("POST", "/bite.v1.js").status()).isEqualTo(204);
        }
    }

    @Test
    void everyRouteIsTaken() {
        PublicRoutes routes = TestEdge.routes(VERTX);

        assertThat(routes.paths()).allMatch(PublicPaths::isTaken);
        assertThat(List.of("/", "/r/collect", "/r/create", "/r/fetch", "/w/collect"))
                .allMatch(PublicPaths::isTaken);
    }
}
