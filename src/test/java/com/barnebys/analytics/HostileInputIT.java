package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Section 10 of the protocol against the running server: whatever comes in, the answer is short, right, and no 5xx. */
class HostileInputIT {
    /** Before limits of time end such a connection: half closed it has 5 s, a request 10 s. */
    private static final int CLOSED_MILLIS_MAX = 4_000;

    @TempDir
    static Path directory;

    private static TestTracker tracker;

    @BeforeAll
    static void start() throws Exception {
        tracker = TestTracker.start(directory, Map.of("SECRET", "test", "SITE_URL", "https://www.barnebys.com"));
    }

    @AfterAll
    static void stop() {
        tracker.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 3\r\nContent-Length: 3\r\n",
                "Content-Length: 3\r\nContent-Length: 4\r\n",
                "Content-Length: 3, 3\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: +3\r\n",
                "Content-Length: 0x3\r\n",
                "Transfer-Encoding: gzip\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding : chunked\r\n",
                "X-Folded: one\r\n two\r\n",
                "X-Folded: one\r\n\ttwo\r\n",
                " X-First: one\r\n",
                "X-Spaced : one\r\n",
                "X Spaced: one\r\n",
                ": no name\r\n",
                "no colon\r\n",
                "X-Null: a\0b\r\n",
                "X-Bare: a\nX-Other: b\r\n",
                "Host: y\r\n",
                "HOST: x\r\n",
            })
    void ambiguousHeadIsRefusedAndTheConnectionEnds(String headers) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send("GET " + signedPixel("hostile") + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\nabc");

            Answer answer = http.answer(false);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
        assertThat(tracker.rows()).noneMatch(row -> "hostile".equals(row.get("programId")));
    }

    @Test
    void foldedLineIsSeenWhenItComesInTwoPackets() throws Exception {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send("GET /robots.txt HTTP/1.1\r\nHost: x\r\nX-Folded: one\r\n");
            Thread.sleep(50); // so that it is a packet of its own; in one packet the test would pass as well
            http.send(" two\r\n\r\n");

            assertThat(http.answer(false).status()).isEqualTo(400);
        }
    }

    @Test
    void foldedLineIsSeenInAPipelinedRequest() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            String good = RawHttp.head("GET", "/robots.txt", "HTTP/1.1");
            http.send(good + good.replace("\r\n\r\n", "\r\nX-Folded: one\r\n two\r\n\r\n"));

            // The first may or may not be answered before the connection ends; the second never is.
            Answer first = http.answer(false);
            Answer second = first == null || first.status() == 400 ? null : http.answer(false);
            assertThat(second == null || second.status() == 400).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /robots.txt HTTP/1.1\r\nHost: x\r\n",
                "HEAD / HTTP/1.1\r\nHost: x\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: x\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
            })
    void foldedLineIsSeenBehindAnyRequestAndEachGetsItsOwnAnswer(String first) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(first + "\r\nGET " + signedPixel("folded") + " HTTP/1.1\r\nHost: x\r\nX-A: one\r\n two\r\n\r\n");

            assertThat(http.answer(false).status()).isIn(200, 204);
            assertThat(http.answer(false).status()).isEqualTo(400);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
        assertThat(tracker.rows()).noneMatch(row -> "folded".equals(row.get("programId")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " GET /robots.txt HTTP/1.1",
                "GET  /robots.txt HTTP/1.1",
                "GET /robots.txt  HTTP/1.1",
                "GET\t/robots.txt HTTP/1.1",
                "GET /robots.txt\tHTTP/1.1",
                "GET /robots.txt\u000bHTTP/1.1",
                "GET /robots.txt\rHTTP/1.1",
                "GET /robots.txt HTTP/1.1 ",
                "GET",
                "GET /robots.txt ",
            })
    void wordsOfTheRequestLineStandOneSpaceApart(String line) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(line + "\r\nHost: x\r\n\r\n");

            assertThat(http.answer(false).status()).isEqualTo(400);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    /** Netty reads 8 bytes of body behind this head: the next request would lose its beginning. */
    @Test
    void bodyOfTheOldWebSocketDraftIsRefused() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head(
                            "GET",
                            "/robots.txt",
                            "HTTP/1.1",
                            "Upgrade: WebSocket",
                            "Sec-WebSocket-Key1: 1",
                            "Sec-WebSocket-Key2: 2")
                    + RawHttp.head("GET", signedPixel("eaten"), "HTTP/1.1"));

            assertThat(http.answer(false).status()).isEqualTo(400);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/robots.txt", "/favicon.ico", "/health-check", "/r/collect", "/"})
    void answersOfGetRoutesMayBeReadFromAnyPage(String target) throws IOException {
        assertThat(RawHttp.get(tracker.port(), target).header("access-control-allow-origin"))
                .isEqualTo("*");
    }

    @ParameterizedTest
    @CsvSource({
        "/robots.txt, HTTP/1.0",
        "/health-check, HTTP/1.0",
        "/robots.txt, HTTP/1.1",
        "/health-check, HTTP/1.1",
        "/favicon.ico, HTTP/1.1",
    })
    void probeWithoutAHostIsAnswered(String target, String version) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send("GET " + target + " " + version + "\r\n\r\n");

            assertThat(http.answer(false).status()).isIn(200, 204);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "Close", "TE, close", "close, TE", "keep-alive , CLOSE"})
    void closeIsHonouredWhereverItStandsInTheHeader(String connection) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            Answer answer = http.request("GET", "/robots.txt", "Connection: " + connection);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET /a b HTTP/1.1|400",
                "GET /\u00e5 HTTP/1.1|400",
                "GET /\u0001 HTTP/1.1|400",
                "GET /\u007f HTTP/1.1|400",
                "GET robots.txt HTTP/1.1|400",
                "GET * HTTP/1.1|400",
                "GET localhost:80 HTTP/1.1|400",
                "GET ftp://x/robots.txt HTTP/1.1|400",
                "GET / HTTP/2.0|400",
                "GET / HTTP/1.2|400",
                "GET / HTTP/0.9|400",
                "GET / HTCPCP/1.0|400",
                "GET / http/1.1|400",
                "GET /|400",
                "PRI * HTTP/2.0|400",
            })
    void requestLineThatIsNoneOfOursIsRefused(String line, int status) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(line + "\r\nHost: x\r\n\r\n");

            Answer answer = http.answer(false);

            assertThat(answer).isNotNull();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,http://localhost/robots.txt,200",
        "GET,HTTP://any.example/robots.txt?x=1,200",
        "GET,https://any.example,307",
        "GET,/robots.txt#fragment,200",
        "GET,//robots.txt,307",
        "GET,/robots.txt/,307",
        "GET,/robots.tx%74,307",
        "GET,/Robots.txt,307",
        "GET,/r/collect/,307",
        "GET,//r/collect,307",
        "GET,/r/collec%74,307",
        "GET,/./r/collect,307",
        "GET,/r/collect,400",
        "HEAD,/r/collect,204",
        "POST,/r/collect,204",
        "OPTIONS,*,204",
        "OPTIONS,/r/collect,204",
        "DELETE,/health-check,204",
        "BREW,/,204",
        "GET,/health-check,200",
    })
    void pathsAreTakenExactlyAsSent(String method, String target, int status) throws IOException {
        assertThat(RawHttp.once(tracker.port(), method, target).status()).isEqualTo(status);
    }

    @Test
    void upgradeToHttp2IsIgnored() throws IOException {
        Answer answer = RawHttp.get(
                tracker.port(),
                "/robots.txt",
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA");

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void upgradeToWebSocketIsIgnored() throws IOException {
        Answer answer = RawHttp.get(
                tracker.port(),
                "/robots.txt",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void bodyOnATrackRouteIsRefusedOrIgnoredAndNeverReadAsARequest() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            String smuggled = RawHttp.head("GET", signedPixel("smuggled"), "HTTP/1.1");
            http.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + smuggled.length() + "\r\n\r\n" + smuggled);

            assertThat(http.answer(false).status()).isEqualTo(204);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
        assertThat(tracker.rows()).noneMatch(row -> "smuggled".equals(row.get("programId")));
    }

    /** The answer says that the connection ends: whoever sent these has no answer to expect, and nothing may be stored. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
                "HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                "POST /w/collect HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /w/collect HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
            })
    void nothingIsTakenBehindALastAnswer(String last) throws IOException {
        String first = RawHttp.head("GET", signedPixel("before"), "HTTP/1.1");
        String behind = RawHttp.head("GET", signedPixel("behind"), "HTTP/1.1");
        for (String ahead : new String[] {"", first}) {
            try (RawHttp http = new RawHttp(tracker.port())) {
                http.send(ahead + last + behind + behind);

                if (!ahead.isEmpty()) {
                    assertThat(http.answer(false).status()).isEqualTo(200);
                }
                Answer answer = http.answer(last.startsWith("HEAD"));
                assertThat(answer.status()).isIn(204, 400, 401);
                assertThat(answer.header("connection")).isEqualTo("close");
                assertThat(http.isClosed(2000)).isTrue();
            }
        }
        assertThat(tracker.rows()).noneMatch(row -> "behind".equals(row.get("programId")));
    }

    /** Closed with the body on its way, the connection was reset, and a client in the middle of sending lost the answer. */
    @ParameterizedTest
    @CsvSource({"POST, 204", "PUT, 204", "GET, 400"})
    void answerToARequestWithALargeBodyArrivesAndTheConnectionEndsInPeace(String method, int status)
            throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head(method, "/", "HTTP/1.1", "Content-Length: 5000000"));
            assertThat(http.answer(false).status()).isEqualTo(status);

            http.send("x".repeat(5_000_000));

            assertThat(http.line()).isNull();
        }
    }

    @Test
    void lineAndHeadersUpTo16KiBAreTaken() throws IOException {
        String long15000 = signed("/r/collect?p=long&k=view&d1=" + "x".repeat(15_000));

        assertThat(RawHttp.get(tracker.port(), long15000).status()).isEqualTo(200);
        assertThat(RawHttp.get(tracker.port(), "/robots.txt", "X-Big: " + "z".repeat(15_000))
                        .status())
                .isEqualTo(200);
        assertThat(RawHttp.get(tracker.port(), "/" + "x".repeat(17_000)).status())
                .isEqualTo(414);
        assertThat(RawHttp.get(tracker.port(), "/robots.txt", "X-Big: " + "z".repeat(17_000))
                        .status())
                .isEqualTo(431);
        tracker.awaitDelivered();
        assertThat(tracker.rows())
                .filteredOn(row -> "long".equals(row.get("programId")))
                .singleElement()
                .satisfies(row -> assertThat((String) row.get("dimension1")).hasSize(8192));
    }

    @Test
    void errorsReflectNothing() throws IOException {
        Answer answer = RawHttp.get(tracker.port(), "/?p=reflected<b>&k=reflected&s=reflected");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).isEqualTo("Invalid signed value");
        assertThat(answer.headers().toString()).doesNotContain("reflected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/robots.txt", "SIGNED"})
    void clientThatHasClosedItsSideGetsItsAnswer(String target) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head("GET", target.equals("SIGNED") ? signedPixel("half") : target, "HTTP/1.1"));
            http.closeOutput();

            assertThat(http.answer(false).status()).isEqualTo(200);
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 50, 2000})
    void clientThatHasClosedItsSideGetsTheAnswersToAllItSentAhead(int requests) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            StringBuilder ahead = new StringBuilder();
            for (int i = 0; i < requests; i++) {
                ahead.append(RawHttp.head("GET", signed("/?p=ahead&k=view&url=http://h/" + i), "HTTP/1.1"));
            }
            http.send(ahead.toString());
            http.closeOutput();

            for (int i = 0; i < requests; i++) {
                assertThat(http.answer(false).header("location")).isEqualTo("http://h/" + i);
            }
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.2", "HTTP/2.0", "HTTP/1.10", "http/1.1", "ICAP/1.0", "HTTP/0.9", "<b>/1.1"})
    void otherVersionIsRefusedAndNotRepeated(String version) throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head("GET", signedPixel("version"), version));

            assertThat(http.line()).isEqualTo("HTTP/1.0 400 Bad Request");
        }
    }

    @Test
    void sessionIsFoundInAnyLineOfCookies() throws IOException {
        String setCookie =
                RawHttp.get(tracker.port(), signed("/?p=affiliate&k=view&a=1")).header("set-cookie");
        String session = setCookie.substring(0, setCookie.indexOf(';'));

        Answer answer = RawHttp.get(tracker.port(), signedPixel("lines"), "Cookie: a=b", "Cookie: " + session);

        assertThat(answer.header("set-cookie")).contains("Max-Age=0");
    }

    /** The session before stayed, and the next hit was a lead of a program that was not the last one. */
    @Test
    void programThatIsTooLongForACookieEndsTheSessionBefore() throws IOException {
        String program = "x".repeat(5000);

        Answer answer = RawHttp.get(tracker.port(), signed("/?p=" + program + "&k=view&a=1"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("set-cookie")).startsWith("_ba=;").contains("Max-Age=0");
    }

    @Test
    void clientThatHasClosedItsSideGetsAllAnswersItIsOwed() throws IOException {
        int count = 200;
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < count; i++) {
            requests.append(RawHttp.head("GET", signedPixel("half-" + i), "HTTP/1.1"));
        }
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(requests.toString());
            http.closeOutput();

            for (int i = 0; i < count; i++) {
                RawHttp.Answer answer = http.answer(false);
                assertThat(answer).as("answer %d", i).isNotNull();
                assertThat(answer.status()).isEqualTo(200);
            }
            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    @Test
    void clientThatClosesWithNothingDueIsClosedAtOnce() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            assertThat(http.request("GET", "/robots.txt").status()).isEqualTo(200);
            http.closeOutput();

            assertThat(http.isClosed(CLOSED_MILLIS_MAX)).isTrue();
        }
    }

    @Test
    void slowRequestIsEnded() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send("GET /robots.txt HTTP/1.1\r\nHost: x\r\n");

            boolean isEnded = false;
            // A byte each second never lets an idle timer run out; the request as a whole has 10 s.
            for (int second = 0; second < 15 && !isEnded; second++) {
                isEnded = http.isClosed(1000);
                if (!isEnded) {
                    http.send("X");
                }
            }

            assertThat(isEnded).isTrue();
        } catch (java.net.SocketException reset) {
            assertThat(reset).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
        }
    }

    private static String signedPixel(String program) {
        return signed("/r/collect?p=" + program + "&k=view");
    }

    private static String signed(String target) {
        return target + "&s=" + TestTracker.md5("test" + target);
    }
}
