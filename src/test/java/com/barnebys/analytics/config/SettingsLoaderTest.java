package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.MountedVolume;
import com.barnebys.analytics.hit.Secret;
import io.vertx.config.ConfigRetriever;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layers as they come from disk and process, through the retriever. */
class SettingsLoaderTest {
    private static Vertx vertx;

    @TempDir
    private Path dir;

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(SettingsLoader.smallVertx());
    }

    @AfterAll
    static void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    static List<Part> process(Map<String, String> values) {
        return List.of(new Part(Layer.ENVIRONMENT, "the environment", values, List.of()));
    }

    @Test
    void eachLayerBeatsTheOneBefore() throws Exception {
        assertThat(utmSourceAndSource()).isEqualTo("barnebys, built in");

        Path file = write("conf/analytics.yaml", "UTM_SOURCE: file");
        assertThat(utmSourceAndSource()).isEqualTo("file, " + file);

        Path first = write("d/10.yaml", "UTM_SOURCE: first");
        environment.put("CONFIG_DIR", dir.resolve("d").toString());
        assertThat(utmSourceAndSource()).isEqualTo("first, " + first);

        Path second = write("d/20.yaml", "UTM_SOURCE: second");
        assertThat(utmSourceAndSource()).isEqualTo("second, " + second);

        Path value = write("value", "from a file\n");
        environment.put("UTM_SOURCE_FILE", value.toString());
        assertThat(utmSourceAndSource()).isEqualTo("from a file, " + value);

        environment.put("UTM_SOURCE", "environment");
        assertThat(utmSourceAndSource()).isEqualTo("environment, the environment");

        properties.put("UTM_SOURCE", "property");
        assertThat(utmSourceAndSource()).isEqualTo("property, the system properties");
    }

    @Test
    void textStaysTextInEveryLayer() throws Exception {
        for (String text : List.of("0123", "1e5", "yes", "null", "2026-11-23", "{\"a\":1}", "[1,2]", "true")) {
            write("conf/analytics.yaml", "UTM_SOURCE: '" + text + "'");
            environment.clear();
            properties.clear();
            assertThat(load().text(Setting.UTM_SOURCE)).isEqualTo(text);

            environment.put("UTM_SOURCE_FILE", write("value", text).toString());
            assertThat(load().text(Setting.UTM_SOURCE)).isEqualTo(text);

            environment.put("UTM_SOURCE", text);
            assertThat(load().text(Setting.UTM_SOURCE)).isEqualTo(text);

            properties.put("UTM_SOURCE", text);
            assertThat(load().text(Setting.UTM_SOURCE)).isEqualTo(text);
        }
    }

    @Test
    void plainZerosInYamlAreNoOctalSecret() throws Exception {
        write("conf/analytics.yaml", "SECRET: 0123");

        assertThat(load().secret().orElseThrow().bytes()).isEqualTo("0123".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void defaultFileMayBeMissingAndANamedOneMayNot() throws Exception {
        assertThat(load().port()).isEqualTo(3000);

        environment.put("CONFIG_FILE", dir.resolve("none.yaml").toString());
        assertThat(mistakes())
                .containsExactly("CONFIG_FILE: " + dir.resolve("none.yaml") + " (expected: a file that can be read)");

        properties.put("CONFIG_FILE", write("other.yaml", "PORT: 80").toString());
        assertThat(load().port()).isEqualTo(80);
    }

    @Test
    void defaultFileThatIsThereHasToBeReadable() throws Exception {
        Files.createDirectories(dir.resolve("conf"));
        Path file = dir.resolve("conf/analytics.yaml");

        Files.createSymbolicLink(file, dir.resolve("nowhere"));
        assertThat(mistakes()).singleElement().asString().endsWith("(expected: a file that can be read)");

        Files.delete(file);
        Files.createDirectory(file);
        assertThat(mistakes()).singleElement().asString().endsWith("(expected: a file that can be read)");

        Files.delete(file);
        Files.write(file, new byte[] {'A', ':', ' ', (byte) 0xFF});
        assertThat(mistakes()).singleElement().asString().endsWith("(expected: UTF-8)");

        Files.writeString(file, "#".repeat((1 << 20) + 1));
        assertThat(mistakes()).singleElement().asString().endsWith("(expected: at most 1 MiB)");
    }

    @Test
    void mistakesOfAllLayersComeTogether() throws Exception {
        Path file = write(
                "conf/analytics.yaml", "PORT: 70000\nSESION_NAME: a\nSPOOL: {MAX: 1}\nSECRET_FILE: x\nCONFIG_DIR: y");
        Path broken = write("d/broken.yaml", "A: [");
        Path unknown = write("d/unknown.yaml", "CONSOLE_TOKEN: x\nBIGQUERY_MODE: both");
        environment.put("CONFIG_DIR", dir.resolve("d").toString());
        environment.put("SECRET_FILE", dir.resolve("no-secret").toString());
        environment.put("MANAGEMENT_PORT", "x");
        properties.put("DRAIN", "soon");

        assertThat(mistakes())
                .satisfiesExactlyInAnyOrder(
                        m -> assertThat(m).isEqualTo("PORT: 70000 in " + file + " (expected: 0 to 65535)"),
                        m -> assertThat(m)
                                .isEqualTo("SESION_NAME: unknown in " + file + " (did you mean SESSION_NAME?)"),
                        m -> assertThat(m).startsWith("SPOOL: a nested map in " + file + " line 3"),
                        m -> assertThat(m).startsWith("SECRET_FILE: not for a file in " + file),
                        m -> assertThat(m).startsWith("CONFIG_DIR: not for a file in " + file),
                        m -> assertThat(m).startsWith("YAML: not readable in " + broken),
                        m -> assertThat(m).startsWith("CONSOLE_TOKEN: not in this version in " + unknown),
                        m -> assertThat(m).startsWith("BIGQUERY_MODE: both in " + unknown),
                        m -> assertThat(m).startsWith("SECRET_FILE: " + dir.resolve("no-secret")),
                        m -> assertThat(m).startsWith("MANAGEMENT_PORT: x in the environment"),
                        m -> assertThat(m).startsWith("DRAIN: soon in the system properties"));
    }

    @Test
    void configMapIsReadThroughTheLinksOfTheKubelet() throws Exception {
        Path mount = dir.resolve("mount");
        MountedVolume volume = new MountedVolume(mount);
        volume.become(Map.of("a.yaml", "PORT: 1\nUTM_SOURCE: a", "b.yaml", "PORT: 2", "notes.txt", "not yaml: ["));
        write("mount/.hidden.yaml", "PORT: 9");
        write("mount/below.yaml.d/c.yaml", "PORT: 9");
        environment.put("CONFIG_DIR", mount.toString());
        SettingsLoader loader = loader();

        Settings before = load(loader);
        volume.become(Map.of("a.yaml", "PORT: 1\nUTM_SOURCE: changed", "b.yaml", "PORT: 3"));
        Settings after = load(loader);
        load(loader.close());

        assertThat(before.port() + before.text(Setting.UTM_SOURCE)).isEqualTo("2a");
        assertThat(before.describe().get("PORT").source())
                .isEqualTo(mount.resolve("b.yaml").toString());
        assertThat(after.port() + after.text(Setting.UTM_SOURCE)).isEqualTo("3changed");
    }

    @Test
    void aFileThatBreaksAndIsRepairedIsReadAnewByTheSameLoader() throws Exception {
        SettingsLoader loader = loader();
        write("conf/analytics.yaml", "PORT: 1");
        assertThat(load(loader).port()).isEqualTo(1);

        write("conf/analytics.yaml", "PORT: [");
        assertThatThrownBy(() -> load(loader)).isInstanceOf(InvalidSettingsException.class);

        write("conf/analytics.yaml", "PORT: 2");
        assertThat(load(loader).port()).isEqualTo(2);
    }

    @Test
    void aRetrieverThatListensHearsOfEveryChangeAndOfNothingElse() throws Exception {
        write("conf/analytics.yaml", "PORT: 1");
        BlockingQueue<List<Part>> heard = new LinkedBlockingQueue<>();
        ConfigRetriever retriever = ConfigRetriever.create(
                vertx,
                SettingsLoader.options(
                                SettingsLoader.Outside.given(environment, properties),
                                dir.resolve("conf/analytics.yaml"))
                        .setScanPeriod(100));
        load(retriever.getConfig());
        // Not before: a look that comes first would find the beginning new.
        retriever.listen(change -> heard.add(Part.fromJson(change.getNewConfiguration())));

        replace("conf/analytics.yaml", "PORT: [");
        List<Part> broken = heard.poll(60, TimeUnit.SECONDS);
        replace("conf/analytics.yaml", "PORT: 2");
        List<Part> repaired = heard.poll(60, TimeUnit.SECONDS);
        load(retriever.close());

        assertThatThrownBy(() -> Settings.of(broken)).isInstanceOf(InvalidSettingsException.class);
        assertThat(Settings.of(repaired).port()).isEqualTo(2);
        assertThat(heard).isEmpty();
    }

    @Test
    void directoryThatIsNamedHasToBeThere() {
        environment.put("CONFIG_DIR", dir.resolve("none").toString());

        assertThat(mistakes())
                .containsExactly("CONFIG_DIR: " + dir.resolve("none") + " (expected: a directory that can be read)");
    }

    @Test
    void valueFileLosesOneNewlineAndNothingElse() throws Exception {
        for (String[] pair : new String[][] {
            {"s", "s"}, {"s\n", "s"}, {"s\r\n", "s"}, {"s\n\n", "s\n"}, {" s ", " s "}, {"a,b # c: d", "a,b # c: d"}
        }) {
            environment.put("SECRET_FILE", write("secret", pair[0]).toString());

            assertThat(load().secret().orElseThrow().bytes()).isEqualTo(pair[1].getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void emptyValueFileIsAMistakeAndNotAGeneratedSecret() throws Exception {
        environment.put("SECRET_FILE", write("secret", "\n").toString());

        assertThat(mistakes()).singleElement().asString().endsWith("(expected: a file with a value)");
    }

    @Test
    void previousSecretsAreOneALineInAFileAndSeparatedByCommasElsewhere() throws Exception {
        environment.put("SECRETS_PREVIOUS_FILE", write("old", "a,b\r\n\nc\n").toString());
        assertThat(load().previousSecrets())
                .hasSize(2)
                .first()
                .satisfies(secret -> assertThat(secret.bytes()).isEqualTo("a,b".getBytes(StandardCharsets.UTF_8)));

        environment.put("SECRETS_PREVIOUS", "a,b,c");
        assertThat(load().previousSecrets()).hasSize(3);

        environment.clear();
        write("conf/analytics.yaml", "SECRETS_PREVIOUS: [0123, yes]");
        assertThat(load().previousSecrets())
                .hasSize(2)
                .first()
                .satisfies(secret -> assertThat(secret.bytes()).isEqualTo("0123".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void valueOfTheProcessThatHidesAFileIsListed() throws Exception {
        Path file = write("conf/analytics.yaml", "PORT: 1\nUTM_SOURCE: a\nDRAIN: 1s");
        Path secret = write("secret", "s");
        environment.put("PORT", "2");
        environment.put("SECRET_FILE", secret.toString());
        environment.put("SECRET", "t");
        environment.put("HOST", "::1");
        properties.put("UTM_SOURCE", "b");

        Settings settings = load();

        assertThat(settings.hidden())
                .containsExactlyInAnyOrder(
                        new Settings.Hidden("PORT", file.toString(), "the environment"),
                        new Settings.Hidden("SECRET", secret.toString(), "the environment"),
                        new Settings.Hidden("UTM_SOURCE", file.toString(), "the system properties"));
        assertThat(settings.hidden().get(0)).asString().contains(" is hidden by the environment");
    }

    @Test
    void emptyVariableCountsAsNotSet() throws Exception {
        write("conf/analytics.yaml", "SECRET: s\nPORT: 1");
        environment.putAll(Map.of("SECRET", "", "PORT", "", "CONFIG_DIR", "", "CONFIG_FILE", "", "SECRET_FILE", ""));

        Settings settings = load();

        assertThat(settings.secret()).isPresent();
        assertThat(settings.port()).isEqualTo(1);
        assertThat(settings.hidden()).isEmpty();
    }

    @Test
    void namesWithoutMeaningAreNamedAndStrangersInTheEnvironmentIgnored() throws Exception {
        write("conf/analytics.yaml", "MONGODB_URI: x\nEVENTHUB_NAMESPACE: y");
        environment.putAll(
                Map.of("FAUNADB_SECRET", "x", "APPLICATIONINSIGHTS_ROLE_NAME", "x", "BA_HOST", "x", "MONGODB_DB", "x"));
        environment.putAll(Map.of("PATH", "/bin", "SESION_NAME", "x", "CONSOLE_TOKEN", "x"));
        properties.put("NPM_TOKEN", "x");

        Settings settings = load();

        assertThat(settings.notUsed())
                .containsExactly(
                        "APPLICATIONINSIGHTS_ROLE_NAME",
                        "BA_HOST",
                        "EVENTHUB_NAMESPACE",
                        "FAUNADB_SECRET",
                        "MONGODB_DB",
                        "MONGODB_URI",
                        "NPM_TOKEN");
        assertThat(settings.notInThisVersion()).containsExactly("CONSOLE_TOKEN");
        assertThat(settings.describe()).doesNotContainKeys("PATH", "SESION_NAME");
    }

    @Test
    void systemPropertiesOfTheProcessAreReadRaw() {
        System.setProperty("UTM_SOURCE", "0123");
        try {
            Settings settings = SettingsLoader.loadBlocking(Duration.ofSeconds(60));

            assertThat(settings.text(Setting.UTM_SOURCE)).isEqualTo("0123");
            assertThat(settings.describe().get("UTM_SOURCE").source()).isEqualTo("the system properties");
        } finally {
            System.clearProperty("UTM_SOURCE");
        }
    }

    @Test
    void onlyTheKeysOfBeforeMayBecomeNoneInAFile() throws Exception {
        environment.put("SECRETS_PREVIOUS_FILE", write("old", "").toString());
        assertThat(load().previousSecrets()).isEmpty();

        environment.put("API_TOKEN_FILE", write("token", "").toString());
        assertThat(mistakes()).singleElement().asString().startsWith("API_TOKEN_FILE");
    }

    @Test
    void whatTwoReadingsAgreeOnIsTaken() {
        List<Part> old = process(Map.of("SECRET", "old"));
        List<Part> mixed = process(Map.of("SECRET", "new"));
        List<Part> now = process(Map.of("SECRET", "new", "SECRETS_PREVIOUS", "old"));
        Iterator<List<Part>> readings = List.of(old, mixed, now, now).iterator();

        assertThat(load(SettingsLoader.settled(() -> Future.succeededFuture(readings.next()))))
                .isEqualTo(now);
        assertThat(readings).isExhausted();
    }

    @Test
    void filesThatNeverStandStillAreGivenUp() {
        AtomicInteger readings = new AtomicInteger();

        Future<List<Part>> never = SettingsLoader.settled(
                () -> Future.succeededFuture(process(Map.of("UTM_SOURCE", "a" + readings.incrementAndGet()))));

        assertThat(never.cause()).hasMessage("settings: change while they are read");
        assertThat(readings).hasValue(20);
    }

    @Test
    void aCheckReadsOneFileOrDirectoryAndWhatComesWithTheProcess() throws Exception {
        write("conf/analytics.yaml", "not: [");
        Path file = write("good.yaml", "APP_ENV: prod\nPORT: 80");
        assertThat(checkMistakes(file)).containsExactly("SECRET: empty (expected: text, since APP_ENV=prod)");

        environment.put("SECRET_FILE", write("secret", "s").toString());
        environment.put("CONFIG_DIR", dir.resolve("none").toString());
        assertThat(check(file).isProd()).isTrue();

        Path first = write("d/a.yaml", "PORT: x\nUTM: y");
        Path second = write("d/b.yaml", "DRAIN: soon");
        environment.put("PORT", "80");
        assertThat(checkMistakes(dir.resolve("d")))
                .containsExactlyInAnyOrder(
                        "PORT: x in " + first + " (expected: 0 to 65535)",
                        "UTM: unknown in " + first + " (expected: a name of conf/analytics.yaml)",
                        "DRAIN: soon in " + second + " (expected: a duration like 200ms, 1s, 5m, 1h or 30d, 0s to 1h)");

        assertThat(checkMistakes(dir.resolve("nowhere.yaml")))
                .containsExactly(
                        "CONFIG_FILE: " + dir.resolve("nowhere.yaml") + " (expected: a file that can be read)");
    }

    private Settings check(Path path) {
        return SettingsLoader.check(SettingsLoader.Outside.given(environment, properties), path);
    }

    private List<String> checkMistakes(Path path) {
        try {
            throw new AssertionError("good: " + check(path));
        } catch (InvalidSettingsException e) {
            return e.mistakes().stream().map(Mistake::toString).toList();
        }
    }

    /** Single readings of these files do mix them. */
    @Test
    void twoFilesOfAMountAreNeverTakenFromBothSidesOfASwap() throws Exception {
        MountedVolume volume = new MountedVolume(dir.resolve("mount"));
        volume.become(Map.of("secret", "key-1", "previous", "key-0"));
        environment.put("SECRET_FILE", volume.file("secret").toString());
        environment.put("SECRETS_PREVIOUS_FILE", volume.file("previous").toString());
        SettingsLoader loader = loader();
        AtomicBoolean isEnding = new AtomicBoolean();
        Thread swapping = new Thread(() -> {
            for (int n = 2; n < 100_000 && !isEnding.get(); n++) {
                volume.become(Map.of("secret", "key-" + n, "previous", "key-" + (n - 1)));
                LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(2_000_000));
            }
        });
        swapping.start();

        int taken = 0;
        for (int i = 0; i < 200; i++) {
            try {
                Settings settings = load(loader);
                assertThat(number(settings.previousSecrets().get(0)))
                        .isEqualTo(number(settings.secret().orElseThrow()) - 1);
                taken++;
            } catch (InvalidSettingsException | GivenUpException swappedTooOften) {
                // As a start would.
            }
        }
        isEnding.set(true);
        swapping.join(60_000);

        assertThat(swapping.isAlive()).isFalse();
        assertThat(taken).isGreaterThan(20);
    }

    private static int number(Secret key) {
        return Integer.parseInt(new String(key.bytes(), StandardCharsets.UTF_8).substring(4));
    }

    private static final class GivenUpException extends RuntimeException {
        private static final long serialVersionUID = 1;

        GivenUpException(Throwable cause) {
            super(cause);
        }
    }

    private String utmSourceAndSource() {
        Settings.Described described = load().describe().get("UTM_SOURCE");
        return described.value() + ", " + described.source();
    }

    private List<String> mistakes() {
        try {
            throw new AssertionError("taken: " + load());
        } catch (InvalidSettingsException e) {
            return e.mistakes().stream().map(Mistake::toString).toList();
        }
    }

    /** Both ways, which must find the same. */
    private Settings load() {
        PlainReading plain = PlainReading.of(
                SettingsLoader.Outside.given(environment, properties), dir.resolve("conf/analytics.yaml"));
        assertThat(found(() -> Settings.of(plain.parts()))).isEqualTo(found(() -> load(loader())));
        return load(loader());
    }

    private static List<?> found(Supplier<Settings> reading) {
        try {
            Settings settings = reading.get();
            return List.of(
                    settings.describe(),
                    settings.hidden(),
                    settings.notUsed(),
                    settings.notInThisVersion(),
                    settings.secret());
        } catch (InvalidSettingsException e) {
            return e.mistakes();
        }
    }

    private SettingsLoader loader() {
        return new SettingsLoader(
                vertx, SettingsLoader.Outside.given(environment, properties), dir.resolve("conf/analytics.yaml"));
    }

    private static Settings load(SettingsLoader loader) {
        return load(loader.load());
    }

    private static <T> T load(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InvalidSettingsException invalid) {
                throw invalid;
            }
            if (e.getCause() instanceof IllegalStateException givenUp) {
                throw new GivenUpException(givenUp);
            }
            throw new AssertionError(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void replace(String name, String text) throws IOException {
        Files.move(write("replacement", text), dir.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path write(String name, String text) throws IOException {
        Path file = dir.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
