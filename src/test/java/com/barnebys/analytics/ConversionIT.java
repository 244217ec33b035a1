package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversion events of browsers and references, against the running server. The examples have the plain cases. */
class ConversionIT {
    private static final String TOKEN = "Authorization: Bearer the-token";
    private static final AtomicInteger PROGRAMS = new AtomicInteger();

    @TempDir
    static Path directory;

    private static TestTracker tracker;

    /** A program of its own for each test. */
    private final String program = "program-" + PROGRAMS.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        tracker = TestTracker.start(directory, Map.of("API_TOKEN", "the-token", "TRUSTED_PROXIES", "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        tracker.close();
    }

    private Answer event(String rest, String... headers) throws IOException {
        return RawHttp.get(tracker.port(), "/r/collect?_h=event&p=" + program + rest, headers);
    }

    private List<Map<String, Object>> rows() {
        return tracker.rows().stream()
                .filter(row -> program.equals(row.get("programId")))
                .toList();
    }

    private Map<String, Object> row() {
        assertThat(rows()).hasSize(1);
        return rows().get(0);
    }

    // Events.

    @Test
    void beaconIsStoredLikeAnImage() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            Answer answer = http.request(
                    "POST",
                    "/r/collect?_h=event&p=" + program + "&c=bid&a=placed&v=100.10&_b=1",
                    "Content-Length: 0",
                    "User-Agent: browser",
                    "X-Forwarded-For: 203.0.113.9");
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.body()).isEmpty();
            assertThat(http.request("GET", "/robots.txt").status()).isEqualTo(200);
        }

        assertThat(row())
                .containsEntry("table", "events")
                .containsEntry("category", "bid")
                .containsEntry("action", "placed")
                .containsEntry("value", "100.10")
                .containsEntry("label", "")
                .containsEntry("userAgent", "browser")
                .containsEntry("clientIP", "203.0.113.0")
                .containsEntry("source", "other")
                .containsEntry("url", null)
                .containsEntry("sessionId", null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /r/collect?p={p}&k=view&s=0",
                "POST /r/collect?_h=event&p={p}&c=c&a=a",
                "POST /r/collect?_h=event&p={p}&c=c&a=a&_b=0&_b=1",
                "POST /r/collect?_h=Event&p={p}&c=c&a=a&_b=1",
                "POST /?_h=event&p={p}&c=c&a=a&_b=1",
                "HEAD /r/collect?_h=event&p={p}&c=c&a=a",
                "PUT /r/collect?_h=event&p={p}&c=c&a=a&_b=1",
                "OPTIONS /r/collect?_h=event&p={p}&c=c&a=a",
            })
    void nothingElseIsStoredThatIsNoGet(String request) throws IOException {
        String[] words = request.replace("{p}", program).split(" ", 2);

        assertThat(RawHttp.once(tracker.port(), words[0], words[1]).status()).isEqualTo(204);

        assertThat(rows()).isEmpty();
    }

    @Test
    void beaconWithABodyIsNotRead() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head(
                            "POST",
                            "/r/collect?_h=event&p=" + program + "&c=c&a=a&_b=1",
                            "HTTP/1.1",
                            "Content-Length: 3")
                    + "abc");
            assertThat(http.answer(false).status()).isEqualTo(204);
        }

        assertThat(rows()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"&c=c", "&a=a", "&c=&a=a", "&c=c&a", "", "&C=c&A=a"})
    void eventNeedsCategoryAndAction(String rest) throws IOException {
        Answer answer = event(rest);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).startsWith("Missing parameter");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(rows()).isEmpty();
    }

    /** Old snippets do not escape the page's address: its own query comes behind the names that count. */
    @Test
    void firstValueCountsAndAnAddressMayHaveASignature() throws IOException {
        assertThat(event("&c=bid&a=placed&_f=f&url=https://shop.example/?p=other&c=x&a=y&_f=g&s=1234")
                        .status())
                .isEqualTo(200);

        assertThat(row())
                .containsEntry("category", "bid")
                .containsEntry("sessionId", "f")
                .containsEntry("url", "https://shop.example/?p=other");
    }

    @Test
    void textsAreDecodedAndStoredAsTheyCame() throws IOException {
        assertThat(event("&c=b%C3%A5d+1&a=%F0%9F%98%80&l=%00x&v=%ff&cur=%E2%82%AC&_f=&url=")
                        .status())
                .isEqualTo(200);

        assertThat(row())
                .containsEntry("category", "båd 1")
                .containsEntry("action", "😀")
                .containsEntry("label", "x")
                .containsEntry("value", "\uFFFD")
                .containsEntry("currency", "€")
                .containsEntry("sessionId", "")
                .containsEntry("url", "");
    }

    @Test
    void eventSetsNoCookieAndNeedsNoUserAgent() throws IOException {
        assertThat(event("&c=c&a=a", "Cookie: _ba=x").header("Set-Cookie")).isNull();

        assertThat(row()).containsEntry("userAgent", null);
    }

    @ParameterizedTest
    @CsvSource({"Sec-GPC: 1", "DNT: 1"})
    void nothingOfAVisitorWhoAsksForPrivacyIsStored(String signal) throws IOException {
        assertThat(event("&c=c&a=a&_f=f", signal, "User-Agent: browser").status())
                .isEqualTo(200);

        assertThat(row())
                .containsEntry("clientIP", null)
                .containsEntry("userAgent", null)
                .containsEntry("sessionId", "f");
    }

    @Test
    void prefetchedEventIsAnsweredAndNotStored() throws IOException {
        assertThat(event("&c=c&a=a", "Sec-Purpose: prefetch;prerender").header("Content-Type"))
                .isEqualTo("image/gif");

        assertThat(rows()).isEmpty();
    }

    // References and the source of events.

    private Answer create(String rest) throws IOException {
        return RawHttp.get(tracker.port(), "/r/create?programId=" + program + rest);
    }

    @Test
    void sourceIsTheTypeOfTheFirstReferenceOfTheVisitor() throws IOException {
        assertThat(event("&c=c&a=before&_f=visitor").status()).isEqualTo(200);
        assertThat(create("&fingerprint=visitor&refs=r1&type=barnebys").text()).isEqualTo("done");
        assertThat(create("&fingerprint=visitor&refs=r2&type=other").text()).isEqualTo("done");
        assertThat(create("&fingerprint=another&refs=r1&type=newsletter").text())
                .isEqualTo("done");
        assertThat(event("&c=c&a=after&_f=visitor").status()).isEqualTo(200);
        assertThat(event("&c=c&a=another&_f=another").status()).isEqualTo(200);
        assertThat(event("&c=c&a=nobody").status()).isEqualTo(200);

        assertThat(rows())
                .extracting(row -> row.get("action") + " " + row.get("source"))
                .containsExactlyInAnyOrder("before other", "after barnebys", "another other", "nobody other");
    }

    @ParameterizedTest
    @CsvSource({
        "&refs=r, 403",
        "&fingerprint=f, 403",
        "'&fingerprint=f&refs=,', 403",
        "'&fingerprint=&refs=r', 403",
    })
    void referenceNeedsFingerprintAndRefs(String rest, int status) throws IOException {
        Answer answer = create(rest);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @Test
    void referenceThatIsTooLargeIsRefusedInWords() throws IOException {
        Answer answer = create("&refs=r&fingerprint=" + "f".repeat(129));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("fingerprint").doesNotContain("ffff");
    }

    @Test
    void fetchNeedsTheToken() throws IOException {
        create("&fingerprint=f&refs=r");
        String target = "/r/fetch?ref=r&programId=" + program;

        assertThat(RawHttp.get(tracker.port(), target).status()).isEqualTo(401);
        assertThat(RawHttp.get(tracker.port(), target, "Authorization: Bearer another")
                        .status())
                .isEqualTo(401);
        assertThat(RawHttp.get(tracker.port(), target, "Authorization: Basic the-token")
                        .status())
                .isEqualTo(401);
        Answer answer = RawHttp.get(tracker.port(), target, "authorization: bearer the-token");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(new JsonObject(answer.text()).fieldNames())
                .containsExactlyInAnyOrder(
                        "fingerprint", "refs", "type", "programId", "clientIP", "userAgent", "createdAt", "source");
        assertThat(answer.header("Content-Type")).startsWith("application/json");
    }

    @Test
    void whatIsNotFoundIsSaidInTwoWays() throws IOException {
        Answer byFingerprint = RawHttp.get(tracker.port(), "/r/fetch?fingerprint=nobody&programId=" + program, TOKEN);
        assertThat(byFingerprint.status()).isEqualTo(200);
        assertThat(byFingerprint.body()).isEmpty();

        Answer byRef = RawHttp.get(tracker.port(), "/r/fetch?ref=nobody", TOKEN);
        assertThat(byRef.status()).isEqualTo(404);
        assertThat(byRef.text()).isEqualTo("{\"error\":\"not found\"}");

        Answer byNothing = RawHttp.get(tracker.port(), "/r/fetch?programId=" + program, TOKEN);
        assertThat(byNothing.status()).isEqualTo(400);
        assertThat(new JsonObject(byNothing.text()).getString("error")).isNotBlank();
    }

    @Test
    void referenceSurvivesARestartOfTheTracker() throws Exception {
        assertThat(create("&fingerprint=f&refs=r&type=barnebys").text()).isEqualTo("done");
        tracker.close();
        start();

        assertThat(create("&fingerprint=f&refs=r").text()).isEqualTo("already created");
        assertThat(event("&c=c&a=a&_f=f").status()).isEqualTo(200);
        assertThat(row()).containsEntry("source", "barnebys");
    }
}
