package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The recorded examples of the service BA replaces, against the running server. Their format is described in
 * compat/README.md beside them; an example is never changed to fit the code.
 */
class ExamplesIT {
    private static final String API_TOKEN = "token-of-the-examples";
    private static final String SITE = "https://www.barnebys.com";
    private static final String SECRET = "test";

    @TempDir
    static Path directory;

    private static TestTracker tracker;
    private static final Set<Object> SEEN = new HashSet<>();

    @BeforeAll
    static void start() throws Exception {
        tracker = TestTracker.start(
                directory,
                Map.of("SECRET", SECRET, "SITE_URL", SITE, "TRUSTED_PROXIES", "127.0.0.0/8", "API_TOKEN", API_TOKEN));
    }

    @AfterAll
    static void stop() {
        tracker.close();
    }

    static Stream<JsonObject> examples() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/compat/examples.jsonl")).stream()
                .map(JsonObject::new);
    }

    /** Named by {@code name} in reports. */
    record Example(String name, JsonObject json) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Example> current() throws IOException {
        return examples().map(example -> new Example(example.getString("name"), example));
    }

    @ParameterizedTest
    @MethodSource("current")
    void isAnsweredAndStoredAsRecorded(Example example) throws IOException {
        Map<String, String> cookies = new LinkedHashMap<>();
        JsonArray steps = example.json().getJsonArray("steps", new JsonArray().add(example.json()));
        for (int i = 0; i < steps.size(); i++) {
            JsonObject step = steps.getJsonObject(i);
            Answer answer = send(step, cookies);
            checkAnswer(step, answer);
            checkSession(step, answer, cookies);
            checkRows(step);
        }
    }

    private static Answer send(JsonObject step, Map<String, String> cookies) throws IOException {
        String signed = step.getString("signed", "");
        String signature = TestTracker.md5(SECRET + signed);
        if (step.containsKey("sig_test")) {
            assertThat(signature).isEqualTo(step.getString("sig_test"));
        }
        String target = step.getString("target").replace("{sig}", signature).replace("{run}", "run1");
        List<String> headers = new ArrayList<>();
        pairs(step.getJsonArray("headers")).forEach(pair -> headers.add(pair.getString(0) + ": " + pair.getString(1)));
        for (JsonArray big : pairs(step.getJsonArray("big_headers"))) {
            JsonObject value = big.getJsonObject(1);
            headers.add(big.getString(0) + ": " + value.getString("repeat").repeat(value.getInteger("times")));
        }
        if (!cookies.isEmpty() && !"none".equals(step.getString("cookies"))) {
            headers.add("Cookie: " + String.join("; ", cookies.values()));
        }
        if (step.containsKey("auth")) {
            headers.add("Authorization: Bearer " + API_TOKEN);
        }
        byte[] body = body(step.getValue("body"));
        if (body.length > 0) {
            headers.add("Content-Length: " + body.length);
        }
        String method = step.getString("method", "GET");
        String version = step.getString("version", "HTTP/1.1");
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head(method, target, version, headers.toArray(String[]::new))
                    + new String(body, StandardCharsets.ISO_8859_1));
            return http.answer(method.equals("HEAD"));
        }
    }

    /** Text as it is, all else as JSON. */
    private static byte[] body(Object body) {
        String text = body == null ? "" : body instanceof String given ? given : Json.encode(body);
        return text.replace("{run}", "run1").getBytes(StandardCharsets.UTF_8);
    }

    private static List<JsonArray> pairs(JsonArray pairs) {
        List<JsonArray> list = new ArrayList<>();
        for (int i = 0; pairs != null && i < pairs.size(); i++) {
            list.add(pairs.getJsonArray(i));
        }
        return list;
    }

    private static void checkAnswer(JsonObject step, Answer answer) {
        if (step.getValue("status") instanceof JsonArray statuses) {
            assertThat(statuses.getList()).contains(answer.status());
        } else if (step.containsKey("status")) {
            assertThat(answer.status()).isEqualTo(step.getInteger("status"));
        }
        JsonObject headers = step.getJsonObject("expect_headers", new JsonObject());
        for (String name : headers.fieldNames()) {
            assertMatches(name, answer.header(name), headers.getValue(name));
        }
        if (step.containsKey("expect_body_b64")) {
            assertThat(answer.body()).isEqualTo(Base64.getDecoder().decode(step.getString("expect_body_b64")));
        }
        if (step.containsKey("expect_body")) {
            assertMatches("body", answer.text(), step.getValue("expect_body"));
        }
        if (step.containsKey("expect_json")) {
            assertHolds(new JsonObject(answer.text()), step.getJsonObject("expect_json"));
        }
    }

    /** All that is expected is there; objects may say more, lists not. */
    private static void assertHolds(Object actual, Object expected) {
        if (expected instanceof JsonObject members) {
            for (String name : members.fieldNames()) {
                assertHolds(((JsonObject) actual).getValue(name), members.getValue(name));
            }
        } else if (expected instanceof JsonArray items) {
            assertThat((JsonArray) actual).hasSameSizeAs(items);
            for (int i = 0; i < items.size(); i++) {
                assertHolds(((JsonArray) actual).getValue(i), items.getValue(i));
            }
        } else {
            assertMatches("json", actual, expected);
        }
    }

    /** Exact, or a regular expression behind {@code ~}; null: absent. */
    private static void assertMatches(String what, Object actual, Object expected) {
        if (expected instanceof String text && text.startsWith("~")) {
            assertThat(String.valueOf(actual)).as(what).containsPattern(text.substring(1));
        } else if (expected instanceof String text) {
            assertThat(actual).as(what).isEqualTo(text.replace("{site}", SITE).replace("{run}", "run1"));
        } else {
            assertThat(actual).as(what).isEqualTo(expected);
        }
    }

    private static void checkSession(JsonObject step, Answer answer, Map<String, String> cookies) {
        List<String> set = answer.headers().getOrDefault("set-cookie", List.of());
        String kind = set.isEmpty() ? "none" : set.get(0).startsWith("_ba=;") ? "cleared" : "set";
        if (step.containsKey("session")) {
            assertThat(kind).isEqualTo(step.getString("session"));
        }
        if (kind.equals("set")) {
            cookies.put("_ba", set.get(0).substring(0, set.get(0).indexOf(';')));
        } else if (kind.equals("cleared")) {
            cookies.remove("_ba");
        }
        if (step.containsKey("cookie_ttl")) {
            int maxAge = Integer.parseInt(set.get(0).replaceAll(".*Max-Age=(\\d+);.*", "$1"));
            JsonArray bounds = step.getJsonArray("cookie_ttl");
            assertThat(maxAge).isBetween(bounds.getInteger(0), bounds.getInteger(1));
        }
    }

    private static void checkRows(JsonObject step) {
        List<Map<String, Object>> caused = new ArrayList<>();
        for (Map<String, Object> row : tracker.rows()) {
            if (SEEN.add(row.get("eventId"))) {
                caused.add(row);
            }
        }
        JsonArray expected = step.getJsonArray("rows");
        if (expected == null) {
            return;
        }
        assertThat(caused).hasSize(expected.size());
        // Lead rows share their event's moment; the kind of row tells them apart.
        for (int i = 0; i < expected.size(); i++) {
            JsonObject row = expected.getJsonObject(i);
            assertThat(caused).anySatisfy(actual -> {
                for (String column : row.fieldNames()) {
                    assertMatches(column, actual.get(column), row.getValue(column));
                }
            });
        }
        for (Map<String, Object> row : caused) {
            assertThat((String) row.get("eventId"))
                    .matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        }
    }
}
