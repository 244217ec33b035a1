package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What a running process makes of the files as they change, reading by reading. */
class LiveSettingsTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

    /** Another good value for each setting that can change without a restart. */
    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("SECRET", "another-" + SECRET),
            Map.entry("SECRETS_PREVIOUS", "a,b"),
            Map.entry("SESSION_MAX_AGE", "5"),
            Map.entry("COOKIE_SAME_SITE", "strict"),
            Map.entry("COOKIE_DOMAIN", "example.com"),
            Map.entry("SITE_URL", "https://www.example.com/"),
            Map.entry("UTM_SOURCE", "other"),
            Map.entry("TRUSTED_PROXIES", "10.0.0.0/8"),
            Map.entry("PRIVACY_SIGNALS", "drop"),
            Map.entry("API_TOKEN", "token"),
            Map.entry("RATE_LIMIT", "5"),
            Map.entry("LOG_LEVEL", "debug"));

    private final Logger logger = (Logger) LoggerFactory.getLogger(LiveSettings.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final List<Settings> taken = new ArrayList<>();
    private final Counts counts = new Counts();

    private static final class Counts implements ReloadMetrics {
        private int taken;
        private int refused;
        private boolean isRefused;
        private int waiting;

        @Override
        public void taken(Instant now) {
            assertThat(now).isEqualTo(NOW);
            taken++;
        }

        @Override
        public void refused() {
            refused++;
            isRefused = true;
        }

        @Override
        public void good(int nowWaiting) {
            isRefused = false;
            waiting = nowWaiting;
        }
    }

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    @Test
    void aChangeCountsWhenASecondReadingSaysTheSame() {
        LiveSettings live = live(Map.of("SECRET", SECRET));

        assertThat(live.see(file(Map.of("SECRET", "new-" + SECRET)))).isTrue();
        assertThat(taken).isEmpty();
        List<Part> whole = file(Map.of("SECRET", "new-" + SECRET, "SECRETS_PREVIOUS", SECRET));
        assertThat(live.see(whole)).isTrue();
        assertThat(taken).isEmpty();
        assertThat(live.see(whole)).isFalse();

        assertThat(taken).containsExactly(live.inForce());
        assertThat(live.inForce().previousSecrets()).hasSize(1);
        assertThat(live.see(whole)).isFalse();
        assertThat(counts.taken).isOne();
    }

    @Test
    void whatGoesBackBeforeItIsConfirmedWasNothing() {
        LiveSettings live = live(Map.of());
        read(live, Map.of());

        assertThat(live.see(file(Map.of("UTM_SOURCE", "a")))).isTrue();
        assertThat(live.see(file(Map.of()))).isFalse();
        assertThat(live.see(file(Map.of("UTM_SOURCE", "a")))).isTrue();

        assertThat(taken).isEmpty();
    }

    @Test
    void whatIsReadFirstIsWhatTheProcessStartedWith() {
        LiveSettings live = live(Map.of("SECRET", SECRET, "UTM_SOURCE", "a"));

        read(live, Map.of("SECRET", SECRET, "UTM_SOURCE", "a"));

        assertThat(taken).isEmpty();
        assertThat(log.list).isEmpty();
    }

    @Test
    void eachSettingMarkedAsSuchIsTakenAlone() {
        List<String> reloadable = Setting.all().stream()
                .filter(Setting::isReloadable)
                .map(Setting::name)
                .toList();
        assertThat(OTHERS.keySet()).containsExactlyInAnyOrderElementsOf(reloadable);

        OTHERS.forEach((name, value) -> {
            LiveSettings live = live(Map.of("SECRET", SECRET));
            Map<String, String> given = new HashMap<>(Map.of("SECRET", SECRET));
            given.put(name, value);

            read(live, given);

            assertThat(live.inForce().text(Setting.named(name))).as(name).isEqualTo(value);
            assertThat(live.inForce().get(Setting.named(name)))
                    .as(name)
                    .isNotEqualTo(Settings.of(Map.of("SECRET", SECRET)).get(Setting.named(name)));
        });
        assertThat(counts.taken).isEqualTo(OTHERS.size());
    }

    @Test
    void theDifferenceIsSaidOnceAndMasked() {
        LiveSettings live = live(Map.of("SECRET", SECRET, "UTM_SOURCE", "a"));

        read(live, Map.of("SECRET", "hush-" + SECRET, "UTM_SOURCE", "b", "SITE_URL", "https://a.example/"));

        assertThat(said())
                .containsExactly(
                        "INFO Setting SECRET: *** -> *** from f.yaml.",
                        "INFO Setting SITE_URL: empty -> https://a.example/ from f.yaml.",
                        "INFO Setting UTM_SOURCE: a -> b from f.yaml.");
    }

    @Test
    void writingTheSameDifferentlyChangesNothing() {
        LiveSettings live = live(Map.of("SESSION_MAX_AGE", "60", "PORT", "3000"));

        read(live, Map.of("SESSION_MAX_AGE", "060", "PORT", "03000", "COOKIE_SAME_SITE", "AUTO"));

        assertThat(taken).isEmpty();
        assertThat(log.list).isEmpty();
    }

    @Test
    void whatNeedsARestartKeepsItsValueAndIsSaidOnce() {
        LiveSettings live = live(Map.of("PORT", "80", "UTM_SOURCE", "a"));

        read(live, Map.of("PORT", "81", "UTM_SOURCE", "b"));
        read(live, Map.of("PORT", "81", "UTM_SOURCE", "c"));

        assertThat(live.inForce().port()).isEqualTo(80);
        assertThat(live.inForce().text(Setting.UTM_SOURCE)).isEqualTo("c");
        assertThat(live.waiting()).containsExactly("PORT");
        assertThat(counts.waiting).isOne();
        assertThat(said())
                .containsExactly(
                        "WARN Settings have changed that need a restart. names=[PORT]",
                        "INFO Setting UTM_SOURCE: a -> b from f.yaml.",
                        "INFO Setting UTM_SOURCE: b -> c from f.yaml.");

        read(live, Map.of("PORT", "80", "UTM_SOURCE", "c"));
        assertThat(live.waiting()).isEmpty();
        assertThat(counts.waiting).isZero();
    }

    @Test
    void mistakesKeepWhatIsInForceAndAreSaidAndCountedOnce() {
        LiveSettings live = live(Map.of("SECRET", SECRET, "UTM_SOURCE", "a"));
        Map<String, String> bad = new LinkedHashMap<>();
        bad.put("SECRET", "hush-" + SECRET);
        bad.put("UTM_SOURCE", "b");
        bad.put("PORT", "x");
        bad.put("UTM", "c");

        read(live, bad);
        read(live, bad);
        read(live, bad);

        assertThat(taken).isEmpty();
        assertThat(live.inForce().text(Setting.UTM_SOURCE)).isEqualTo("a");
        assertThat(counts.refused).isOne();
        assertThat(counts.isRefused).isTrue();
        assertThat(live.mistakes()).extracting(Mistake::name).containsExactly("UTM", "PORT");
        assertThat(said())
                .containsExactly(
                        "WARN The settings on the disk are refused, those in force stay. mistakes=2",
                        "WARN UTM: unknown in f.yaml (expected: a name of conf/analytics.yaml)",
                        "WARN PORT: x in f.yaml (expected: 0 to 65535)");
        assertThat(log.list.toString()).doesNotContain("hush");

        bad.put("PORT", "y");
        read(live, bad);
        assertThat(counts.refused).isEqualTo(2);

        read(live, Map.of("SECRET", SECRET, "UTM_SOURCE", "d"));
        assertThat(counts.isRefused).isFalse();
        assertThat(live.mistakes()).isEmpty();
        assertThat(live.inForce().text(Setting.UTM_SOURCE)).isEqualTo("d");
        assertThat(said()).contains("INFO The settings on the disk are good again.");
    }

    @Test
    void goingBackToWhatIsInForceClearsARefusalAndTakesNothing() {
        LiveSettings live = live(Map.of("UTM_SOURCE", "a"));

        read(live, Map.of("PORT", "x"));
        read(live, Map.of("UTM_SOURCE", "a"));

        assertThat(counts.isRefused).isFalse();
        assertThat(taken).isEmpty();
        assertThat(counts.taken).isZero();
    }

    @Test
    void aVeryBrokenFileIsNotSaidInFull() {
        LiveSettings live = live(Map.of());
        Map<String, String> bad = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            bad.put("NO_SETTING_" + i, "x");
        }

        read(live, bad);

        assertThat(live.mistakes()).hasSize(20);
        assertThat(said()).hasSize(21).first().asString().endsWith("mistakes=1000");
    }

    @Test
    void filesThatVanishAreRefused() {
        LiveSettings live = live(Map.of("UTM_SOURCE", "a"));

        twice(live, List.of());
        assertThat(live.mistakes())
                .extracting(Mistake::toString)
                .containsExactly(
                        "CONFIG_FILE: gone in f.yaml (expected: a file; an empty one, if what is built in is meant)");

        twice(live, List.of(new Part(Layer.DIRECTORY, "d/a.yaml", Map.of(), List.of())));
        assertThat(live.mistakes()).hasSize(1);

        read(live, Map.of());
        assertThat(live.inForce().text(Setting.UTM_SOURCE)).isEqualTo("barnebys");
    }

    @Test
    void oneOfSeveralFilesMayGoAndAllOfThemMayNot() {
        Part one = new Part(Layer.DIRECTORY, "d/a.yaml", Map.of("UTM_SOURCE", "a"), List.of());
        Part other = new Part(Layer.DIRECTORY, "d/b.yaml", Map.of("UTM_SOURCE", "b"), List.of());
        LiveSettings live = live(List.of(one, other));

        twice(live, List.of(one));
        assertThat(live.inForce().text(Setting.UTM_SOURCE)).isEqualTo("a");

        twice(live, List.of());
        assertThat(live.mistakes()).singleElement().extracting(Mistake::name).isEqualTo("CONFIG_DIR");
        assertThat(live.inForce().text(Setting.UTM_SOURCE)).isEqualTo("a");
    }

    @Test
    void aSecretThatIsTakenAwayIsRefusedAndOneThatIsGivenTaken() {
        LiveSettings live = live(Map.of());
        read(live, Map.of("SECRET", SECRET));
        assertThat(live.inForce().secret()).isPresent();

        read(live, Map.of("UTM_SOURCE", "b"));
        read(live, Map.of("SECRET", ""));

        assertThat(live.inForce().secret()).isPresent();
        assertThat(live.mistakes())
                .extracting(Mistake::toString)
                .containsExactly("SECRET: empty in f.yaml (expected: text; only a start makes one up)");
    }

    @Test
    void whatIsGoodForAStartAndNotForThisProcessIsRefused() {
        LiveSettings live = live(Map.of("SESSION_NAME", "__Host-ba"));

        read(live, Map.of("SESSION_NAME", "_ba", "COOKIE_DOMAIN", "example.com"));

        assertThat(live.mistakes()).singleElement().extracting(Mistake::name).isEqualTo("COOKIE_DOMAIN");
        assertThat(live.inForce().get(Setting.COOKIE_DOMAIN)).isEqualTo(Optional.empty());
    }

    @Test
    void aChangedValueThatIsHiddenIsSaidToDoNothing() {
        Part environment = new Part(Layer.ENVIRONMENT, "the environment", Map.of("UTM_SOURCE", "e"), List.of());
        LiveSettings live = live(List.of(file(Map.of("UTM_SOURCE", "a")).get(0), environment));

        twice(live, List.of(file(Map.of("UTM_SOURCE", "b")).get(0), environment));
        twice(live, List.of(file(Map.of("UTM_SOURCE", "b", "SITE_URL", "")).get(0), environment));

        assertThat(live.inForce().text(Setting.UTM_SOURCE)).isEqualTo("e");
        assertThat(said())
                .containsExactly(
                        "INFO Setting UTM_SOURCE in f.yaml is hidden by the environment; its change does nothing.");
    }

    @Test
    void warningsAreSaidWhenTheyAreNew() {
        LiveSettings live = live(Map.of("SECRET", "short"));

        read(live, Map.of("SECRET", "short", "UTM_SOURCE", "b"));
        assertThat(said()).noneMatch(line -> line.startsWith("WARN"));

        read(live, Map.of("SECRET", "short", "TRUSTED_PROXIES", "0.0.0.0/0"));
        assertThat(said())
                .filteredOn(line -> line.startsWith("WARN"))
                .singleElement()
                .asString()
                .contains("TRUSTED_PROXIES");
    }

    /** All readings but the two that hang are answered at once, so that a slow machine makes none of them late. */
    @Test
    @Timeout(120)
    void aReadingThatHangsIsSaidAndReadOnWhenItAnswers() throws Exception {
        Vertx vertx = Vertx.vertx(SettingsLoader.smallVertx());
        AtomicInteger readings = new AtomicInteger();
        Promise<List<Part>> hanging = Promise.promise();
        AtomicReference<Future<List<Part>>> next = new AtomicReference<>(hanging.future());
        LiveSettings live = new LiveSettings(
                Settings.of(file(Map.of("CONFIG_SCAN", "100ms"))),
                ReloadMetrics.NONE,
                Clock.systemUTC(),
                Duration.ofMillis(10));
        BlockingQueue<Settings> heard = new LinkedBlockingQueue<>();
        live.onTaken(heard::add);
        Promise<List<Part>> last = Promise.promise();
        int asked;
        try {
            live.follow(
                    vertx,
                    () -> {
                        readings.incrementAndGet();
                        return next.get();
                    },
                    Future::succeededFuture);

            awaitMistake(live, "settings: not readable (takes longer than 10 ms)");
            assertThat(readings).as("one at a time").hasValue(1);

            next.set(Future.failedFuture("broken"));
            hanging.complete(file(Map.of("CONFIG_SCAN", "100ms", "UTM_SOURCE", "a")));
            awaitMistake(live, "settings: not readable (io.vertx.core.impl.NoStackTraceThrowable: broken)");
            next.set(Future.succeededFuture(file(Map.of("CONFIG_SCAN", "100ms", "UTM_SOURCE", "b"))));
            assertThat(take(heard).text(Setting.UTM_SOURCE)).isEqualTo("b");
            assertThat(live.mistakes()).isEmpty();

            next.set(last.future());
            awaitMistake(live, "settings: not readable (takes longer than 10 ms)");
            asked = readings.get();
            live.close();
            last.complete(List.of());
        } finally {
            assertThat(vertx.close().await(60, TimeUnit.SECONDS)).isNull();
        }
        assertThat(readings).as("none after closing").hasValue(asked);
        assertThat(heard).isEmpty();
    }

    private static void awaitMistake(LiveSettings live, String only) {
        while (!live.mistakes().stream().map(Mistake::toString).toList().equals(List.of(only))) {
            Thread.onSpinWait();
        }
    }

    @Test
    void nothingIsReadWhenTheScanIsOff() throws Exception {
        LiveSettings live = live(Map.of("CONFIG_SCAN", "0"));
        Vertx vertx = Vertx.vertx(SettingsLoader.smallVertx());

        live.follow(
                vertx,
                () -> {
                    throw new AssertionError();
                },
                Future::succeededFuture);
        live.close();

        assertThat(vertx.close().await(60, TimeUnit.SECONDS)).isNull();
    }

    private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
        T taken = queue.poll(60, TimeUnit.SECONDS);
        assertThat(taken).isNotNull();
        return taken;
    }

    private LiveSettings live(Map<String, String> start) {
        return live(file(start));
    }

    private LiveSettings live(List<Part> start) {
        LiveSettings live = new LiveSettings(Settings.of(start), counts, Clock.fixed(NOW, ZoneOffset.UTC));
        live.onTaken(taken::add);
        return live;
    }

    private static List<Part> file(Map<String, String> values) {
        return List.of(new Part(Layer.FILE, "f.yaml", values, List.of()));
    }

    private static void read(LiveSettings live, Map<String, String> values) {
        twice(live, file(values));
    }

    private static void twice(LiveSettings live, List<Part> parts) {
        boolean isNew = live.see(parts);
        assertThat(live.see(parts)).as("needs no third look").isFalse();
        assertThat(isNew).isIn(true, false);
    }

    private List<String> said() {
        return log.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }
}
