package com.barnebys.analytics;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversion events of a partner's server, against the running tracker. */
class WebhookIT {
    private static final String TOKEN = "Authorization: Bearer the-token";
    private static final Map<String, String> SETTINGS = Map.of("API_TOKEN", "the-token");
    private static final AtomicInteger PROGRAMS = new AtomicInteger();

    @TempDir
    static Path directory;

    private static TestTracker tracker;

    private final String program = "program-" + PROGRAMS.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        tracker = TestTracker.start(directory, SETTINGS);
    }

    @AfterAll
    static void stop() {
        tracker.close();
    }

    private static Answer post(int port, String body, String... headers) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        List<String> all = new ArrayList<>(Arrays.asList(headers));
        all.add("Content-Length: " + bytes.length);
        try (RawHttp http = new RawHttp(port)) {
            http.send(RawHttp.head("POST", "/w/collect", "HTTP/1.1", all.toArray(String[]::new))
                    + new String(bytes, ISO_8859_1));
            return http.answer(false);
        }
    }

    @Test
    void refusedCallGetsItsAnswerWithABodyOnItsWayAndTheConnectionEnds() throws IOException {
        String body = " ".repeat(3 * 1024 * 1024);
        for (String token : List.of("Authorization: Bearer wrong", TOKEN)) {
            try (RawHttp http = new RawHttp(tracker.port())) {
                String length = "Content-Length: " + body.length();
                http.send(RawHttp.head("POST", "/w/collect", "HTTP/1.1", token, length) + body);

                assertThat(http.answer(false).status()).isEqualTo(token.equals(TOKEN) ? 413 : 401);
                assertThat(http.isClosed(4000)).isTrue();
            }
        }
    }

    private Answer post(String body, String... headers) throws IOException {
        List<String> all = new ArrayList<>(Arrays.asList(headers));
        all.add(TOKEN);
        return post(tracker.port(), body, all.toArray(String[]::new));
    }

    private void create(String ref, String type) throws IOException {
        String target = "/r/create?programId=" + program + "&fingerprint=of-" + ref + "&refs=" + ref + "&type=" + type;
        assertThat(RawHttp.get(tracker.port(), target, "User-Agent: browser").text())
                .isEqualTo("done");
    }

    private JsonObject entry(String ref) {
        return new JsonObject()
                .put("programId", program)
                .put("ref", ref)
                .put("eventCategory", "purchase")
                .put("eventAction", "completed");
    }

    private List<Map<String, Object>> rows() {
        return tracker.rows().stream()
                .filter(row -> program.equals(row.get("programId")))
                .toList();
    }

    private static JsonArray data(Answer answer) {
        assertThat(answer.status()).isEqualTo(201);
        return new JsonObject(answer.text()).getJsonArray("data");
    }

    @Test
    void eachEntryIsAnsweredInItsPlace() throws IOException {
        create("a", "barnebys");
        create("b", "other");
        JsonArray body = new JsonArray()
                .add(entry("a").put("eventValue", "1.0"))
                .add(entry("nobody"))
                .add("no object")
                .add(entry("b"))
                .add(new JsonArray().add(entry("a")))
                .add(entry("a").put("programId", "another"))
                .add(new JsonObject().put("ref", "a"))
                .add(entry("a").put("eventLabel", true))
                .add(entry("r".repeat(300)));

        Answer answer = post(body.encode());

        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        List<String> said = new ArrayList<>();
        for (Object each : data(answer)) {
            JsonObject item = (JsonObject) each;
            said.add(item.getString("status") + " " + item.getString("source") + " " + item.getString("error"));
            assertThat(item.containsKey("programId"))
                    .isEqualTo(item.getString("status").equals("hit"));
        }
        assertThat(said)
                .containsExactly(
                        "hit barnebys ",
                        "miss other Reference not found",
                        "miss other Not an object",
                        "hit other ",
                        "miss other Not an object",
                        "miss other Reference not found",
                        "miss other programId: missing",
                        "miss other eventLabel: expected a text",
                        "miss other Reference not found");
        assertThat(rows())
                .extracting(row -> row.get("sessionId") + " " + row.get("source") + " " + row.get("userAgent") + " "
                        + row.get("url"))
                .containsExactlyInAnyOrder("of-a barnebys browser ", "of-b other browser ");
    }

    @Test
    void numbersAreTheTextTheyWereWrittenAs() throws IOException {
        create("17", "other");

        data(post("{\"programId\":\"" + program + "\",\"ref\":17,\"eventCategory\":\"c\",\"eventAction\":\"a\","
                + "\"eventValue\":100.10,\"eventLabel\":1e400,\"eventCurrency\":null,\"more\":{\"x\":[1]}}"));

        assertThat(rows()).hasSize(1);
        assertThat(rows().get(0))
                .containsEntry("value", "100.10")
                .containsEntry("label", "1e400")
                .containsEntry("currency", "");
    }

    /** curl -d and PHP say it is a form unless told otherwise; of a form's names only the first kilobyte was read. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=x",
                "text/plain",
            })
    void bodyIsJsonWhateverItIsCalled(String type) throws IOException {
        create("a", "other");
        String label = "100%zz&a=b+" + "x".repeat(3000);

        Answer answer = post(entry("a").put("eventLabel", label).encode(), "Content-Type: " + type);

        assertThat(data(answer)).hasSize(1);
        assertThat(rows())
                .singleElement()
                .satisfies(row -> assertThat(row.get("label")).isEqualTo(label));
    }

    @Test
    void bodyThatBreaksOffIsAnsweredAndNothingBehindItIsRead() throws IOException {
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head("POST", "/w/collect", "HTTP/1.1", TOKEN, "Transfer-Encoding: chunked") + "zz\r\n"
                    + RawHttp.head("GET", "/robots.txt", "HTTP/1.1"));

            assertThat(http.answer(false).status()).isEqualTo(400);
            assertThat(http.answer(false)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[",
                "[{}",
                "x",
                "17",
                "\"a\"",
                "null",
                "[] []",
                "{} x",
                "{\"a\":}",
                "[1,]",
                "{\"a\":\"\u0000\"}"
            })
    void whatIsNoListAndNoEntryIsRefused(String body) throws IOException {
        Answer answer = post(body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
        assertThat(answer.text()).hasSizeLessThan(80).doesNotContain("at [Source");
    }

    @Test
    void emptyListIsTaken() throws IOException {
        assertThat(data(post("[]"))).isEmpty();
    }

    @Test
    void thousandEntriesAreTakenAndOneMoreIsNot() throws IOException {
        create("a", "other");
        String one = entry("a").encode();

        Answer taken = post("[" + (one + ",").repeat(999) + one + "]");
        assertThat(data(taken)).hasSize(1000);
        Answer refused = post("[" + (one + ",").repeat(1000) + one + "]");
        assertThat(refused.status()).isEqualTo(413);

        assertThat(rows()).hasSize(1000);
    }

    @Test
    void largeBodyIsRefusedHoweverItsSizeIsSaid() throws IOException {
        assertThat(post("[" + " ".repeat(1024 * 1024) + "]").status()).isEqualTo(413);
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head("POST", "/w/collect", "HTTP/1.1", TOKEN, "Transfer-Encoding: chunked"));
            String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
            for (int i = 0; i < 17; i++) {
                http.send(chunk);
            }
            assertThat(http.answer(false).status()).isEqualTo(413);
        }
        assertThat(post("[" + " ".repeat(1024 * 1024 - 2) + "]").status()).isEqualTo(201);
    }

    @Test
    void nothingIsTakenWithoutTheToken() throws IOException {
        create("a", "other");
        for (String header : List.of(
                "X: y", "Authorization: Bearer", "Authorization: Bearer the-token2", "Authorization: the-token")) {
            Answer answer = post(tracker.port(), entry("a").encode(), header);
            assertThat(answer.status()).as(header).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        }
        assertThat(rows()).isEmpty();
    }

    @Test
    void withoutATokenTheWebhookIsClosed(@TempDir Path other) throws Exception {
        try (TestTracker closed = TestTracker.start(other, Map.of())) {
            assertThat(post(closed.port(), "[]", "Authorization: Bearer ").status())
                    .isEqualTo(401);
            assertThat(RawHttp.get(closed.port(), "/r/fetch?ref=a", "Authorization: Bearer ")
                            .status())
                    .isEqualTo(401);
        }
    }

    // Idempotency keys.

    @Test
    void sameKeyIsAnsweredTheSameAndStoredOnce() throws Exception {
        create("a", "other");
        String key = "Idempotency-Key: invoice 1 of " + program;

        Answer first = post(entry("a").encode(), key);
        Answer again = post(entry("a").encode(), key);
        tracker.close();
        start();
        Answer afterRestart = post(entry("nobody").encode(), key);
        Answer another = post(entry("a").encode(), key + "2");

        assertThat(data(first)).hasSize(1);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(afterRestart.text()).isEqualTo(first.text());
        assertThat(another.status()).isEqualTo(201);
        assertThat(rows()).hasSize(2);
    }

    /** It went out as ? and was kept as U+FFFD. */
    @Test
    void sameKeyIsAnsweredTheSameWithALoneSurrogateInIt() throws IOException {
        String key = "Idempotency-Key: surrogate " + program;

        Answer first = post("{\"programId\":\"p\",\"ref\":\"\\ud800x\"}", key);
        Answer again = post("[]", key);

        assertThat(first.text()).contains("\"\uFFFDx\"").isEqualTo(again.text());
    }

    @Test
    void ofEqualCallsAtTheSameTimeOneIsStored() throws Exception {
        create("a", "other");
        List<CompletableFuture<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            calls.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return post(entry("a").encode(), "Idempotency-Key: parallel " + program);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }

        for (CompletableFuture<Answer> call : calls) {
            assertThat(call.get(90, TimeUnit.SECONDS).status()).isIn(201, 409);
        }

        assertThat(rows()).hasSize(1);
    }

    @Test
    void callThatIsRefusedMayBeMadeAgainUnderItsKey() throws IOException {
        create("a", "other");
        String key = "Idempotency-Key: refused " + program;

        assertThat(post("{", key).status()).isEqualTo(400);
        assertThat(post(entry("a").encode(), key).status()).isEqualTo(201);

        assertThat(rows()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\u00e9", "long"})
    void keyThatIsNoneIsRefused(String key) throws IOException {
        String given = key.equals("long") ? "k".repeat(256) : key;

        assertThat(post("[]", "Idempotency-Key: " + given).status()).isEqualTo(400);
    }

    /** Promise 2 for the webhook, with the real process. */
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void answeredEntrySurvivesKillMinusNine(@TempDir Path data) throws Exception {
        JsonObject entry = entry("a");
        try (TrackerProcess process = TrackerProcess.start(data, SETTINGS)) {
            String target = "/r/create?programId=" + program + "&fingerprint=f&refs=a";
            assertThat(RawHttp.get(process.port(), target).text()).isEqualTo("done");
            for (int i = 0; i < 50; i++) {
                assertThat(post(
                                        process.port(),
                                        entry.put("eventLabel", "n" + i).encode(),
                                        TOKEN,
                                        "Idempotency-Key: k" + i)
                                .status())
                        .isEqualTo(201);
            }
            process.kill();
        }
        try (TestTracker after = TestTracker.start(data, SETTINGS)) {
            assertThat(post(after.port(), entry.put("eventLabel", "n49").encode(), TOKEN, "Idempotency-Key: k49")
                            .status())
                    .isEqualTo(201);
            List<Object> labels =
                    after.rows().stream().map(row -> row.get("label")).toList();
            assertThat(labels).hasSize(50).doesNotHaveDuplicates();
        }
    }
}
