package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the management port answers under {@code /demo}. DemoBrowserIT looks at it in a browser. */
class DemoIT {
    private static final String SECRET = "a-secret-that-no-page-shows";
    private static final Pattern ASSET = Pattern.compile("(?:src|href)=\"(/demo/[^\"]+)\"");
    private static final Pattern LINK = Pattern.compile("\"(http://localhost:\\d+/[^\"]*&amp;s=[0-9a-f]{64})\"");

    @TempDir
    Path directory;

    private TestTracker start(String... settings) throws Exception {
        return settings.length == 0
                ? TestTracker.start(directory, Map.of("SECRET", SECRET))
                : TestTracker.start(directory, Map.of("SECRET", SECRET, settings[0], settings[1]));
    }

    private static RawHttp.Answer get(TestTracker tracker, String path) throws IOException {
        return get(tracker, path, "localhost:" + tracker.managementPort());
    }

    private static RawHttp.Answer get(TestTracker tracker, String path, String host) throws IOException {
        try (RawHttp http = new RawHttp(tracker.managementPort())) {
            http.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return http.answer(false);
        }
    }

    /** The target of a link as the page has it. */
    private static String target(String link) {
        return link.replace("&amp;", "&").replaceFirst("http://localhost:\\d+", "");
    }

    private static List<String> found(Pattern pattern, String html) {
        return pattern.matcher(html).results().map(match -> match.group(1)).toList();
    }

    @Test
    void pagesAndWhatTheyLoadAreThere() throws Exception {
        try (TestTracker tracker = start()) {
            for (String path : List.of("/demo", "/demo/shop")) {
                RawHttp.Answer page = get(tracker, path);

                assertThat(page.status()).isEqualTo(200);
                assertThat(page.header("content-type")).isEqualTo("text/html; charset=utf-8");
                assertThat(page.header("cache-control")).isEqualTo("no-store");
                assertThat(page.header("content-security-policy"))
                        .startsWith("default-src 'self'; script-src 'self' http://localhost:" + tracker.port() + ";")
                        .doesNotContain("unsafe", "*");
                assertThat(page.text()).doesNotContain(SECRET);
                List<String> assets = found(ASSET, page.text());
                assertThat(assets).contains("/demo/demo.css", "/demo/snippet.js", "/demo/rows.js");
                for (String asset : assets) {
                    assertThat(get(tracker, asset).status()).as(asset).isEqualTo(200);
                }
            }
        }
    }

    @Test
    void linksOfThePagesAreSignedAndTheirRowsAreListed() throws Exception {
        try (TestTracker tracker = start()) {
            String html =
                    get(tracker, "/demo").text() + get(tracker, "/demo/shop").text();
            List<String> links = found(LINK, html);
            assertThat(links).hasSize(3);
            for (String link : links) {
                assertThat(RawHttp.get(tracker.port(), target(link)).status()).isIn(200, 307);
            }
            String other = "/r/collect?p=other&k=click";
            assertThat(RawHttp.get(tracker.port(), other + "&s=" + TestTracker.md5(SECRET + other))
                            .status())
                    .isEqualTo(200);
            tracker.awaitDelivered();

            JsonObject answer = new JsonObject(get(tracker, "/demo/rows").text());

            JsonArray rows = answer.getJsonArray("rows");
            assertThat(answer.getString("store")).isEqualTo("local");
            assertThat(rows.stream().map(row -> ((JsonObject) row).getString("programId")))
                    .containsExactlyInAnyOrder("demo-magazine", "demo-magazine", "demo-shop");
            assertThat(rows.stream().map(row -> ((JsonObject) row).getString("table")))
                    .containsExactlyInAnyOrder("impression", "click", "click");
            assertThat(rows.stream().map(row -> ((JsonObject) row).getString("timestamp")))
                    .isSortedAccordingTo((a, b) -> b.compareTo(a));
        }
    }

    @Test
    void beforeAnythingIsStoredTheListIsEmpty() throws Exception {
        try (TestTracker tracker = start()) {
            assertThat(get(tracker, "/demo/rows").text()).isEqualTo("{\"store\":\"local\",\"rows\":[]}");
        }
    }

    @Test
    void withAnotherStoreThereAreCounters() throws Exception {
        try (TestTracker tracker = start("STORE", "none")) {
            Matcher link = LINK.matcher(get(tracker, "/demo").text());
            assertThat(link.find()).isTrue();
            assertThat(RawHttp.get(tracker.port(), target(link.group(1))).status())
                    .isEqualTo(200);
            tracker.awaitDelivered();

            JsonObject answer = new JsonObject(get(tracker, "/demo/rows").text());

            assertThat(answer.getString("store")).isEqualTo("none");
            assertThat(answer.containsKey("rows")).isFalse();
            assertThat(answer.getJsonObject("books")
                            .getJsonObject("byTable")
                            .getJsonObject("impression")
                            .getLong("accepted"))
                    .isEqualTo(1);
        }
    }

    @Test
    void inProductionThereIsNone() throws Exception {
        try (TestTracker tracker = start("APP_ENV", "prod")) {
            for (String path : List.of("/demo", "/demo/shop", "/demo/rows", "/demo/demo.css")) {
                assertThat(get(tracker, path).status()).as(path).isEqualTo(404);
            }
        }
    }

    /** The demo would sign a redirect to there, and shows rows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "6.6.6.6",
                "localhost\r\nHost: evil.example",
                "localhost:1\"><script>",
                "localhost:99999"
            })
    void otherHostsAreRefusedAndNotRepeated(String host) throws Exception {
        try (TestTracker tracker = start()) {
            for (String path : List.of("/demo", "/demo/shop", "/demo/rows")) {
                RawHttp.Answer answer = get(tracker, path, host);

                assertThat(answer.status()).isIn(400, 421);
                assertThat(Stream.of(answer.text(), answer.headers().toString()))
                        .noneMatch(text -> text.contains("evil") || text.contains("script"));
            }
        }
    }
}
