package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import com.barnebys.analytics.http.PublicPaths;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** docs/openapi.yaml is what the server does. */
class OpenApiIT {
    private static final String TOKEN = "Authorization: Bearer the-token";

    @TempDir
    static Path directory;

    private static TestTracker tracker;
    private static JsonObject paths;

    @BeforeAll
    static void start() throws Exception {
        tracker = TestTracker.start(directory, Map.of("API_TOKEN", "the-token"));
        paths = spec().getJsonObject("paths");
    }

    @AfterAll
    static void stop() {
        tracker.close();
    }

    private static JsonObject spec() throws IOException {
        Map<String, Object> yaml = new Yaml().load(Files.readString(Path.of("docs/openapi.yaml")));
        return new JsonObject(yaml);
    }

    @Test
    void everyRouteAndNoOtherIsDescribed() {
        assertThat(paths.fieldNames()).containsExactlyInAnyOrderElementsOf(PublicPaths.described());
    }

    static Stream<String> operations() throws IOException {
        JsonObject all = spec().getJsonObject("paths");
        return all.fieldNames().stream()
                .flatMap(path -> all.getJsonObject(path).fieldNames().stream().map(method -> method + " " + path));
    }

    /** Without any parameter, and with the token where one is described. */
    @ParameterizedTest
    @MethodSource("operations")
    void emptyRequestIsAnsweredAsDescribed(String operation) throws IOException {
        String method = operation.substring(0, operation.indexOf(' '));
        String path = operation.substring(operation.indexOf(' ') + 1);
        JsonObject described = paths.getJsonObject(path).getJsonObject(method);
        boolean isClosed = described.containsKey("security");

        Answer open = RawHttp.once(tracker.port(), method.toUpperCase(Locale.ROOT), path);
        Answer shown = RawHttp.once(tracker.port(), method.toUpperCase(Locale.ROOT), path, TOKEN);

        Set<String> statuses = described.getJsonObject("responses").fieldNames();
        if (!operation.equals("post /r/collect")) { // That is no event.
            assertThat(statuses).contains(String.valueOf(open.status()), String.valueOf(shown.status()));
        }
        assertThat(open.status() == 401).isEqualTo(isClosed);
        assertThat(shown.status()).isNotEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "/r/collect?_h=event&p=p&c=c&a=a, 200, image/gif",
        "/r/collect?_h=event&p=p, 400, text/plain",
        "/r/create?programId=p&fingerprint=f&refs=r, 200, text/plain",
        "/r/create?programId=p&fingerprint=f&refs=r, 400, text/plain",
        "/r/create?programId=p, 403, text/plain",
        "/r/fetch?ref=r, 200, application/json",
        "/r/fetch?ref=nobody, 404, application/json",
        "/r/fetch, 400, application/json",
    })
    void answersAreOfTheDescribedType(String target, int status, String type) throws IOException {
        Answer answer = RawHttp.get(tracker.port(), target, TOKEN);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith(type);
        assertThat(paths.getJsonObject(target.replaceAll("\\?.*", ""))
                        .getJsonObject("get")
                        .getJsonObject("responses")
                        .fieldNames())
                .contains(String.valueOf(status));
    }

    /** What stands in the examples is what happens. */
    @Test
    void exampleOfTheWebhookIsRight() throws IOException {
        JsonObject post = paths.getJsonObject("/w/collect").getJsonObject("post");
        JsonArray body = json(post.getJsonObject("requestBody")).getJsonArray("example");
        JsonObject expected =
                json(post.getJsonObject("responses").getJsonObject("201")).getJsonObject("example");
        JsonObject entry = body.getJsonObject(0);
        String create = "/r/create?type=barnebys&fingerprint=f&programId=" + entry.getString("programId") + "&refs="
                + entry.getString("ref");
        assertThat(RawHttp.get(tracker.port(), create).text()).isEqualTo("done");

        String text = body.encode();
        try (RawHttp http = new RawHttp(tracker.port())) {
            http.send(RawHttp.head("POST", "/w/collect", "HTTP/1.1", TOKEN, "Content-Length: " + text.length()) + text);
            Answer answer = http.answer(false);

            assertThat(answer.status()).isEqualTo(201);
            assertThat(new JsonObject(new String(answer.body(), StandardCharsets.UTF_8)))
                    .isEqualTo(expected);
        }
    }

    private static JsonObject json(JsonObject described) {
        return described.getJsonObject("content").getJsonObject("application/json");
    }
}
