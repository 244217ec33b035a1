package com.barnebys.analytics.config;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.reference.PostgresUrl;
import com.barnebys.analytics.session.SameSite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one setting demands of another, and what is allowed but should be known. */
final class SettingsRules {
    private static final int SECRET_LENGTH_ADVISED = 32;
    private static final List<Setting<?>> OF_BIGQUERY =
            List.of(Setting.GCP_PROJECT_ID, Setting.GCP_CLIENT_EMAIL, Setting.BIGQUERY_MODE);
    private static final Set<String> ALL_ADDRESSES = Set.of("0.0.0.0", "::");

    private SettingsRules() {}

    /** A rule is asked only when all it looks at could be read: the rest is another mistake's business. */
    static List<Mistake> mistakes(Settings settings) {
        List<Mistake> mistakes = new ArrayList<>();
        if (settings.has(Setting.SECRET, Setting.APP_ENV)
                && settings.isProd()
                && settings.secret().isEmpty()) {
            mistakes.add(mistake(settings, Setting.SECRET, "expected: text, since APP_ENV=prod"));
        }
        if (settings.has(Setting.COOKIE_SAME_SITE, Setting.TRUSTED_PROXIES)
                && settings.get(Setting.COOKIE_SAME_SITE) == SameSite.NONE
                && settings.get(Setting.TRUSTED_PROXIES).isEmpty()) {
            // Browsers drop SameSite=None without Secure, and only a proxy can tell us that the visitor came by https.
            mistakes.add(mistake(
                    settings,
                    Setting.COOKIE_SAME_SITE,
                    "expected: another value, or TRUSTED_PROXIES set: none is for https"));
        }
        if (settings.has(Setting.SESSION_NAME, Setting.COOKIE_DOMAIN)
                && settings.get(Setting.SESSION_NAME).startsWith("__Host-")
                && settings.get(Setting.COOKIE_DOMAIN).isPresent()) {
            mistakes.add(mistake(
                    settings, Setting.COOKIE_DOMAIN, "expected: empty, since SESSION_NAME begins with __Host-"));
        }
        if (settings.has(Setting.HOST, Setting.PORT, Setting.MANAGEMENT_HOST, Setting.MANAGEMENT_PORT)
                && isSameListener(settings)) {
            mistakes.add(mistake(settings, Setting.MANAGEMENT_PORT, "expected: another than PORT"));
        }
        bigQueryMistakes(settings, mistakes);
        return mistakes;
    }

    private static void bigQueryMistakes(Settings settings, List<Mistake> mistakes) {
        if (settings.has(Setting.GCP_CLIENT_EMAIL, Setting.GCP_CLIENT_PRIVATE_KEY)) {
            boolean hasEmail = settings.get(Setting.GCP_CLIENT_EMAIL).isPresent();
            boolean hasKey = settings.get(Setting.GCP_CLIENT_PRIVATE_KEY).isPresent();
            if (hasEmail != hasKey) {
                mistakes.add(
                        hasEmail
                                ? mistake(
                                        settings,
                                        Setting.GCP_CLIENT_PRIVATE_KEY,
                                        "expected: the key of GCP_CLIENT_EMAIL")
                                : mistake(
                                        settings,
                                        Setting.GCP_CLIENT_EMAIL,
                                        "expected: the account GCP_CLIENT_PRIVATE_KEY belongs to"));
            }
        }
        if (settings.has(Setting.BIGQUERY_EMULATOR_HOST)) {
            boolean hasEmulator = settings.get(Setting.BIGQUERY_EMULATOR_HOST).isPresent();
            if (hasEmulator && settings.has(Setting.APP_ENV) && settings.isProd()) {
                // Rows would go to it in the clear.
                mistakes.add(mistake(settings, Setting.BIGQUERY_EMULATOR_HOST, "expected: empty, since APP_ENV=prod"));
            }
            if (!hasEmulator && isTaken(settings, Setting.BIGQUERY_STORAGE_EMULATOR_HOST)) {
                mistakes.add(mistake(
                        settings,
                        Setting.BIGQUERY_STORAGE_EMULATOR_HOST,
                        "expected: empty, or BIGQUERY_EMULATOR_HOST set"));
            }
            if (hasEmulator
                    && settings.has(Setting.STORE, Setting.GCP_PROJECT_ID)
                    && settings.store() == Settings.Store.BIGQUERY
                    && !isTaken(settings, Setting.GCP_PROJECT_ID)) {
                mistakes.add(mistake(
                        settings,
                        Setting.GCP_PROJECT_ID,
                        "expected: a project, since an emulator has no credentials to name one"));
            }
        }
    }

    private static boolean isTaken(Settings settings, Setting<? extends Optional<?>> setting) {
        return settings.has(setting) && settings.get(setting).isPresent();
    }

    /** @param settings free of mistakes */
    static List<String> warnings(Settings settings) {
        List<String> warnings = new ArrayList<>();
        settings.secret().ifPresent(secret -> secretWarnings(settings, secret, warnings));
        String proxies = settings.text(Setting.TRUSTED_PROXIES);
        if (settings.get(Setting.TRUSTED_PROXIES).areEverybody()) {
            warnings.add("TRUSTED_PROXIES: " + proxies + " lets every client choose its own address");
        }
        if (settings.get(Setting.SESSION_NAME).startsWith("__")) {
            warnings.add("SESSION_NAME: browsers keep a cookie with this prefix only over https");
        }
        if (settings.store() == Settings.Store.NONE) {
            warnings.add("STORE: none discards every event");
        }
        if (settings.store() == Settings.Store.LOCAL && !settings.isGiven(Setting.STORE)) {
            // Whoever comes from the service before has set them for BigQuery, whose dataset had a default.
            OF_BIGQUERY.stream()
                    .filter(setting ->
                            settings.isGiven(setting) && !settings.text(setting).isBlank())
                    .findFirst()
                    .ifPresent(setting -> warnings.add("STORE: local, although " + setting
                            + " is set; say STORE=bigquery or BIGQUERY_DATASET_ID"));
        }
        if (isTaken(settings, Setting.GCP_CLIENT_EMAIL) && isTaken(settings, Setting.GOOGLE_APPLICATION_CREDENTIALS)) {
            warnings.add("GOOGLE_APPLICATION_CREDENTIALS: not used, since GCP_CLIENT_EMAIL is set");
        }
        if (settings.isProd()) {
            if (proxies.isBlank()) {
                warnings.add("TRUSTED_PROXIES: empty in prod; behind a proxy all visitors share its address"
                        + " and no cookie reaches another site");
            }
            settings.references()
                    .postgres()
                    .filter(PostgresUrl::isReadableOnTheWay)
                    .ifPresent(url -> {
                        warnings.add(
                                "REFERENCES_URL: without sslmode=verify-full in prod; visitors' ids may cross the network"
                                        + " in the clear");
                    });
            if (settings.spoolSync() == Settings.SpoolSync.NONE) {
                warnings.add("SPOOL_SYNC: none in prod; a power cut takes accepted events with it");
            }
        }
        return warnings;
    }

    private static void secretWarnings(Settings settings, Secret secret, List<String> warnings) {
        if (secret.length() < SECRET_LENGTH_ADVISED) {
            warnings.add("SECRET: shorter than " + SECRET_LENGTH_ADVISED + " characters, so it can be guessed");
        }
        String text = settings.text(Setting.SECRET);
        if (!text.equals(text.strip())) {
            warnings.add("SECRET: begins or ends with a blank or a newline, which belongs to it");
        }
        if (settings.previousSecrets().contains(secret)) {
            warnings.add("SECRETS_PREVIOUS: holds SECRET itself");
        }
    }

    private static boolean isSameListener(Settings settings) {
        String host = settings.host();
        String management = settings.managementHost();
        return settings.port() != 0
                && settings.port() == settings.managementPort()
                && (host.equals(management) || ALL_ADDRESSES.contains(host) || ALL_ADDRESSES.contains(management));
    }

    private static Mistake mistake(Settings settings, Setting<?> setting, String advice) {
        Sourced value = settings.sourced(setting);
        String shown = setting.found(value.text());
        return new Mistake(setting.name(), shown, value.layer() == Layer.BUILT_IN ? "" : value.source(), advice);
    }
}
