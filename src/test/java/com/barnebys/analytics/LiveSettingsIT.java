package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import com.barnebys.analytics.config.Setting;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real jar and a ConfigMap that is changed under it. */
class LiveSettingsIT {
    private static final Duration CHANGE_MAX = Duration.ofSeconds(60);
    /** Signs what a case needs signed, and stays in SECRETS_PREVIOUS. */
    private static final String STEADY = "steady";

    @TempDir
    private static Path directory;

    private static Path data;
    private static MountedVolume volume;
    private static TrackerProcess tracker;
    private static int changes;

    private Map<String, String> inForce = Map.of();
    private int links;

    /** What the outside sees of a setting. */
    private interface Effect {
        String seen() throws Exception;
    }

    private record Case(String name, String before, String after, Effect effect, String seenBefore, String seenAfter) {}

    // spotless:off
    private final List<Case> cases = List.of(
            new Case("SECRET", "key-first", "key-second", () -> pixel("key-first").status() + " " + pixel("key-second").status(), "200 400", "400 200"),
            new Case("SECRETS_PREVIOUS", STEADY + ",key-third", STEADY + ",key-fourth", () -> pixel("key-third").status() + " " + pixel("key-fourth").status(), "200 400", "400 200"),
            new Case("SESSION_MAX_AGE", "60", "5", () -> ofCookie("Max-Age"), "3600", "300"),
            new Case("COOKIE_SAME_SITE", "lax", "strict", () -> ofCookie("SameSite"), "Lax", "Strict"),
            new Case("COOKIE_DOMAIN", "a.example", "b.example", () -> ofCookie("Domain"), "a.example", "b.example"),
            new Case("SITE_URL", "https://a.example/", "https://b.example/", () -> get("/?p=incomplete").header("Location"), "https://a.example/", "https://b.example/"),
            new Case("UTM_SOURCE", "a", "b", () -> ofRow("hasUTMTag"), "false", "true"),
            new Case("TRUSTED_PROXIES", "10.0.0.0/8", "127.0.0.1", () -> ofRow("clientIP", "X-Forwarded-For: 203.0.113.9"), "127.0.0.0", "203.0.113.0"),
            new Case("PRIVACY_SIGNALS", "ignore", "drop", () -> ofRow("programId", "DNT: 1"), "p", "no row"),
            new Case("API_TOKEN", "token-a", "token-b", () -> fetch("token-a") + " " + fetch("token-b"), "404 401", "401 404"),
            new Case("RATE_LIMIT", "off", "1", this::flood, "200", "429"),
            new Case("LOG_LEVEL", "info", "warn", this::logged, "said", "silent"));
    // spotless:on

    @BeforeAll
    static void start() throws Exception {
        data = directory.resolve("data");
        volume = new MountedVolume(directory.resolve("mount"));
        volume.become(Map.of("a.yaml", "SECRET: key-first"));
        tracker = TrackerProcess.start(
                data, Map.of("SECRET", "", "CONFIG_DIR", volume.path().toString(), "CONFIG_SCAN", "100ms"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (tracker != null) {
            tracker.close();
        }
    }

    @BeforeEach
    void beginWithTheCasesBefore() throws Exception {
        Map<String, String> settings = new LinkedHashMap<>();
        cases.forEach(each -> settings.put(each.name(), each.before()));
        become(settings);
    }

    @Test
    void everySettingMarkedAsSuchTakesEffectWhileItRuns() throws Exception {
        assertThat(cases.stream().map(Case::name))
                .containsExactlyInAnyOrderElementsOf(Setting.all().stream()
                        .filter(Setting::isReloadable)
                        .map(Setting::name)
                        .toList());
        for (Case each : cases) {
            assertThat(each.effect().seen()).as(each.name()).isEqualTo(each.seenBefore());
        }

        Map<String, String> settings = new LinkedHashMap<>();
        cases.forEach(each -> settings.put(each.name(), each.after()));
        become(settings);

        for (Case each : cases) {
            assertThat(each.effect().seen()).as(each.name()).isEqualTo(each.seenAfter());
        }
        assertThat(ofDemo()).as("signed with the SECRET in force").isEqualTo(200);
        assertThat(tracker.log())
                .contains(
                        "Setting SECRET: *** -> *** from ",
                        "Setting SITE_URL: https://a.example/ -> https://b.example/")
                .contains("SECRET has changed and SECRETS_PREVIOUS does not hold the one before")
                .doesNotContain("key-first", "key-second", "key-third", "key-change", STEADY, "token-a", "token-b");
    }

    @Test
    void mistakesAreRefusedAndShownUntilTheyAreMended() throws Exception {
        long refused = reloads("refused");

        volume.become(Map.of("a.yaml", "SECRET: hush\nUTM_SOURCE: c\nSESSION_MAX_AGE: x\nSESION_NAME: y\nPORT: 1"));
        JsonObject config = awaitRefused(refused + 1);

        assertThat(config.getBoolean("refused")).isTrue();
        assertThat(config.getJsonArray("mistakes").getList())
                .containsExactlyInAnyOrder(
                        "SESSION_MAX_AGE: x in " + volume.file("a.yaml") + " (expected: 1 to 525600)",
                        "SESION_NAME: unknown in " + volume.file("a.yaml") + " (did you mean SESSION_NAME?)");
        assertThat(pixel("key-first").status()).isEqualTo(200);
        assertThat(pixel("hush").status()).isEqualTo(400);

        volume.become(Map.of());
        awaitRefused(refused + 2);
        assertThat(config().getJsonArray("mistakes").encode()).contains("CONFIG_DIR: gone in");
        assertThat(pixel("key-first").status()).isEqualTo(200);

        beginWithTheCasesBefore();
        assertThat(config().getBoolean("refused")).isFalse();
        assertThat(config().getJsonArray("mistakes")).isEmpty();
        assertThat(reloads("refused")).isEqualTo(refused + 2);
        assertThat(tracker.log()).doesNotContain("hush").doesNotContainPattern("\\n\\s+at ");
    }

    @Test
    void whatNeedsARestartWaitsForOne() throws Exception {
        Map<String, String> settings = new HashMap<>();
        cases.forEach(each -> settings.put(each.name(), each.before()));
        settings.put("SESSION_NAME", "_other");
        settings.put("COOKIE_SAME_SITE", "strict");

        become(settings);

        assertThat(config().getJsonArray("needRestart").getList()).containsExactly("SESSION_NAME");
        assertThat(Scrapes.read(tracker.managementPort()).value("analytics_config_need_restart"))
                .isEqualTo(1);
        assertThat(affiliate().header("Set-Cookie")).startsWith("_ba=").contains("SameSite=Strict");
    }

    /** When it returns these are in force. A key more makes a change of it in any case, so that its being taken is seen. */
    private void become(Map<String, String> settings) throws Exception {
        become(settings, "");
    }

    private void become(Map<String, String> settings, String more) throws Exception {
        inForce = settings;
        StringBuilder yaml = new StringBuilder();
        settings.forEach((name, value) -> yaml.append(name)
                .append(": '")
                .append(value)
                .append(name.equals("SECRETS_PREVIOUS") ? ",key-change-" + ++changes : "")
                .append("'\n"));
        long taken = reloads("taken");
        volume.become(Map.of("a.yaml", yaml + more));
        await(() -> reloads("taken") > taken);
    }

    private JsonObject awaitRefused(long count) throws Exception {
        await(() -> reloads("refused") == count);
        return config();
    }

    private void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + CHANGE_MAX.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(tracker.log()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static JsonObject config() throws IOException {
        return tracker.ready().getJsonObject("config");
    }

    private static long reloads(String outcome) throws IOException {
        return config().getJsonObject("reloads").getLong(outcome);
    }

    private static Answer get(String target, String... headers) throws IOException {
        return RawHttp.get(tracker.port(), target, headers);
    }

    private static Answer signed(String key, String target, String... headers) throws IOException {
        return get(target + "&s=" + TestTracker.md5(key + target), headers);
    }

    private static Answer pixel(String key) throws IOException {
        return signed(key, "/r/collect?p=p&k=view");
    }

    private static Answer affiliate() throws IOException {
        return signed(STEADY, "/r/collect?p=p&k=click&a=1");
    }

    /** An attribute of the cookie that starts a session. */
    private static String ofCookie(String attribute) throws IOException {
        String cookie = affiliate().header("Set-Cookie");
        return Arrays.stream(cookie.split("; "))
                .filter(each -> each.startsWith(attribute + "="))
                .map(each -> each.substring(attribute.length() + 1))
                .findFirst()
                .orElse("none");
    }

    /** What is stored of a click to a URL with {@code utm_source=b}. */
    private String ofRow(String column, String... headers) throws Exception {
        String id = "row-" + ++links;
        String url = "https%3A%2F%2Fshop.example%2F%3Futm_source%3Db";
        assertThat(signed(STEADY, "/r/collect?p=p&k=click&d1=" + id + "&url=" + url, headers)
                        .status())
                .isEqualTo(307);
        JsonObject unused = tracker.awaitDelivered(CHANGE_MAX);
        return TestTracker.rows(data).stream()
                .filter(row -> id.equals(row.get("dimension1")))
                .map(row -> String.valueOf(row.get(column)))
                .findFirst()
                .orElse("no row");
    }

    private static int fetch(String token) throws IOException {
        return get("/r/fetch?ref=nobody", "Authorization: Bearer " + token).status();
    }

    /** What the last of many unsigned requests at once is answered. */
    private String flood() throws IOException {
        int status = 0;
        links++;
        try (RawHttp http = new RawHttp(tracker.port())) {
            for (int i = 0; i < 100 && status != 429; i++) {
                status = http.request("GET", "/r/collect?_h=event&c=c&a=a&p=flood-" + links)
                        .status();
            }
        }
        return Integer.toString(status);
    }

    /** What the pixel in the demo's page is answered. */
    private static int ofDemo() throws IOException {
        String page = RawHttp.get(tracker.managementPort(), "/demo").text();
        Matcher link = Pattern.compile("http://[^/]+(/r/collect[^\"]+)").matcher(page);
        assertThat(link.find()).as(page).isTrue();
        return get(link.group(1).replace("&amp;", "&")).status();
    }

    /** Whether the log says what is said at level info: here, that the environment hides a value that changes. */
    private String logged() throws Exception {
        int before = tracker.log().length();
        become(inForce, "HOST: 10.0.0." + ++links);
        boolean isSaid =
                tracker.log().substring(before).contains("is hidden by the environment; its change does nothing");
        become(inForce);
        return isSaid ? "said" : "silent";
    }
}
