package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.http.EdgeOptions;
import com.barnebys.analytics.http.PrivacySignals;
import com.barnebys.analytics.session.SameSite;
import com.barnebys.analytics.session.SessionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class SettingsTest {
    private static final String LONG_SECRET = "0123456789abcdef0123456789abcdef";

    @Test
    void nothingGivenMeansTheDefaultsOfTheDesign() {
        Settings settings = Settings.of(Map.of());

        assertThat(settings.secret()).isEmpty();
        assertThat(settings.previousSecrets()).isEmpty();
        assertThat(settings.session())
                .isEqualTo(new SessionOptions("_ba", Duration.ofMinutes(60), SameSite.AUTO, null));
        assertThat(settings.host() + ":" + settings.port()).isEqualTo("0.0.0.0:3000");
        assertThat(settings.managementHost() + ":" + settings.managementPort()).isEqualTo("127.0.0.1:9090");
        assertThat(settings.trustedProxies().isEmpty()).isTrue();
        assertThat(settings.privacySignals()).isEqualTo(PrivacySignals.ANONYMOUS);
        assertThat(settings.store()).isEqualTo(Settings.Store.LOCAL);
        assertThat(settings.dataDir()).isEqualTo(Path.of("./data"));
        assertThat(settings.spoolMaxBytes()).isEqualTo(10L << 30);
        assertThat(settings.spoolMinFreeBytes()).isEqualTo(256L << 20);
        assertThat(settings.spoolSync()).isEqualTo(Settings.SpoolSync.INTERVAL);
        assertThat(settings.spoolSyncInterval()).isEqualTo(Duration.ofMillis(200));
        assertThat(settings.retentionDays()).isZero();
        assertThat(settings.batchRows()).isEqualTo(500);
        assertThat(settings.batchWait()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.drain()).isEqualTo(Duration.ofSeconds(25));
        assertThat(settings.prestop()).isEqualTo(Duration.ZERO);
        assertThat(settings.logLevel()).isEqualTo(Level.INFO);
        assertThat(settings.isProd()).isFalse();
        assertThat(settings.warnings()).isEmpty();
    }

    @Test
    void edgeIsComposedOfWhatItsPackagesDeclare() {
        Settings settings = Settings.of(
                Map.of("SITE_URL", "https://www.example.com/", "COOKIE_DOMAIN", "example.com", "SESSION_MAX_AGE", "5"));
        SecretRing ring = SecretRing.of(new Secret("k"), List.of());

        EdgeOptions edge = settings.edge(ring);

        assertThat(edge.secrets()).isSameAs(ring);
        assertThat(edge.siteUrl()).isEqualTo("https://www.example.com/");
        assertThat(edge.utmSource()).isEqualTo("barnebys");
        assertThat(edge.session().domain()).isEqualTo("example.com");
        assertThat(edge.session().maxAge()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void allMistakesAreReportedTogether() {
        InvalidSettingsException refused = refused(Map.of(
                "PORT", "70000",
                "SESION_NAME", "x",
                "SPOOL_SYNC", "maybe",
                "CONSOLE_TOKEN", "t",
                "APP_ENV", "prod"));

        assertThat(refused.mistakes())
                .extracting(Mistake::toString)
                .containsExactlyInAnyOrder(
                        "SESION_NAME: unknown in the given values (did you mean SESSION_NAME?)",
                        "CONSOLE_TOKEN: not in this version in the given values (remove it)",
                        "PORT: 70000 in the given values (expected: 0 to 65535)",
                        "SPOOL_SYNC: maybe in the given values (expected: interval, group, none)",
                        "SECRET: empty (expected: text, since APP_ENV=prod)");
        assertThat(refused.getMessage().lines()).hasSize(5);
    }

    @Test
    void goodSettingsBecomingBadAreRefusedAndBadOnesBecomingGoodTaken() {
        assertThat(Settings.of(Map.of("COOKIE_SAME_SITE", "none", "TRUSTED_PROXIES", "10.0.0.1"))
                        .session()
                        .sameSite())
                .isEqualTo(SameSite.NONE);
        assertThat(refused(Map.of("COOKIE_SAME_SITE", "none")).mistakes())
                .singleElement()
                .extracting(Mistake::name)
                .isEqualTo("COOKIE_SAME_SITE");

        assertThat(refused(Map.of("APP_ENV", "prod")).mistakes())
                .singleElement()
                .extracting(Mistake::name)
                .isEqualTo("SECRET");
        assertThat(Settings.of(Map.of("APP_ENV", "prod", "SECRET", "s")).isProd())
                .isTrue();

        assertThat(refused(Map.of("PORT", "9090")).mistakes())
                .singleElement()
                .extracting(Mistake::name)
                .isEqualTo("MANAGEMENT_PORT");
        assertThat(Settings.of(Map.of("PORT", "9090", "HOST", "10.0.0.1")).port())
                .isEqualTo(9090);
        assertThat(Settings.of(Map.of("PORT", "0", "MANAGEMENT_PORT", "0")).port())
                .isZero();

        assertThat(refused(Map.of("SESSION_NAME", "__Host-ba", "COOKIE_DOMAIN", "a.example"))
                        .mistakes())
                .singleElement()
                .extracting(Mistake::name)
                .isEqualTo("COOKIE_DOMAIN");
    }

    @Test
    void aRuleIsNotAskedOnTopOfAnUnreadableValue() {
        assertThat(refused(Map.of("COOKIE_SAME_SITE", "none", "TRUSTED_PROXIES", "no"))
                        .mistakes())
                .singleElement()
                .extracting(Mistake::name)
                .isEqualTo("TRUSTED_PROXIES");
    }

    @Test
    void secretsAreShownNowhere() {
        Map<String, String> given = Map.of("SECRET", "hush-hush", "SECRETS_PREVIOUS", "psst-one,psst-two");

        Settings settings = Settings.of(given);
        InvalidSettingsException refused = refused(Map.of(
                "SECRET",
                "hush-hush",
                "SECRETS_PREVIOUS",
                "psst-one",
                "PORT",
                "x",
                "GCP_CLIENT_PRIVATE_KEY",
                "psst-two",
                "SECERT",
                "psst-three"));

        assertThat(List.of(
                        settings.toString(),
                        settings.describe().toString(),
                        settings.warnings().toString(),
                        new Part(Layer.FILE, "f", given, List.of()).toString(),
                        new Sourced("hush-hush", Layer.FILE, "f").toString(),
                        new TextFile("f", "hush-hush", null).toString(),
                        refused.getMessage()))
                .noneMatch(text -> text.contains("hush") || text.contains("psst"));
        assertThat(settings.describe().get("SECRET")).isEqualTo(new Settings.Described("***", "the given values"));
    }

    @Test
    void describeSaysEveryValueAndWhereItCameFrom() {
        Map<String, Settings.Described> described =
                Settings.of(Map.of("PORT", "80")).describe();

        assertThat(described.keySet()).containsExactlyElementsOf(Setting.names());
        assertThat(described.get("PORT")).isEqualTo(new Settings.Described("80", "the given values"));
        assertThat(described.get("HOST")).isEqualTo(new Settings.Described("0.0.0.0", "built in"));
        assertThat(described.get("SECRET")).isEqualTo(new Settings.Described("", "built in"));
    }

    @Test
    void whatIsAllowedButUnwiseIsWarnedOf() {
        assertThat(warnings(Map.of("SECRET", "short")))
                .singleElement()
                .asString()
                .contains("SECRET", "32");
        assertThat(warnings(Map.of("SECRET", LONG_SECRET))).isEmpty();
        assertThat(warnings(Map.of("SECRET", LONG_SECRET + "\n")))
                .singleElement()
                .asString()
                .contains("newline");
        assertThat(warnings(Map.of("SECRET", LONG_SECRET, "SECRETS_PREVIOUS", LONG_SECRET)))
                .hasSize(1);
        assertThat(warnings(Map.of("TRUSTED_PROXIES", "0.0.0.0/0"))).hasSize(1);
        assertThat(warnings(Map.of("SESSION_NAME", "__Host-ba"))).hasSize(1);
        assertThat(warnings(Map.of("STORE", "none"))).hasSize(1);
        assertThat(warnings(Map.of("APP_ENV", "prod", "SECRET", LONG_SECRET, "SPOOL_SYNC", "none")))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("TRUSTED_PROXIES"))
                .anyMatch(text -> text.startsWith("SPOOL_SYNC"));
    }

    @Test
    void nearestNameIsFoundAndFarOnesAreNot() {
        assertThat(KnownNames.nearest("SESION_NAME")).contains("SESSION_NAME");
        assertThat(KnownNames.nearest("port")).contains("PORT");
        assertThat(KnownNames.nearest("PROT")).contains("PORT");
        assertThat(KnownNames.nearest("SECRTE")).contains("SECRET");
        assertThat(KnownNames.nearest("session-max-age")).contains("SESSION_MAX_AGE");
        assertThat(KnownNames.nearest("SPOOL_MAXBYTES")).contains("SPOOL_MAX_BYTES");
        assertThat(KnownNames.nearest("TRUSTED_PROXY")).contains("TRUSTED_PROXIES");
        assertThat(KnownNames.nearest("COLOUR_OF_THE_SKY")).isEmpty();
        assertThat(KnownNames.nearest("PORT".repeat(5_000_000))).isEmpty();
        assertThat(KnownNames.nearest("X")).isEmpty();
        assertThat(KnownNames.nearest("")).isEmpty();
    }

    private static List<String> warnings(Map<String, String> given) {
        return Settings.of(given).warnings();
    }

    private static InvalidSettingsException refused(Map<String, String> given) {
        return catchThrowableOfType(InvalidSettingsException.class, () -> Settings.of(given));
    }
}
