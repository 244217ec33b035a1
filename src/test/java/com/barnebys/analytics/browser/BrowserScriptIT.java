package com.barnebys.analytics.browser;

import static com.barnebys.analytics.chromium.ChromiumPage.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.browser.Collector.Sent;
import com.barnebys.analytics.chromium.Chromium;
import com.barnebys.analytics.chromium.ChromiumPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The browser library in a real Chromium, on pages as sites have them. */
@Tag("browser")
@EnabledIf(value = "com.barnebys.analytics.chromium.Chromium#isHere", disabledReason = Chromium.MISSING)
class BrowserScriptIT {
    /** Writes down what goes to sendBeacon and in which order: on its way it may be overtaken. */
    private static final String RECORD_BEACONS = """
            window.beacons = [];
            var beacon = Navigator.prototype.sendBeacon;
            Navigator.prototype.sendBeacon = function (url) {
              window.beacons.push(new URL(url).searchParams.get('a'));
              return beacon.apply(this, arguments);
            };
            """;

    /** The page's clock stands still; what it was asked to do later is written down. */
    private static final String KEEP_TIMERS = """
            window.timers = [];
            window.setTimeout = function (run, millis) { timers.push({run: run, millis: millis}); };
            """;

    private static Chromium chromium;
    private static Collector collector;

    private ChromiumPage page;

    @BeforeAll
    static void start() throws Exception {
        collector = new Collector();
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
        if (collector != null) {
            collector.close();
        }
    }

    @BeforeEach
    void open() {
        collector.clear();
        page = chromium.open();
    }

    @AfterEach
    void close() {
        page.close();
    }

    private static String snippet(String... commands) {
        return snippetOf("ba", "/bite.v1.js", commands);
    }

    /** Of the shape sites have pasted: the queue's name, its function and when it was made; the script loads later. */
    private static String snippetOf(String name, String path, String... commands) {
        return "<script>(function (w, d, n, u) { w.BarnebysAnalyticsObject = n;"
                + " w[n] = w[n] || function () { (w[n].q = w[n].q || []).push(arguments); }; w[n].l = Date.now();"
                + " var s = d.createElement('script'); s.async = 1; s.src = u; d.head.appendChild(s);"
                + " })(window, document, '" + name + "', '" + collector.tracker() + path + "');\n"
                + String.join("\n", commands) + "</script>";
    }

    private List<Sent> awaitEvents(int count) {
        await(count + " events", () -> collector.events().size() >= count);
        assertThat(collector.events()).hasSize(count);
        return collector.events();
    }

    private List<Sent> awaitReferences(int count) {
        await(count + " references", () -> collector.references().size() >= count);
        assertThat(collector.references()).hasSize(count);
        return collector.references();
    }

    /** A last event, and those before it, which it may overtake: what was to be sent is sent then. */
    private void awaitLast(int before) {
        page.evaluate("ba('send', 'event', 'c', 'last')");
        await("the last event", () -> collector.events("a").contains("last"));
        awaitEvents(before + 1);
    }

    @Test
    void commandsBeforeAndAfterLoadingAreCarriedOutInOrder() {
        page.beforeEachPage(RECORD_BEACONS);
        page.go(collector.page(
                "/order",
                snippet(
                        "var kept = window.ba;",
                        "ba('init', 'p1'); ba('send', 'event', 'bid', 'a1'); ba('send', 'event', 'bid', 'a2');",
                        "ba('send', {hitType: 'event', eventCategory: 'bid', eventAction: 'a3'});")));

        page.evaluate("ba('send', 'event', 'bid', 'a4'); kept('send', 'event', 'bid', 'a5');");

        awaitEvents(5);
        assertThat(page.evaluate("beacons")).isEqualTo(List.of("a1", "a2", "a3", "a4", "a5"));
        assertThat(collector.events("p")).containsOnly("p1");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void bothFormsOfSendAreOneEvent() {
        page.go(collector.page(
                "/forms",
                snippet(
                        "ba('init', 'p1');",
                        "ba('send', 'event', 'bid', 'placed', 'lot 7', 100.5, 'EUR');",
                        "ba('send', {hitType: 'event', eventCategory: 'bid', eventAction: 'placed',"
                                + " eventLabel: 'lot 7', eventValue: 100.5, eventCurrency: 'EUR'});")));

        List<Sent> events = awaitEvents(2);

        assertThat(events.get(0).values()).isEqualTo(events.get(1).values());
        assertThat(events.get(0).values())
                .containsAllEntriesOf(Map.of(
                        "_h", "event", "p", "p1", "c", "bid", "a", "placed", "l", "lot 7", "v", "100.5", "cur", "EUR"))
                .containsEntry("url", collector.shop() + "/forms")
                .doesNotContainKey("_r");
        assertThat(events.get(0).value("_f")).matches("[0-9a-f]{32}");
        assertThat(page.errors()).isEmpty();
    }

    /** What the tracker has to take. */
    @Test
    void beaconIsAPostThatSaysEverythingInItsTarget() {
        page.go(collector.page("/beacon", snippet("ba('init', 'p1'); ba('send', 'event', 'bid', 'placed');")));

        Sent event = awaitEvents(1).get(0);

        assertThat(event.method()).isEqualTo("POST");
        assertThat(event.path()).isEqualTo("/r/collect");
        assertThat(event.headers().get("Content-Length")).isEqualTo("0");
        assertThat(event.headers().names()).doesNotContain("Transfer-Encoding", "Cookie", "Expect");
        assertThat(event.values().keySet()).isEqualTo(Set.of("_h", "p", "c", "a", "_f", "url", "_b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delete Navigator.prototype.sendBeacon",
                "Navigator.prototype.sendBeacon = function () { return false; }",
                "Navigator.prototype.sendBeacon = function () { throw new Error('blocked'); }",
                "delete Navigator.prototype.sendBeacon; delete window.fetch",
                "delete Navigator.prototype.sendBeacon; delete window.Request",
                "delete Navigator.prototype.sendBeacon; delete Request.prototype.keepalive",
                "delete Navigator.prototype.sendBeacon;"
                        + " window.fetch = function () { return Promise.reject(new TypeError('blocked')); }",
            })
    void withoutBeaconAGetIsSent(String before) {
        page.beforeEachPage(before);
        page.go(collector.page("/old", snippet("ba('init', 'p1');")));

        page.evaluate("ba('send', 'event', 'bid', 'same'); ba('send', 'event', 'bid', 'same')");

        assertThat(awaitEvents(2)).allMatch(event -> event.method().equals("GET"));
        assertThat(collector.events("a")).containsOnly("same");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void eventsOnLeavingArrive() {
        page.go(collector.page(
                "/leaving",
                snippet("ba('init', 'p1');")
                        + "<a id=away href=/next>next</a><script>addEventListener('pagehide', function () {"
                        + " ba('send', 'event', 'page', 'left'); });</script>"));
        collector.page("/next", "next");

        page.evaluate("document.getElementById('away').addEventListener('click', function () {"
                + " ba('send', 'event', 'link', 'clicked'); }); document.getElementById('away').click()");

        awaitEvents(2);
        assertThat(collector.events("a")).containsExactlyInAnyOrder("clicked", "left");
        assertThat(collector.events("url")).containsOnly(collector.shop() + "/leaving");
    }

    @Test
    void loadingItAgainSendsNothingTwice() {
        String again = "<script src='" + collector.tracker() + "/v1/bite.js'></script>";
        String commands = "ba('init', 'p1', 'user-1'); ba('send', 'event', 'bid', 'a1');";
        page.go(collector.page(
                "/double", snippet(commands) + again + again + snippet("ba('send', 'event', 'bid', 'a2')")));

        page.evaluate("ba('send', 'event', 'bid', 'a3')");
        awaitLast(3);

        assertThat(collector.events("a")).containsExactlyInAnyOrder("a1", "a2", "a3", "last");
        awaitReferences(1);
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void noGlobalIsLeftButTheQueue() {
        page.go(collector.page("/plain", ""));
        Object without = page.evaluate("Object.getOwnPropertyNames(window)");

        page.go(collector.page("/globals", snippet("ba('init', 'p1'); ba('send', 'event', 'bid', 'a1');")));
        awaitEvents(1);
        List<?> with = (List<?>) page.evaluate("Object.getOwnPropertyNames(window)");

        assertThat(with.stream()
                        .filter(name -> !((List<?>) without).contains(name))
                        .map(String::valueOf))
                .containsExactlyInAnyOrder("BarnebysAnalyticsObject", "ba");
        assertThat(page.evaluate("Object.keys(localStorage)")).isEqualTo(List.of("_ba_f"));
        assertThat(page.evaluate("document.cookie")).isEqualTo("");
    }

    @Test
    void visitorKeepsTheIdFromPageToPage() {
        page.go(collector.page("/one", snippet("ba('init', 'p1'); ba('send', 'event', 'page', 'a1');")));
        awaitEvents(1);
        page.go(collector.page("/two", snippet("ba('init', 'p1'); ba('send', 'event', 'page', 'a2');")));
        awaitEvents(2);

        assertThat(Set.copyOf(collector.events("_f"))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"globalPrivacyControl', {get: () => true}", "doNotTrack', {get: () => '1'}"})
    void whoWantsPrivacyIsNotRecognised(String signal) {
        page.beforeEachPage("Object.defineProperty(Navigator.prototype, '" + signal + ")");
        String commands =
                "ba('init', 'p1', 'user-1'); ba('send', 'event', 'page', 'a1'); ba('send', 'event', 'page', 'a2');";
        page.go(collector.page("/private", snippet(commands)));
        awaitEvents(2);
        assertThat(Set.copyOf(collector.events("_f"))).hasSize(1);

        page.go(collector.shop() + "/private");
        awaitEvents(4);

        assertThat(Set.copyOf(collector.events("_f"))).hasSize(2);
        assertThat(page.evaluate("localStorage.length")).isEqualTo(0);
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void privacyChosenWhileThePageIsOpenIsKeptFromThenOn() {
        page.beforeEachPage("window.chosen = false;"
                + " Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => window.chosen})");
        page.go(collector.page("/choice", snippet("ba('init', 'p1'); ba('send', 'event', 'page', 'a1');")));
        awaitEvents(1);

        page.evaluate("chosen = true; localStorage.clear(); ba('refs', 'user-1')");
        awaitReferences(1);
        awaitLast(1);

        assertThat(page.evaluate("localStorage.length")).isEqualTo(0);
    }

    /** A sandboxed frame has no origin; its storage throws, as it does where a visitor blocks all cookies. */
    @Test
    void storageThatIsDeniedCostsOnlyTheMemory() {
        collector.page(
                "/frame",
                snippet(
                        "ba('init', 'p1', 'user-1'); ba('send', 'event', 'page', 'a1');",
                        "try { localStorage.length } catch (e) { ba('send', 'event', 'page', e.name) }"));
        page.go(collector.page("/denied", "<iframe sandbox=allow-scripts src=/frame></iframe>"));

        awaitEvents(2);

        assertThat(collector.events("a")).containsExactlyInAnyOrder("a1", "SecurityError");
        assertThat(Set.copyOf(collector.events("_f"))).hasSize(1);
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void valuesArriveAsTheyWere() {
        String label = "a&b=c#d?e+f g%41;/\\\"'<ö漢😀";
        page.go(collector.page("/values", snippet("ba('init', 'p&1#');")) + "?lot=7&s=0&c=x#top");

        page.evaluate("ba('send', 'event', 'bid', 'a1', \""
                + label.replace("\\", "\\\\").replace("\"", "\\\"") + "\", 0, null)");
        Sent event = awaitEvents(1).get(0);

        assertThat(event.value("p")).isEqualTo("p&1#");
        assertThat(event.value("l")).isEqualTo(label);
        assertThat(event.value("v")).isEqualTo("0");
        assertThat(event.values()).doesNotContainKey("cur");
        assertThat(event.value("c")).isEqualTo("bid");
        assertThat(event.value("url")).isEqualTo(collector.shop() + "/values?lot=7&s=0&c=x#top");
        assertThat(event.target()).matches("[!-~]+");
    }

    @Test
    void longAndBrokenValuesAreCutAndMended() {
        page.go(collector.page("/long", snippet("ba('init', 'p1');")));

        page.evaluate(
                "ba('send', 'event', 'bid', 'half', 'x\\uD83D y\\uDE00\\uDE00😀'); history.replaceState(0, '', '?q='"
                        + " + 'ä'.repeat(9000)); ba('send', 'event', 'bid', 'long')");
        List<Sent> events = awaitEvents(2);

        Sent half = events.stream()
                .filter(e -> e.value("a").equals("half"))
                .findFirst()
                .orElseThrow();
        Sent cut = events.stream()
                .filter(e -> e.value("a").equals("long"))
                .findFirst()
                .orElseThrow();
        assertThat(half.value("l")).isEqualTo("x\uFFFD y\uFFFD\uFFFD😀");
        assertThat(cut.target().length()).isBetween(7000, 7100);
        assertThat(cut.target()).doesNotEndWith("%").doesNotMatch(".*%.");
        assertThat(page.errors()).isEmpty();
    }

    /** Old libraries do that. */
    @Test
    void membersThatAPageGivesAllObjectsAreNotSent() {
        page.beforeEachPage("Object.prototype.extended = function () {}; Array.prototype.extended = 1;");
        page.go(collector.page("/extended", snippet("ba('init', 'p1', 'user-1'); ba('send', 'event', 'c', 'a1');")));

        assertThat(awaitEvents(1).get(0).values().keySet())
                .isEqualTo(Set.of("_h", "p", "c", "a", "_f", "_r", "url", "_b"));
        assertThat(awaitReferences(1).get(0).values().keySet()).isEqualTo(Set.of("fingerprint", "programId", "refs"));
    }

    @Test
    void whatIsNoTextIsNotSent() {
        page.go(
                collector.page(
                        "/kinds",
                        snippet(
                                "ba('init', {programId: 'p1'}); ba('send', 'event', 'c', 'object program'); ba('init', 'p1');",
                                "ba('send', 'event', {}, 'object'); ba('send', 'event', 'c', function () {});",
                                "ba('send', 'event', 'c', NaN); ba('send', 'event', 'c', false); ba('send', 'event', 'c', []);",
                                "ba('send', {eventCategory: 'c', eventAction: 'a1', eventLabel: {}, eventValue: NaN,"
                                        + " eventCurrency: function () {}, unknown: 'x'});",
                                "ba('send', 'event', 7, 'a1', '[object of vertu]', -Infinity, {toString: function () { return 'EUR'; }});")));

        awaitLast(2);

        assertThat(collector.events("a")).containsExactlyInAnyOrder("a1", "a1", "last");
        assertThat(collector.events("v")).containsOnlyNulls();
        assertThat(collector.events("l")).containsExactlyInAnyOrder(null, "[object of vertu]", null);
        assertThat(collector.events("cur")).containsExactlyInAnyOrder(null, "EUR", null);
        assertThat(collector.events("p")).containsOnly("p1");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void longLabelCostsNothingButTheAddress() {
        page.go(collector.page("/label", snippet("ba('init', 'p1');")));

        page.evaluate("ba('send', 'event', 'c', 'a1', '漢'.repeat(3000), '12.50', 'EUR')");

        Sent event = awaitEvents(1).get(0);
        assertThat(event.values()).containsEntry("v", "12.50").containsEntry("cur", "EUR");
        assertThat(event.value("_f")).matches("[0-9a-f]{32}");
        assertThat(event.value("l")).startsWith("漢漢");
    }

    /** The tracker stores nothing of such a page, and it may never be shown. The event is the browser's when it is. */
    @Test
    void pageMadeBeforeItIsAskedForSendsWhenItIsShown() {
        page.beforeEachPage("Object.defineProperty(Document.prototype, 'prerendering', {get: () => true})");
        page.go(collector.page("/prerendered", snippet("ba('init', 'p1', 'user-1'); ba('send', 'event', 'c', 'a1');")));
        assertThat(page.evaluate("ba('send', 'event', 'c', 'a2'); localStorage.length"))
                .isEqualTo(0);
        assertThat(collector.events()).isEmpty();

        page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))");

        awaitLast(2);
        assertThat(collector.events("a")).containsExactlyInAnyOrder("a1", "a2", "last");
        awaitReferences(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Object.freeze(ba)", "Object.defineProperty(window, 'ba', {writable: false})"})
    void queueThatCannotBeReplacedIsCarriedOut(String lock) {
        page.go(collector.page("/locked", snippet("ba('init', 'p1'); ba('send', 'event', 'c', 'a1');", lock)));

        awaitEvents(1);
        assertThat(page.errors()).isEmpty();
    }

    /** Sites replace them, to watch or to mend them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "window.fetch = function () { return Promise.resolve(); }",
                "window.fetch = function () { return 7; }; window.Image = null",
                "console.log = function () { throw new Error('mine'); }",
            })
    void whatThePageHasReplacedThrowsNothingIntoIt(String replaced) {
        page.beforeEachPage(replaced);
        page.go(collector.page(
                "/replaced",
                snippet(
                        "window.thrown = []; window.onerror = function (m) { thrown.push(m); };",
                        "window.onunhandledrejection = function (e) { thrown.push(String(e.reason)); };",
                        "ba('debug'); ba('init', 'p1', 'user-1'); ba('send', 'event', 'c', 'a1');")));

        awaitLast(1);

        assertThat(page.evaluate("thrown")).isEqualTo(List.of());
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void importedScriptThatDoesNotFindItselfSaysSo() {
        page.go(collector.page(
                "/imported",
                "<script>ba = function () { (ba.q = ba.q || []).push(arguments); };"
                        + " ba('debug'); ba('init', 'p1'); ba('send', 'event', 'c', 'a1');</script>"
                        + "<script type=module>import '" + collector.tracker() + "/bite.v1.js'</script>"));
        await("a word", () -> page.console().size() >= 2);

        assertThat(page.console()).last().asString().contains("not sent: no script element has the address");
    }

    @Test
    void nothingIsThrownIntoThePage() {
        page.go(collector.page(
                "/wrong",
                snippet(
                        "ba(); ba(null); ba('fly'); ba('toString'); ba('send'); ba('send', null); ba('send', 'event', 'c', 'a');",
                        "ba('refs'); ba('init'); ba('send', 'event', 'early', 'a'); ba.q.push(7); ba('init', 'p1');",
                        "ba('send', 'event', 'c'); ba('send', 'pageview', 'c', 'a'); ba('send', {});",
                        "ba('send', {get eventCategory() { throw new Error('mine'); }});",
                        "ba('send', 'event', 'c', 'a', {toString: function () { throw new Error('mine'); }});")));

        awaitLast(0);

        assertThat(collector.events("a")).containsExactly("last");
        assertThat(page.errors()).isEmpty();
        assertThat(page.console()).isEmpty();
    }

    @Test
    void debugSaysWhatHappens() {
        page.go(collector.page(
                "/debug",
                snippet(
                        "ba('debug'); ba('init', 'p1', 'user-1'); ba('fly'); ba('send', 'event', 'c');",
                        "ba('send', 'event', 'c', 'a1');")));
        awaitEvents(1);
        await("the last word", () -> page.console().stream().anyMatch(line -> line.contains("event http")));

        assertThat(String.join("\n", page.console()))
                .contains("program p1", "reference http", "unknown command fly", "not sent: init", "event http");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void strictPageThatNamesTheTrackerIsMeasured() {
        page.go(collector.page(
                "/csp",
                "<script nonce=n>"
                        + snippet("ba('init', 'p1', 'user-1'); ba('send', 'event', 'c', 'a1');")
                                .substring(8),
                "default-src 'none'; script-src 'nonce-n' " + collector.tracker() + "; connect-src "
                        + collector.tracker()));

        awaitEvents(1);

        awaitReferences(1);
        assertThat(page.errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "script-src 'unsafe-inline'",
                "script-src 'unsafe-inline' http:; connect-src 'none'; img-src 'none'"
            })
    void strictPageThatDoesNotIsLeftInPeace(String csp) {
        page.go(collector.page(
                "/csp2",
                snippet(
                        "ba('init', 'p1', 'user-1'); ba('send', 'event', 'c', 'a1');",
                        "window.thrown = []; window.onerror = function (m) { thrown.push(m); };",
                        "window.onunhandledrejection = function (e) { thrown.push(String(e.reason)); };"),
                csp));

        page.evaluate("ba('send', 'event', 'c', 'a2'); new Promise(function (done) { setTimeout(done, 300); })");

        assertThat(collector.events()).isEmpty();
        assertThat(page.evaluate("thrown")).isEqualTo(List.of());
        // The browser itself says what the page's own policy has refused, and nobody else complains.
        assertThat(page.errors()).isNotEmpty().allMatch(error -> error.contains("Content Security Policy"));
    }

    /** Without a policy, and the second one under a policy that lets no script make a script element. */
    @ParameterizedTest
    @CsvSource({"0, ''", "1, require-trusted-types-for 'script'; trusted-types 'none'"})
    void documentedSnippetWorks(int number, String csp) throws IOException {
        String document = Files.readString(Path.of("docs/conversion-tracking.md"));
        String documented = document.split("```html\n", -1)[number + 1].split("```", 2)[0];
        String html = documented.replace("https://t.example", collector.tracker());
        page.go(collector.page("/documented", html, csp));

        awaitLast(0);

        assertThat(collector.events("p")).containsExactly("my-program");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void nameOfTheQueueIsThePagesChoice() {
        page.go(collector.page(
                "/name", snippetOf("stats", "/bite.v1.js", "stats('init', 'p1'); stats('send', 'event', 'c', 'a1');")));

        awaitEvents(1);

        assertThat(page.evaluate("typeof ba")).isEqualTo("undefined");
    }

    @ParameterizedTest
    @ValueSource(strings = {Collector.OWN_PATH, "/v1/bite.js", "/bite.v1.js?v=3"})
    void trackerIsWhereTheScriptIs(String path) {
        page.go(collector.page("/where", snippetOf("ba", path, "ba('init', 'p1'); ba('send', 'event', 'c', 'a1');")));

        assertThat(awaitEvents(1).get(0).path()).isEqualTo("/r/collect");
    }

    @Test
    void trackerBehindAPathIsFoundThere() {
        page.go(collector.page(
                "/proxy",
                snippetOf("ba", "/behind/proxy/bite.v1.js", "ba('init', 'p1'); ba('send', 'event', 'c', 'a1');")));

        assertThat(awaitEvents(1).get(0).path()).isEqualTo("/behind/proxy/r/collect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<img name=currentScript src='https://evil.example/'>", ""})
    void scriptFindsItselfWithoutCurrentScript(String clobber) {
        if (clobber.isEmpty()) {
            page.beforeEachPage("Object.defineProperty(Document.prototype, 'currentScript', {get: () => null})");
        }
        page.go(collector.page(
                "/lost",
                snippet("ba('init', 'p1'); ba('send', 'event', 'c', 'a1');")
                        + clobber.replace("https://evil.example", "")));

        awaitEvents(1);
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void withoutTheSnippetTheQueueIsBa() {
        page.go(collector.page(
                "/bare",
                "<script src='" + collector.tracker() + "/bite.v1.js'></script><script>ba('init', 'p1');"
                        + " ba('send', 'event', 'c', 'a1');</script>"));

        awaitEvents(1);
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void referencesAreToldOnceADayAndEventsCarryThem() {
        String commands = "ba('init', 'p1', 'user-1,session-1'); ba('send', 'event', 'c', 'a1');";
        page.go(collector.page("/refs", snippet(commands)));
        awaitEvents(1);
        page.go(collector.shop() + "/refs");
        awaitEvents(2);

        Sent reference = awaitReferences(1).get(0);
        assertThat(reference.method()).isEqualTo("GET");
        assertThat(reference.values())
                .isEqualTo(Map.of(
                        "fingerprint", collector.events().get(0).value("_f"),
                        "refs", "user-1,session-1",
                        "programId", "p1"));
        assertThat(collector.events("_r")).containsOnly("user-1,session-1");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void refsOfALoginAreToldWhenTheyAreKnown() {
        page.go(collector.page("/login", snippet("ba('init', 'p1');")));
        assertThat(collector.references()).isEmpty();

        page.evaluate("ba('refs', ['user-1', 'session-1'])");
        awaitLast(0);

        assertThat(awaitReferences(1)).extracting(sent -> sent.value("refs")).containsExactly("user-1,session-1");
    }

    @Test
    void refsAreReadAsAPersonMeansThem() {
        page.go(collector.page("/names", snippet("ba('init', 'p1');")));

        page.evaluate("ba('refs', {id: 7}); ba('refs', true); ba('refs', ',, ,'); ba('refs', [[], {}, null]);"
                + " ba('refs', NaN); ba('refs', ['a 1', null, {}, 2, 'a 1']); ba('refs', ' b1 , b2,')");
        awaitLast(0);

        assertThat(awaitReferences(2))
                .extracting(sent -> sent.value("refs"))
                .containsExactlyInAnyOrder("a 1,2", "b1,b2");
        assertThat(collector.events("_r")).containsExactly("b1,b2");
        assertThat(page.errors()).isEmpty();
    }

    /** The tracker takes 32 of 256 characters at once. */
    @Test
    void manyAndLongRefsAreToldInPiecesAndOnceADay() {
        collector.answerCreate(refs -> refs.contains("-7-") ? 400 : 200);
        String names = "Array.from({length: 40}, function (x, i) { return 'r-' + i + '-' + 'x'.repeat(100); })";
        page.go(collector.page("/many", snippet("ba('init', 'p1', " + names + ");")));
        awaitLast(0);

        // Two pieces, and each name of the one that has a known one.
        List<Sent> told = awaitReferences(22);
        assertThat(told).allMatch(sent -> sent.value("programId").equals("p1"));
        assertThat(told.stream().flatMap(sent -> Stream.of(sent.value("refs").split(","))))
                .contains("r-0-" + "x".repeat(100), "r-39-" + "x".repeat(100));

        page.go(collector.shop() + "/many");
        awaitLast(1);
        awaitReferences(22);
    }

    @Test
    void visitFromBarnebysIsToldBeforeItsFirstEvent() {
        page.go(collector.page("/visit", snippet("ba('init', 'p1', 'user-1'); ba('send', 'event', 'c', 'a1');"))
                + "?x=1&btm_refs=visit%2B1#top");
        awaitEvents(1);
        page.go(collector.page("/later", snippet("ba('init', 'p1', 'user-2'); ba('send', 'event', 'c', 'a2');")));
        awaitEvents(2);

        assertThat(awaitReferences(3))
                .extracting(sent -> sent.value("refs") + " " + sent.value("type"))
                .containsExactlyInAnyOrder("visit+1 barnebys", "user-1 barnebys", "user-2 barnebys");
        assertThat(collector.events("a")).containsExactly("a1", "a2");
    }

    @Test
    void knownNameAmongSeveralKeepsNoOtherFromBeingTold() {
        collector.answerCreate(refs -> refs.contains("user-1") ? 400 : 200);
        page.go(collector.page(
                "/known", snippet("ba('init', 'p1', 'user-1,session-2'); ba('send', 'event', 'c', 'a1');")));
        awaitEvents(1);

        assertThat(awaitReferences(3))
                .extracting(sent -> sent.value("refs"))
                .containsExactlyInAnyOrder("user-1,session-2", "user-1", "session-2");
    }

    @Test
    void eventsWaitForAReferenceNoLongerThanASecondAndNotOnLeaving() {
        page.beforeEachPage(KEEP_TIMERS);
        collector.answerCreate(refs -> 0);
        String html = snippet("ba('init', 'p1', 'user-1');");
        page.go(collector.page("/slow", html));
        page.evaluate("ba('send', 'event', 'c', 'held')");
        assertThat(collector.events()).isEmpty();
        page.go(collector.page("/slow2", html));
        awaitEvents(1);

        page.evaluate("ba('send', 'event', 'c', 'late')");
        assertThat(page.evaluate("timers.map(timer => timer.millis)")).isEqualTo(List.of(1000));
        page.evaluate("timers[0].run()");
        awaitEvents(2);

        assertThat(collector.events("a")).containsExactly("held", "late");
    }
}
