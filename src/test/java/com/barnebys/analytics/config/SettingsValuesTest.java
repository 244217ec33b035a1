package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One table for every setting: what is taken, as what, and what is not. */
class SettingsValuesTest {
    private record Values(String name, String[][] good, String... bad) {}

    private static String[] is(String text, String parsed) {
        return new String[] {text, parsed};
    }

    private static final String[] NONE = {};

    // spotless:off
    private static final Values[] TABLE = {
        new Values("SECRET", new String[][] {is("", "Optional.empty"), is("0123", "Optional[***]"), is(" a b ", "Optional[***]"), is("null", "Optional[***]")}, NONE),
        new Values("SECRETS_PREVIOUS", new String[][] {is("", "[]"), is("a", "[***]"), is("a, b,", "[***, ***]")}, NONE),
        new Values("SESSION_NAME", new String[][] {is("_ba", "_ba"), is("a.b-c!", "a.b-c!")}, "", "a b", "a;b", "a=b", "ä", "\"a\""),
        new Values("SESSION_MAX_AGE", new String[][] {is("1", "1"), is(" 60 ", "60"), is("525600", "525600")}, "", "0", "525601", "-1", "+5", "1h", "1.5", "0x10", "99999999999"),
        new Values("COOKIE_SAME_SITE", new String[][] {is("auto", "AUTO"), is("Lax", "LAX"), is("STRICT", "STRICT")}, "", "no", "None;Secure"),
        new Values("COOKIE_DOMAIN", new String[][] {is("", "Optional.empty"), is("example.com", "Optional[example.com]"), is("localhost", "Optional[localhost]")}, ".example.com", "10.0.0.1", "example.com;", "exa mple.com", "example.com/", "-a.com"),
        new Values("SITE_URL", new String[][] {is("", "Optional.empty"), is("https://a.example/x?y#z", "Optional[https://a.example/x?y#z]"), is("HTTP://a", "Optional[HTTP://a]")}, "a.example", "//a.example", "ftp://a.example", "https://", "https://a.example/å", "https://a.example/a b", "https://a\r\nX: y"),
        new Values("UTM_SOURCE", new String[][] {is("barnebys", "barnebys"), is("ü", "ü")}, "", " "),
        new Values("HOST", new String[][] {is("0.0.0.0", "0.0.0.0"), is("::1", "::1"), is("localhost", "localhost")}, "", "0.0.0.0:3000", "http://a", "a b", "999.0.0.1"),
        new Values("PORT", new String[][] {is("0", "0"), is("65535", "65535"), is("03000", "3000")}, "", "65536", "-1", "http", "3e3"),
        new Values("MANAGEMENT_HOST", new String[][] {is("127.0.0.1", "127.0.0.1"), is("::", "::")}, "", "*", "localhost:9090"),
        new Values("MANAGEMENT_PORT", new String[][] {is("0", "0"), is("9091", "9091")}, "", "70000"),
        new Values("SCRIPT_PATH", new String[][] {is("", "Optional.empty"), is("/assets/stats.js", "Optional[/assets/stats.js]"), is("/b", "Optional[/b]")}, "/", "stats.js", "/a//b.js", "/a/", "/a/../b.js", "/.b.js", "/a b.js", "/a%20b", "/:id", "/*", "/a?b", "/ä.js", "https://a.example/b.js", "/r/collect", "/r/create", "/w/collect", "/robots.txt", "/health-check", "/bite.v1.js", "/v1/bite.js"),
        new Values("TRUSTED_PROXIES", new String[][] {is("", null), is("10.0.0.0/8", null), is("10.0.0.0/8, ::1, fd00::/8", null)}, "10.0.0.0/33", "proxy.example", "10.0.0.0/8;::1"),
        new Values("PRIVACY_SIGNALS", new String[][] {is("ignore", "IGNORE"), is("anonymous", "ANONYMOUS"), is("drop", "DROP")}, "", "yes"),
        new Values("API_TOKEN", new String[][] {is("", "Optional.empty"), is("0123", "Optional[***]"), is("a b c", "Optional[***]")}, NONE),
        new Values("RATE_LIMIT", new String[][] {is("off", "Optional.empty"), is("OFF", "Optional.empty"), is("", "Optional.empty"), is("1", "Optional[1]"), is(" 1000000 ", "Optional[1000000]")}, "0", "-1", "1000001", "1/s", "+1", "on"),
        new Values("STORE", new String[][] {is("local", "LOCAL"), is("bigquery", "BIGQUERY"), is("none", "NONE")}, "", "both"),
        new Values("BIGQUERY_DATASET_ID", new String[][] {is("tracking", "tracking"), is("Tracking_2", "Tracking_2")}, "", "p.tracking", "p:tracking", "a-b", "ä"),
        new Values("GCP_PROJECT_ID", new String[][] {is("", "Optional.empty"), is("my-project-123", "Optional[my-project-123]"), is("example.com:p", "Optional[example.com:p]"), is("123456", "Optional[123456]")}, "My Project", "projects/p", "p-", "p\"q"),
        new Values("GCP_CLIENT_EMAIL", new String[][] {is("", "Optional.empty")}, "me", "a@b@c", "a b@c"),
        new Values("GCP_CLIENT_PRIVATE_KEY", new String[][] {is("", "Optional.empty")}, "hush", "{\"private_key\": \"hush\"}", "-----BEGIN RSA PRIVATE KEY-----\nhush\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nhush"),
        new Values("GOOGLE_APPLICATION_CREDENTIALS", new String[][] {is("", "Optional.empty"), is("/var/run/key.json", "Optional[/var/run/key.json]")}, "a\0b"),
        new Values("BIGQUERY_MODE", new String[][] {is("exactly-once", "EXACTLY_ONCE"), is("At-Least-Once", "AT_LEAST_ONCE"), is("insert-all", "INSERT_ALL")}, "", "once", "insertAll"),
        new Values("BIGQUERY_CREATE_DATASET", new String[][] {is("false", "false"), is("TRUE", "true")}, "", "yes", "1"),
        new Values("BIGQUERY_PARTITION", new String[][] {is("true", "true"), is("false", "false")}, "", "day"),
        new Values("BIGQUERY_EMULATOR_HOST", new String[][] {is("", "Optional.empty"), is("localhost:9050", "Optional[localhost:9050]"), is("http://bq.test:1/", "Optional[bq.test:1]"), is("[::1]:9050", "Optional[[::1]:9050]")}, "localhost", "http://localhost", "https://localhost:9050", "localhost:0", "localhost:65536", "localhost:9050/bigquery", "::1:9050", "a b:1"),
        new Values("BIGQUERY_STORAGE_EMULATOR_HOST", new String[][] {is("", "Optional.empty")}, "9060", "localhost:gRPC"),
        new Values("REFERENCES_URL", new String[][] {is("", "Optional.empty"), is("postgresql://u:p@h/d", "Optional[postgresql://***@h:5432/d?sslmode=prefer]"), is("postgres://u:p%40@[::1]:1/d?sslmode=disable", "Optional[postgresql://***@[::1]:1/d?sslmode=disable]")}, "mysql://u:p@h/d", "postgresql://h/d", "postgresql://u:p@h:0/d"),
        new Values("DATA_DIR", new String[][] {is("./data", "./data"), is("/var/lib/a b", "/var/lib/a b")}, "", "a\0b"),
        new Values("SPOOL_MAX_BYTES", new String[][] {is("10GiB", "10737418240"), is("10GB", "10000000000"), is("256MiB", "268435456"), is("2 tib", "2199023255552"), is("1048576", "1048576")}, "", "1MB", "0", "-1", "10 G", "1.5GiB", "9223372036854775807", "9999999TiB"),
        new Values("SPOOL_MIN_FREE", new String[][] {is("0", "0"), is("1KB", "1000"), is("1KiB", "1024"), is("5B", "5")}, "", "-1", "some"),
        new Values("SPOOL_SYNC", new String[][] {is("interval", "INTERVAL"), is("group", "GROUP"), is("none", "NONE")}, "", "always"),
        new Values("SPOOL_SYNC_INTERVAL", new String[][] {is("200ms", "PT0.2S"), is("1s", "PT1S"), is("1h", "PT1H"), is("5m", "PT5M")}, "", "0", "200", "2h", "-1s", "1 week", "PT1S"),
        new Values("RETENTION_DAYS", new String[][] {is("0", "0"), is("36500", "36500")}, "", "36501", "30d"),
        new Values("BATCH_ROWS", new String[][] {is("1", "1"), is("50000", "50000")}, "", "0", "50001", "1k"),
        new Values("BATCH_WAIT", new String[][] {is("1ms", "PT0.001S"), is("10 s", "PT10S")}, "", "0s", "1d", "1"),
        new Values("CONFIG_FILE", new String[][] {is("", "Optional.empty"), is("a.yaml", "Optional[a.yaml]")}, NONE),
        new Values("CONFIG_DIR", new String[][] {is("", "Optional.empty"), is("/etc/a", "Optional[/etc/a]")}, NONE),
        new Values("DRAIN", new String[][] {is("0", "PT0S"), is("25s", "PT25S")}, "", "25", "30d"),
        new Values("PRESTOP", new String[][] {is("0s", "PT0S"), is("5s", "PT5S")}, "", "-5s"),
        new Values("LOG_LEVEL", new String[][] {is("INFO", "INFO"), is("debug", "DEBUG")}, "", "verbose"),
        new Values("LOG_FORMAT", new String[][] {is("text", "TEXT"), is("JSON", "JSON")}, "", "xml"),
        new Values("APP_ENV", new String[][] {is("dev", "DEV")}, "", "production"),
    };
    // spotless:on

    static Stream<Arguments> good() {
        return Stream.of(TABLE)
                .flatMap(row -> Stream.of(row.good).map(pair -> Arguments.of(row.name, pair[0], pair[1])));
    }

    static Stream<Arguments> bad() {
        return Stream.of(TABLE).flatMap(row -> Stream.of(row.bad).map(text -> Arguments.of(row.name, text)));
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("good")
    void goodValueIsTaken(String name, String text, String parsed) {
        Setting<?> setting = Setting.named(name);

        Settings settings = Settings.of(SettingsLoaderTest.process(Map.of(name, text)));

        if (parsed != null) {
            assertThat(settings.get(setting)).hasToString(parsed);
        }
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("bad")
    void badValueIsAMistakeWithNameValueSourceAndExpectation(String name, String text) {
        assertThatThrownBy(() -> Settings.of(Map.of(name, text)))
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        e -> assertThat(e.mistakes()).singleElement().satisfies(mistake -> {
                            assertThat(mistake.name()).isEqualTo(name);
                            assertThat(mistake.found()).isNotBlank().doesNotContain("\r", "\n", "\0");
                            assertThat(mistake.source()).isEqualTo("the given values");
                            assertThat(mistake.advice()).isNotBlank();
                        }));
    }

    @Test
    void everySettingIsInTheTable() {
        Set<String> names = new HashSet<>();

        Stream.of(TABLE).forEach(row -> names.add(row.name));

        assertThat(names).isEqualTo(Setting.names());
    }

    @Test
    void everyDefaultIsAGoodValueOfItsSetting() {
        for (Setting<?> setting : Setting.all()) {
            assertThat(setting.parse(Sourced.builtIn(setting.fallback())))
                    .as(setting.name())
                    .isNotNull();
            assertThat(setting.meaning()).isNotBlank();
        }
    }
}
