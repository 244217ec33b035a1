package com.barnebys.analytics.config;

import com.barnebys.analytics.conversion.RateLimit;
import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.http.EdgeOptions;
import com.barnebys.analytics.http.PrivacySignals;
import com.barnebys.analytics.http.TrustedProxies;
import com.barnebys.analytics.reference.ReferenceOptions;
import com.barnebys.analytics.session.SessionOptions;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * All settings, read and checked as a whole: holding one means that there is no mistake in it. Immutable, any thread;
 * shows no secret in {@code toString}, {@link #describe} or {@link #warnings}.
 */
public final class Settings {
    /** That of goccy/bigquery-emulator, which is the one people have. */
    private static final int EMULATOR_GRPC_PORT = 9060;

    private final Map<Setting<?>, Object> values;
    private final Map<String, Sourced> inForce;
    private final List<Hidden> hidden;
    private final List<String> notUsed;
    private final List<String> notInThisVersion;

    Settings(
            Map<Setting<?>, Object> values,
            Map<String, Sourced> inForce,
            List<Hidden> hidden,
            List<String> notUsed,
            List<String> notInThisVersion) {
        this.values = Map.copyOf(values);
        this.inForce = inForce;
        this.hidden = List.copyOf(hidden);
        this.notUsed = notUsed;
        this.notInThisVersion = notInThisVersion;
    }

    /**
     * These values over the built-in ones, with nothing read from anywhere.
     *
     * @throws InvalidSettingsException with everything that is wrong
     */
    public static Settings of(Map<String, String> given) {
        return of(List.of(new Part(Layer.FILE, "the given values", given, List.of())));
    }

    static Settings of(List<Part> parts) {
        return SettingsReader.read(parts);
    }

    /** Empty: to be made on first start, see {@link #secrets}. */
    public Optional<Secret> secret() {
        return get(Setting.SECRET);
    }

    public List<Secret> previousSecrets() {
        return get(Setting.SECRETS_PREVIOUS);
    }

    /**
     * SECRET, or the one in DATA_DIR, which is made when there is none; and the previous ones. Blocks for the disk.
     *
     * @throws IOException when the secret in DATA_DIR can be neither read nor made
     */
    public SecretRing secrets() throws IOException {
        Optional<Secret> given = secret();
        Secret current = given.isPresent() ? given.get() : new SecretFile(dataDir()).readOrMake();
        return SecretRing.of(current, previousSecrets());
    }

    public SessionOptions session() {
        return new SessionOptions(
                get(Setting.SESSION_NAME),
                Duration.ofMinutes(get(Setting.SESSION_MAX_AGE)),
                get(Setting.COOKIE_SAME_SITE),
                get(Setting.COOKIE_DOMAIN).orElse(null));
    }

    /**
     * What the edge decides by.
     *
     * @param secrets see {@link #secrets}
     */
    public EdgeOptions edge(SecretRing secrets) {
        return new EdgeOptions(
                secrets,
                session(),
                get(Setting.SITE_URL).orElse(null),
                get(Setting.UTM_SOURCE),
                trustedProxies(),
                privacySignals(),
                get(Setting.API_TOKEN).orElse(null),
                get(Setting.RATE_LIMIT).map(RateLimit::new).orElse(null));
    }

    public TrustedProxies trustedProxies() {
        return get(Setting.TRUSTED_PROXIES);
    }

    public PrivacySignals privacySignals() {
        return get(Setting.PRIVACY_SIGNALS);
    }

    public String host() {
        return get(Setting.HOST);
    }

    /** 0: any free one. */
    public int port() {
        return get(Setting.PORT);
    }

    /** Where the browser library is served beside its usual paths. */
    public Optional<String> scriptPath() {
        return get(Setting.SCRIPT_PATH);
    }

    public String managementHost() {
        return get(Setting.MANAGEMENT_HOST);
    }

    /** 0: any free one. */
    public int managementPort() {
        return get(Setting.MANAGEMENT_PORT);
    }

    public Store store() {
        return get(Setting.STORE);
    }

    /** How to reach BigQuery; also when {@link #store} is another. */
    public BigQueryOptions bigQuery() {
        return new BigQueryOptions(
                get(Setting.GCP_PROJECT_ID),
                get(Setting.BIGQUERY_DATASET_ID),
                get(Setting.BIGQUERY_MODE),
                identity(),
                get(Setting.BIGQUERY_EMULATOR_HOST).map(this::emulator),
                get(Setting.BIGQUERY_CREATE_DATASET),
                get(Setting.BIGQUERY_PARTITION));
    }

    /** Where references are kept, and for how long. */
    public ReferenceOptions references() {
        return new ReferenceOptions(
                get(Setting.REFERENCES_URL), dataDir().resolve("references.db"), get(Setting.RETENTION_DAYS));
    }

    /** As it was written; relative to the working directory. */
    public Path dataDir() {
        return get(Setting.DATA_DIR);
    }

    public long spoolMaxBytes() {
        return get(Setting.SPOOL_MAX_BYTES);
    }

    /** 0: no check. */
    public long spoolMinFreeBytes() {
        return get(Setting.SPOOL_MIN_FREE);
    }

    public SpoolSync spoolSync() {
        return get(Setting.SPOOL_SYNC);
    }

    public Duration spoolSyncInterval() {
        return get(Setting.SPOOL_SYNC_INTERVAL);
    }

    /** 0: for ever. */
    public int retentionDays() {
        return get(Setting.RETENTION_DAYS);
    }

    public int batchRows() {
        return get(Setting.BATCH_ROWS);
    }

    public Duration batchWait() {
        return get(Setting.BATCH_WAIT);
    }

    public Duration drain() {
        return get(Setting.DRAIN);
    }

    public Duration prestop() {
        return get(Setting.PRESTOP);
    }

    public Level logLevel() {
        return get(Setting.LOG_LEVEL);
    }

    public LogFormat logFormat() {
        return get(Setting.LOG_FORMAT);
    }

    public boolean isProd() {
        return get(Setting.APP_ENV) == AppEnv.PROD;
    }

    /** Every setting with the value in force, in the order of {@link Setting#all}; secrets masked. */
    public Map<String, Described> describe() {
        Map<String, Described> described = new LinkedHashMap<>();
        for (Setting<?> setting : Setting.all()) {
            Sourced value = sourced(setting);
            described.put(setting.name(), new Described(setting.shown(value.text()), value.source()));
        }
        return described;
    }

    /** Values of files that a change of the file will not bring back. */
    public List<Hidden> hidden() {
        return hidden;
    }

    /** Names of the replaced service that were found and mean nothing any more. */
    public List<String> notUsed() {
        return notUsed;
    }

    /** Names of a later version that were found in the environment and do nothing yet. */
    public List<String> notInThisVersion() {
        return notInThisVersion;
    }

    /** What is allowed and still should be known, one sentence each. */
    public List<String> warnings() {
        return SettingsRules.warnings(this);
    }

    @Override
    public String toString() {
        return describe().toString();
    }

    private Optional<BigQueryOptions.Identity> identity() {
        Optional<Secret> key = get(Setting.GCP_CLIENT_PRIVATE_KEY);
        if (key.isPresent()) {
            String email = get(Setting.GCP_CLIENT_EMAIL).orElse("");
            return Optional.of(new BigQueryOptions.ServiceAccount(
                    email, new String(key.get().bytes(), StandardCharsets.UTF_8)));
        }
        // Google's client reads it from the environment alone; here it counts wherever it was said.
        return get(Setting.GOOGLE_APPLICATION_CREDENTIALS).map(BigQueryOptions.CredentialsFile::new);
    }

    private BigQueryOptions.Emulator emulator(Address rest) {
        Address grpc = get(Setting.BIGQUERY_STORAGE_EMULATOR_HOST).orElse(new Address(rest.host(), EMULATOR_GRPC_PORT));
        return new BigQueryOptions.Emulator(rest.url(), grpc.toString());
    }

    /** Whether all of these could be read; always so once {@link #of} has returned. */
    boolean has(Setting<?>... settings) {
        for (Setting<?> setting : settings) {
            if (!values.containsKey(setting)) {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("unchecked") // Only Setting<T>.parse puts values in.
    <T> T get(Setting<T> setting) {
        return (T) Objects.requireNonNull(values.get(setting), setting.name());
    }

    Sourced sourced(Setting<?> setting) {
        return Objects.requireNonNull(inForce.get(setting.name()), setting.name());
    }

    String text(Setting<?> setting) {
        return sourced(setting).text();
    }

    boolean isGiven(Setting<?> setting) {
        return sourced(setting).layer() != Layer.BUILT_IN;
    }

    /** Where events end up. */
    public enum Store {
        /** An embedded database in DATA_DIR. */
        LOCAL,
        /** Tables of a dataset in Google Cloud. */
        BIGQUERY,
        /** Nowhere: spooled, then discarded; for measuring. */
        NONE
    }

    /** When accepted events are flushed to the disk. */
    public enum SpoolSync {
        INTERVAL,
        /** Before each answer. */
        GROUP,
        NONE
    }

    enum AppEnv {
        DEV,
        PROD
    }

    /** A value in force as it may be shown, and where it was said. */
    public record Described(String value, String source) {}

    /**
     * A value that is not in force because environment or {@code -D} say another.
     *
     * @param source the file
     * @param by what hides it
     */
    public record Hidden(String name, String source, String by) {
        /** {@code PORT in conf/analytics.yaml is hidden by the environment}. */
        @Override
        public String toString() {
            return name + " in " + source + " is hidden by " + by;
        }
    }
}
