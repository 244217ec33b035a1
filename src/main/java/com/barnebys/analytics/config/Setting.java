package com.barnebys.analytics.config;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.http.PrivacySignals;
import com.barnebys.analytics.http.TrustedProxies;
import com.barnebys.analytics.reference.PostgresUrl;
import com.barnebys.analytics.session.SameSite;
import com.barnebys.analytics.sink.bigquery.DeliveryMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The declaration of every setting: its name, default, values and meaning. What is documented, checked or shown about
 * settings is held against this list.
 *
 * @param <T> what its text is read as
 */
public final class Setting<T> {
    private enum Trait {
        SECRET,
        RELOADABLE,
        PROCESS
    }

    private static final Trait S = Trait.SECRET;
    private static final Trait R = Trait.RELOADABLE;
    private static final Trait P = Trait.PROCESS;
    private static final Map<String, Setting<?>> DECLARED = new LinkedHashMap<>();

    // spotless:off
    static final Setting<Optional<Secret>> SECRET = of("SECRET", "", ValueType.secret(), "key of the signatures; empty: made on first start in DATA_DIR", S, R);
    static final Setting<List<Secret>> SECRETS_PREVIOUS = of("SECRETS_PREVIOUS", "", ValueType.secrets(), "keys still accepted while rotating", S, R);
    static final Setting<String> SESSION_NAME = of("SESSION_NAME", "_ba", ValueType.cookieName(), "name of the session cookie");
    static final Setting<Integer> SESSION_MAX_AGE = of("SESSION_MAX_AGE", "60", ValueType.wholeNumber(1, 525_600), "minutes a session lasts", R);
    static final Setting<SameSite> COOKIE_SAME_SITE = of("COOKIE_SAME_SITE", "auto", ValueType.oneOf(SameSite.class), "SameSite of the cookie; auto: None over https, Lax otherwise", R);
    static final Setting<Optional<String>> COOKIE_DOMAIN = of("COOKIE_DOMAIN", "", ValueType.domain(), "Domain of the cookie; empty: the host that set it", R);
    static final Setting<Optional<String>> SITE_URL = of("SITE_URL", "", ValueType.url(), "where incomplete hits are sent; empty: they are refused", R);
    static final Setting<String> UTM_SOURCE = of("UTM_SOURCE", "barnebys", ValueType.text(), "the utm_source that hasUTMTag looks for", R);
    static final Setting<String> HOST = of("HOST", "0.0.0.0", ValueType.host(), "address of the public listener");
    static final Setting<Integer> PORT = of("PORT", "3000", ValueType.wholeNumber(0, 65_535), "port of the public listener; 0: any free one");
    static final Setting<String> MANAGEMENT_HOST = of("MANAGEMENT_HOST", "127.0.0.1", ValueType.host(), "address of the management listener");
    static final Setting<Integer> MANAGEMENT_PORT = of("MANAGEMENT_PORT", "9090", ValueType.wholeNumber(0, 65_535), "port of the management listener; 0: any free one");
    static final Setting<Optional<String>> SCRIPT_PATH = of("SCRIPT_PATH", "", ValueType.scriptPath(), "path under which the browser library is served as well; empty: the usual ones only");
    static final Setting<TrustedProxies> TRUSTED_PROXIES = of("TRUSTED_PROXIES", "", ValueType.networks(), "whose X-Forwarded-For and -Proto count", R);
    static final Setting<PrivacySignals> PRIVACY_SIGNALS = of("PRIVACY_SIGNALS", "anonymous", ValueType.oneOf(PrivacySignals.class), "what Sec-GPC: 1 and DNT: 1 do", R);
    static final Setting<Optional<Secret>> API_TOKEN = of("API_TOKEN", "", ValueType.secret(), "bearer token of /w/collect and /r/fetch; empty: both are closed", S, R);
    static final Setting<Optional<Integer>> RATE_LIMIT = of("RATE_LIMIT", "off", ValueType.numberOrOff(1, 1_000_000), "unsigned requests a second for each masked address and program, with bursts of ten seconds; off: no limit", R);
    static final Setting<Settings.Store> STORE = of("STORE", "local", ValueType.oneOf(Settings.Store.class), "where events end up");
    static final Setting<String> BIGQUERY_DATASET_ID = of("BIGQUERY_DATASET_ID", "tracking", ValueType.datasetId(), "dataset of BigQuery; with it, STORE is bigquery unless said otherwise");
    static final Setting<Optional<String>> GCP_PROJECT_ID = of("GCP_PROJECT_ID", "", ValueType.projectId(), "Google Cloud project; empty: the one of the credentials");
    static final Setting<Optional<String>> GCP_CLIENT_EMAIL = of("GCP_CLIENT_EMAIL", "", ValueType.email(), "service account; empty: GOOGLE_APPLICATION_CREDENTIALS or the machine's");
    static final Setting<Optional<Secret>> GCP_CLIENT_PRIVATE_KEY = of("GCP_CLIENT_PRIVATE_KEY", "", ValueType.privateKey(), "its private key", S);
    static final Setting<Optional<Path>> GOOGLE_APPLICATION_CREDENTIALS = of("GOOGLE_APPLICATION_CREDENTIALS", "", ValueType.optionalPath(), "JSON file with credentials; empty: the machine's");
    static final Setting<DeliveryMode> BIGQUERY_MODE = of("BIGQUERY_MODE", "exactly-once", ValueType.oneOf(DeliveryMode.class), "how rows go to BigQuery");
    static final Setting<Boolean> BIGQUERY_CREATE_DATASET = of("BIGQUERY_CREATE_DATASET", "false", ValueType.flag(), "whether a missing dataset is made, in the US");
    static final Setting<Boolean> BIGQUERY_PARTITION = of("BIGQUERY_PARTITION", "true", ValueType.flag(), "whether new tables are partitioned by day and clustered by programId");
    static final Setting<Optional<Address>> BIGQUERY_EMULATOR_HOST = of("BIGQUERY_EMULATOR_HOST", "", ValueType.address(), "an emulator's REST address, used without TLS and credentials");
    static final Setting<Optional<Address>> BIGQUERY_STORAGE_EMULATOR_HOST = of("BIGQUERY_STORAGE_EMULATOR_HOST", "", ValueType.address(), "its gRPC address; empty: port 9060 of the same host");
    static final Setting<Optional<PostgresUrl>> REFERENCES_URL = of("REFERENCES_URL", "", ValueType.postgresUrl(), "PostgreSQL for references, for several replicas; empty: SQLite in DATA_DIR", S);
    static final Setting<Path> DATA_DIR = of("DATA_DIR", "./data", ValueType.path(), "directory of the spool, the local store and a generated SECRET");
    static final Setting<Long> SPOOL_MAX_BYTES = of("SPOOL_MAX_BYTES", "10GiB", ValueType.size("1MiB"), "size of the spool at which hits are refused");
    static final Setting<Long> SPOOL_MIN_FREE = of("SPOOL_MIN_FREE", "256MiB", ValueType.size("0"), "free bytes of the volume below which hits are refused; 0: not looked at");
    static final Setting<Settings.SpoolSync> SPOOL_SYNC = of("SPOOL_SYNC", "interval", ValueType.oneOf(Settings.SpoolSync.class), "when accepted hits are flushed to the disk");
    static final Setting<Duration> SPOOL_SYNC_INTERVAL = of("SPOOL_SYNC_INTERVAL", "200ms", ValueType.duration("1ms", "1h"), "time between two flushes with SPOOL_SYNC=interval");
    static final Setting<Integer> RETENTION_DAYS = of("RETENTION_DAYS", "0", ValueType.wholeNumber(0, 36_500), "days the local store keeps events, and any store references; 0: for ever");
    static final Setting<Integer> BATCH_ROWS = of("BATCH_ROWS", "500", ValueType.wholeNumber(1, 50_000), "rows sent to the store at once");
    static final Setting<Duration> BATCH_WAIT = of("BATCH_WAIT", "1s", ValueType.duration("1ms", "1h"), "longest wait for a batch to fill");
    static final Setting<Optional<Path>> CONFIG_FILE = of("CONFIG_FILE", "", ValueType.optionalPath(), "settings file; empty: conf/analytics.yaml if there is one", P);
    static final Setting<Optional<Path>> CONFIG_DIR = of("CONFIG_DIR", "", ValueType.optionalPath(), "directory whose *.yaml are laid over the settings file", P);
    static final Setting<Duration> DRAIN = of("DRAIN", "25s", ValueType.duration("0s", "1h"), "longest time spent on sending what is spooled when stopping");
    static final Setting<Duration> PRESTOP = of("PRESTOP", "0s", ValueType.duration("0s", "1h"), "time between not being ready any more and closing the listener");
    static final Setting<Level> LOG_LEVEL = of("LOG_LEVEL", "INFO", ValueType.oneOf(Level.class), "least level that is logged", R);
    static final Setting<LogFormat> LOG_FORMAT = of("LOG_FORMAT", "text", ValueType.oneOf(LogFormat.class), "text, or JSON by the Elastic Common Schema");
    static final Setting<Settings.AppEnv> APP_ENV = of("APP_ENV", "dev", ValueType.oneOf(Settings.AppEnv.class), "prod refuses a generated SECRET and has no demo");
    // spotless:on

    private final String name;
    private final String fallback;
    private final ValueType<T> type;
    private final String meaning;
    private final Set<Trait> traits;

    private Setting(String name, String fallback, ValueType<T> type, String meaning, Set<Trait> traits) {
        this.name = name;
        this.fallback = fallback;
        this.type = type;
        this.meaning = meaning;
        this.traits = traits;
    }

    /** All there are, in the order in which they are documented. */
    public static List<Setting<?>> all() {
        return new ArrayList<>(DECLARED.values());
    }

    static Set<String> names() {
        return Collections.unmodifiableSet(DECLARED.keySet());
    }

    static @Nullable Setting<?> named(String name) {
        return DECLARED.get(name);
    }

    public String name() {
        return name;
    }

    /** The default, as it would be written. */
    public String fallback() {
        return fallback;
    }

    /** What a good value looks like. */
    public String expectation() {
        return type.expectation();
    }

    /** What it decides, in one line. */
    public String meaning() {
        return meaning;
    }

    /** Whether its value is never shown. */
    public boolean isSecret() {
        return traits.contains(Trait.SECRET);
    }

    /** Whether a changed value may be taken without a restart. */
    public boolean isReloadable() {
        return traits.contains(Trait.RELOADABLE);
    }

    /** Whether only environment and {@code -D} can say it, since it says which files are read. */
    public boolean isOfProcess() {
        return traits.contains(Trait.PROCESS);
    }

    T parse(Sourced value) {
        return type.parse(value);
    }

    /** The value as it may be shown. */
    String shown(String text) {
        return isSecret() && !text.isEmpty() ? "***" : text;
    }

    /** The value as a mistake names it. */
    String found(String text) {
        return text.isBlank() ? "empty" : shown(text);
    }

    @Override
    public String toString() {
        return name;
    }

    private static <T> Setting<T> of(String name, String fallback, ValueType<T> type, String meaning, Trait... traits) {
        Set<Trait> set = EnumSet.noneOf(Trait.class);
        Collections.addAll(set, traits);
        Setting<T> setting = new Setting<>(name, fallback, type, meaning, set);
        DECLARED.put(name, setting);
        return setting;
    }
}
