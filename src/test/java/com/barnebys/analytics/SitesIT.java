package com.barnebys.analytics;

import static com.barnebys.analytics.chromium.ChromiumPage.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.chromium.Chromium;
import com.barnebys.analytics.chromium.ChromiumPage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sites with the snippet and with pixels, in a real Chromium, over https, and what the tracker stores of that. Each test has a
 * program of its own.
 */
@Tag("browser")
@EnabledIf(value = "com.barnebys.analytics.chromium.Chromium#isHere", disabledReason = Chromium.MISSING)
class SitesIT {
    private static final String TRACKER = "https://t.example";
    private static final String SECRET = "test";

    /** Debian's Chromium blocks cookies of third parties unless told otherwise; Google's lets them through. */
    private static final JsonObject THIRD_PARTY_COOKIES = new JsonObject()
            .put(
                    "profile",
                    new JsonObject().put("block_third_party_cookies", false).put("cookie_controls_mode", 0));

    private static final JsonObject NO_THIRD_PARTY_COOKIES = new JsonObject()
            .put(
                    "profile",
                    new JsonObject().put("block_third_party_cookies", true).put("cookie_controls_mode", 1));

    /** Writes down in which order beacons were sent: on their way they may overtake each other. */
    private static final String RECORD_BEACONS = """
            window.beacons = [];
            var beacon = Navigator.prototype.sendBeacon;
            Navigator.prototype.sendBeacon = function (url) {
              window.beacons.push(new URL(url).searchParams.get('a'));
              return beacon.apply(this, arguments);
            };
            """;

    @TempDir
    static Path directory;

    private static TestTracker tracker;
    private static TlsSites sites;
    private static Chromium lenient;
    private static Chromium strict;

    private ChromiumPage page;
    private String program;

    @BeforeAll
    static void start() throws Exception {
        tracker = TestTracker.start(
                directory.resolve("data"), Map.of("SECRET", SECRET, "TRUSTED_PROXIES", "127.0.0.0/8"));
        sites = new TlsSites(directory, tracker.port());
        lenient = Chromium.start(THIRD_PARTY_COOKIES, sites.browserFlags());
        strict = Chromium.start(NO_THIRD_PARTY_COOKIES, sites.browserFlags());
    }

    @AfterAll
    static void stop() {
        if (lenient != null) {
            lenient.close();
        }
        if (strict != null) {
            strict.close();
        }
        if (sites != null) {
            sites.close();
        }
        if (tracker != null) {
            tracker.close();
        }
    }

    @BeforeEach
    void open(TestInfo test) {
        program = test.getTestMethod().orElseThrow().getName();
        page = lenient.open();
    }

    @AfterEach
    void close() {
        page.close();
    }

    private String snippet(String... commands) {
        return "<script>" + commands(commands) + "</script>";
    }

    private String commands(String... commands) {
        return "(function (w, d, n, u) { w.BarnebysAnalyticsObject = n;"
                + " w[n] = w[n] || function () { (w[n].q = w[n].q || []).push(arguments); };"
                + " var s = d.createElement('script'); s.async = true; s.src = u; d.head.appendChild(s);"
                + " })(window, document, 'ba', '" + TRACKER + "/bite.v1.js');\nba('init', '" + program + "');\n"
                + String.join("\n", commands);
    }

    private List<Map<String, Object>> rows() {
        return tracker.rows().stream()
                .filter(row -> String.valueOf(row.get("programId")).startsWith(program))
                .toList();
    }

    private List<Map<String, Object>> awaitRows(int count) {
        await(count + " rows of " + program, () -> rows().size() >= count);
        assertThat(rows()).hasSize(count);
        return rows();
    }

    private static Set<Object> values(List<Map<String, Object>> rows, String column) {
        return rows.stream().map(row -> row.get(column)).collect(Collectors.toSet());
    }

    private static String signed(String tracker, String query) {
        String target = "/r/collect?" + query;
        return tracker + target + "&s=" + TestTracker.md5(SECRET + target);
    }

    private static String escaped(String url) {
        return URLEncoder.encode(url, StandardCharsets.UTF_8);
    }

    @Test
    void queuedAndLaterCommandsAreStored() {
        page.beforeEachPage(RECORD_BEACONS);
        page.go(sites.page(
                "shop.example/order",
                snippet(
                        "ba('send', 'event', 'bid', 'a1', 'lot ä&1', '10.50', 'EUR');",
                        "ba('send', {hitType: 'event', eventCategory: 'bid', eventAction: 'a2', eventLabel: 'lot ä&1',"
                                + " eventValue: '10.50', eventCurrency: 'EUR'});")));
        await("the queue", () -> page.evaluate("beacons.length").equals(2));

        page.evaluate("ba('send', 'event', 'bid', 'a3', 'lot ä&1', '10.50', 'EUR')");

        List<Map<String, Object>> rows = awaitRows(3);
        assertThat(page.evaluate("beacons")).isEqualTo(List.of("a1", "a2", "a3"));
        assertThat(values(rows, "action")).containsExactlyInAnyOrder("a1", "a2", "a3");
        assertThat(rows)
                .allSatisfy(row -> assertThat(row)
                        .containsEntry("table", "events")
                        .containsEntry("category", "bid")
                        .containsEntry("label", "lot ä&1")
                        .containsEntry("value", "10.50")
                        .containsEntry("currency", "EUR")
                        .containsEntry("source", "other")
                        .containsEntry("url", "https://shop.example/order")
                        .containsEntry("clientIP", "192.0.2.0"));
        assertThat(values(rows, "sessionId")).hasSize(1).doesNotContainNull();
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void eventsOnLeavingAreStored() {
        page.go(sites.page(
                "shop.example/leaving",
                snippet("addEventListener('pagehide', function () { ba('send', 'event', 'visit', 'left'); });")
                        + "<a id=away href='https://news.example/next'>away</a>"));
        sites.page("news.example/next", "next");
        await("the library", () -> page.evaluate("ba.q.length") == null);

        page.leaveBy("document.getElementById('away').click()");

        assertThat(awaitRows(1).get(0))
                .containsEntry("action", "left")
                .containsEntry("url", "https://shop.example/leaving");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void loadedTwiceStoresOnce() {
        page.go(sites.page(
                "shop.example/double",
                snippet("ba('send', 'event', 'bid', 'a1');")
                        + "<script src='" + TRACKER + "/bite.v1.js'></script>"
                        + "<script src='" + TRACKER + "/v1/bite.js'></script>"
                        + snippet("ba('send', 'event', 'bid', 'a2');")));

        page.evaluate("ba('send', 'event', 'bid', 'a3')");

        assertThat(values(awaitRows(3), "action")).containsExactlyInAnyOrder("a1", "a2", "a3");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void pageWithAStrictPolicyIsMeasured() {
        page.go(sites.page(
                "shop.example/csp",
                "<script nonce=n>" + commands("ba('send', 'event', 'bid', 'a1');") + "</script>",
                "default-src 'none'; script-src 'nonce-n' " + TRACKER + "; connect-src " + TRACKER));

        awaitRows(1);

        assertThat(page.errors()).isEmpty();
    }

    @Test
    void visitorsFromBarnebysCountAsThat() {
        page.putOff("release"); // Events wait for what their visitor is called, a second at most.
        page.go(sites.page("shop.example/visit", snippet("ba('send', 'event', 'bid', 'a1');")) + "?btm_refs=visit-"
                + program);

        assertThat(awaitRows(1).get(0)).containsEntry("source", "barnebys");
        assertThat(page.errors()).isEmpty();
    }

    /** Chromium does not know the signal; this is what browsers that do put into the page and the requests. */
    @Test
    void whoWantsPrivacyLeavesNoTrace() {
        page.beforeEachPage("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})");
        page.call("Network.setExtraHTTPHeaders", new JsonObject().put("headers", new JsonObject().put("Sec-GPC", "1")));
        String pixel = signed(TRACKER, "p=" + program + "&k=gpc&a=1&d1=");
        String html = snippet("ba('send', 'event', 'visit', 'page');");
        page.go(sites.page("shop.example/gpc1", html + "<img src='" + pixel + "'>"));
        awaitRows(2);

        page.go(sites.page(
                "shop.example/gpc2", html + "<img src='" + signed(TRACKER, "p=" + program + "&k=gpc") + "'>"));

        List<Map<String, Object>> rows = awaitRows(4);
        assertThat(rows)
                .allSatisfy(row -> assertThat(row)
                        .containsEntry("clientIP", null)
                        .containsEntry("userAgent", null)
                        .doesNotContainEntry("lead", true));
        List<Map<String, Object>> events =
                rows.stream().filter(row -> row.get("table").equals("events")).toList();
        assertThat(values(events, "sessionId")).hasSize(2);
        assertThat(cookies()).isEmpty();
        assertThat(page.errors()).isEmpty();
    }

    private JsonArray cookies() {
        return page.call("Network.getCookies", new JsonObject().put("urls", new JsonArray().add(TRACKER)))
                .getJsonArray("cookies");
    }

    /** A magazine links through the tracker to a shop, which shows the tracker's pixel. */
    private void clickThrough(String tracker) {
        String lot = sites.page(
                "shop.example/" + program,
                "<img src='" + signed(tracker, "p=" + program + "-shop&k=" + program) + "'>"
                        + "<a id=again href='"
                        + signed(
                                tracker,
                                "p=" + program + "-shop&k=" + program + "&url=" + escaped("https://shop.example/again"))
                        + "'>again</a>");
        sites.page("shop.example/again", "again");
        String link = signed(tracker, "p=" + program + "-magazine&k=" + program + "&a=1&url=" + escaped(lot));
        page.go(sites.page("news.example/" + program, "<a id=lot href='" + link + "'>lot</a>"));
        page.leaveBy("document.getElementById('lot').click()");
    }

    private static List<Object> leads(List<Map<String, Object>> rows) {
        return rows.stream()
                .filter(row -> row.get("lead").equals(true))
                .map(row -> row.get("programId"))
                .toList();
    }

    @Test
    void pixelOnAnotherSiteLeads() {
        clickThrough(TRACKER);

        assertThat(leads(awaitRows(3))).containsExactly(program + "-magazine");
        assertThat(cookies()).isEmpty();
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void withoutThirdPartyCookiesOnlyTheNextRedirectLeads() {
        page.close();
        page = strict.open();
        clickThrough(TRACKER);
        assertThat(leads(awaitRows(2))).isEmpty();
        JsonObject cookie = cookies().getJsonObject(0);
        assertThat(cookie.getString("sameSite")).isEqualTo("None");
        assertThat(cookie.getBoolean("secure")).isTrue();
        assertThat(cookie.getBoolean("httpOnly")).isTrue();
        assertThat(cookie.containsKey("partitionKey")).isFalse();

        page.leaveBy("document.getElementById('again').click()");

        assertThat(leads(awaitRows(4))).containsExactly(program + "-magazine");
        assertThat(cookies()).isEmpty();
    }

    @Test
    void withoutThirdPartyCookiesATrackerUnderTheShopsNameLeads() {
        page.close();
        page = strict.open();
        clickThrough("https://t.shop.example");

        assertThat(leads(awaitRows(3))).containsExactly(program + "-magazine");
        assertThat(page.errors()).isEmpty();
    }
}
