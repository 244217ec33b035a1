package com.barnebys.analytics;

import static com.barnebys.analytics.chromium.ChromiumPage.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.chromium.Chromium;
import com.barnebys.analytics.chromium.ChromiumPage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a partner goes through it, in a real Chromium. Leaves pictures in target/demo. */
@Tag("browser")
@EnabledIf(value = "com.barnebys.analytics.chromium.Chromium#isHere", disabledReason = Chromium.MISSING)
class DemoBrowserIT {
    private static final Path PICTURES = Path.of("target", "demo");

    private static Chromium chromium;

    @TempDir
    Path directory;

    private TestTracker tracker;
    private ChromiumPage page;

    @BeforeAll
    static void startBrowser() throws Exception {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stopBrowser() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        tracker = TestTracker.start(directory, Map.of("SECRET", "test"));
        page = chromium.open();
    }

    @AfterEach
    void stop() {
        page.close();
        tracker.close();
    }

    private String demo(String path) {
        return "http://localhost:" + tracker.managementPort() + path;
    }

    private void click(String id) {
        page.evaluate("document.getElementById('" + id + "').click()");
    }

    /** Rows as {@code table program}, with what tells them apart, in no order. */
    private List<String> rows() {
        return tracker.rows().stream()
                .map(row -> row.get("table") + " " + row.get("programId")
                        + (row.get("table").equals("events")
                                ? " " + row.get("category") + " " + row.get("action") + " " + row.get("source")
                                : row.get("lead").equals(true) ? " lead" : ""))
                .toList();
    }

    private void awaitRow(String row) {
        await(row, () -> rows().contains(row));
    }

    private void awaitShown(String text) {
        await(
                "shown: " + text,
                () -> page.evaluate("document.getElementById('rows').innerText")
                        .toString()
                        .contains(text));
    }

    @Test
    void wholeRoundIsStoredAndShown() {
        page.go(demo("/demo"));
        awaitRow("impression demo-magazine");
        click("again");
        click("subscribe");
        awaitRow("events demo-magazine registration completed other");
        awaitShown("registration completed");

        page.leaveBy("document.getElementById('affiliate').click()");
        assertThat(page.evaluate("location.pathname")).isEqualTo("/demo/shop");
        awaitRow("click demo-magazine lead");
        click("bid");
        click("pay");
        page.evaluate("document.querySelector('#login button').click()");
        awaitRow("events demo-shop login completed barnebys");
        awaitShown("lead");
        awaitShown("login completed");
        page.evaluate("document.querySelector('#rows summary').click()");
        awaitShown("userAgent");
        click("bid");
        await(
                "a row above the open one",
                () -> page.evaluate("document.querySelector('#rows tbody tr details').open")
                        .equals(false));
        awaitShown("userAgent");
        page.leaveBy("document.querySelector('nav a').click()");
        awaitRow("events demo-shop visit left barnebys");
        await("all of them", () -> rows().size() >= 12);

        assertThat(rows())
                .containsExactlyInAnyOrder(
                        "impression demo-magazine",
                        "impression demo-magazine",
                        "impression demo-magazine",
                        "events demo-magazine registration completed other",
                        "click demo-magazine",
                        "click demo-shop",
                        "click demo-magazine lead",
                        "events demo-shop bid placed barnebys",
                        "events demo-shop bid placed barnebys",
                        "events demo-shop purchase completed barnebys",
                        "events demo-shop login completed barnebys",
                        "events demo-shop visit left barnebys");
        assertThat(tracker.rows().stream().filter(row -> "purchase".equals(row.get("category"))))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("label", "invoice-123")
                        .containsEntry("value", "1250.00")
                        .containsEntry("currency", "EUR"));
        assertThat(page.errors()).isEmpty();
    }

    /** Counts what is asked, and knows whether a next time is planned. */
    private static final String WATCH_ASKING = """
            window.asked = 0;
            window.asking = 0;
            window.planned = new Set();
            window.isHidden = false;
            var set = setTimeout, clear = clearTimeout, ask = fetch;
            window.setTimeout = function (run, millis) {
              var id = set(function () { planned.delete(id); run(); }, millis);
              planned.add(id);
              return id;
            };
            window.clearTimeout = function (id) { planned.delete(id); clear(id); };
            window.fetch = function () {
              asked++;
              asking++;
              return ask.apply(this, arguments).then(answer => answer.text()).then(text => {
                set(function () { asking--; }, 0);
                return new Response(text);
              });
            };
            Object.defineProperty(Document.prototype, 'hidden', {get: () => isHidden});
            """;

    @Test
    void listStandsStillWhenPausedOrHidden() {
        page.beforeEachPage(WATCH_ASKING);
        page.go(demo("/demo"));
        awaitShown("impression");
        await("it is asked again", () -> asked() > 2);

        standsStill(() -> click("pause"), () -> click("pause"));
        standsStill(() -> hide(true), () -> hide(false));

        assertThat(page.errors()).isEmpty();
    }

    private int asked() {
        return ((Number) page.evaluate("asked")).intValue();
    }

    private void hide(boolean isHidden) {
        page.evaluate("isHidden = " + isHidden + "; document.dispatchEvent(new Event('visibilitychange'))");
    }

    private void standsStill(Runnable stop, Runnable goOn) {
        stop.run();
        await(
                "nothing is under way or planned",
                () -> page.evaluate("asking + planned.size").equals(0));
        int before = asked();

        goOn.run();

        await("it goes on", () -> asked() > before + 1);
    }

    @Test
    void whoWantsPrivacyIsTold() {
        page.beforeEachPage("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})");
        page.call("Network.setExtraHTTPHeaders", new JsonObject().put("headers", new JsonObject().put("Sec-GPC", "1")));
        page.go(demo("/demo"));
        assertThat(page.evaluate("document.getElementById('privacy').offsetHeight > 0"))
                .isEqualTo(true);

        page.leaveBy("document.getElementById('affiliate').click()");

        awaitRow("click demo-shop");
        assertThat(rows()).doesNotContain("click demo-magazine lead");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void otherStoreShowsCounters() throws Exception {
        try (TestTracker discarding =
                TestTracker.start(directory.resolve("none"), Map.of("SECRET", "test", "STORE", "none"))) {
            page.go("http://localhost:" + discarding.managementPort() + "/demo");

            awaitShown("impression");

            assertThat(page.evaluate("document.getElementById('summary').textContent"))
                    .asString()
                    .contains("STORE is none");
            assertThat(page.errors()).isEmpty();
        }
    }

    /** Names of buttons and fields, and enough contrast, as a machine can tell. */
    @Test
    void pagesAreAccessibleAndLookLikeThis() throws IOException {
        Files.createDirectories(PICTURES);
        for (String scheme : List.of("light", "dark")) {
            look(scheme, 1200, 1250, "");
            look(scheme, 400, 1700, "-narrow");
        }
        assertThat(page.errors()).isEmpty();
    }

    private void look(String scheme, int width, int height, String name) throws IOException {
        page.call(
                "Emulation.setEmulatedMedia",
                new JsonObject()
                        .put(
                                "features",
                                new JsonArray()
                                        .add(new JsonObject()
                                                .put("name", "prefers-color-scheme")
                                                .put("value", scheme))));
        page.call(
                "Emulation.setDeviceMetricsOverride",
                new JsonObject()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
        page.go(demo("/demo"));
        click("subscribe");
        awaitShown("registration completed");
        check("magazine-" + scheme + name);
        page.leaveBy("document.getElementById('affiliate').click()");
        click("bid");
        awaitShown("bid placed");
        page.evaluate("document.querySelector('#rows summary').click()");
        check("shop-" + scheme + name);
    }

    private void check(String name) throws IOException {
        page.screenshot(PICTURES.resolve(name + ".png"));
        assertThat(page.evaluate(FAINT)).as(name).isEqualTo(List.of());
        assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                .as(name + " scrolls sideways")
                .isEqualTo(true);
    }

    /** Texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3), and controls without a name. */
    private static final String FAINT = """
            (function () {
              function parts(color) { return color.match(/[\\d.]+/g).map(Number); }
              function light(color) {
                return parts(color).slice(0, 3).map(c => c / 255)
                  .map(c => c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4))
                  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
              }
              function back(e) {
                while (e) {
                  var color = getComputedStyle(e).backgroundColor;
                  if (parts(color).length === 3) { return color; }
                  e = e.parentElement;
                }
                return 'rgb(255, 255, 255)';
              }
              var wrong = [];
              document.querySelectorAll('body *').forEach(e => {
                var says = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
                if (says && e.getClientRects().length && !e.closest('svg')) {
                  var l = [light(getComputedStyle(e).color), light(back(e))].sort((a, b) => b - a);
                  var ratio = (l[0] + 0.05) / (l[1] + 0.05);
                  if (ratio < 4.5) { wrong.push(e.tagName + ' ' + e.textContent + ' ' + ratio); }
                }
              });
              document.querySelectorAll('button, a, input, summary').forEach(e => {
                if (!(e.labels && e.labels.length) && !e.textContent.trim()) { wrong.push('no name: ' + e.outerHTML); }
              });
              return wrong;
            })()""";
}
