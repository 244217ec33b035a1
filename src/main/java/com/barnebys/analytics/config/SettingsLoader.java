package com.barnebys.analytics.config;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Reads the layers with Vert.x Config and makes {@link Settings} of them. What names the files, CONFIG_FILE, CONFIG_DIR and
 * NAME_FILE, is taken from environment and system properties once, here; the files are read anew by each {@link #load}.
 */
public final class SettingsLoader {
    static final String DEFAULT_FILE = "conf/analytics.yaml";
    private static final int READINGS_MAX = 20;

    private final ConfigRetriever retriever;

    /** For the environment and the properties of this process. */
    public SettingsLoader(Vertx vertx) {
        this(vertx, Outside.ofProcess(), Path.of(DEFAULT_FILE));
    }

    SettingsLoader(Vertx vertx, Outside outside, Path defaultFile) {
        this(vertx, options(outside, defaultFile));
    }

    private SettingsLoader(Vertx vertx, ConfigRetrieverOptions options) {
        this.retriever = ConfigRetriever.create(vertx, options);
    }

    /**
     * Fails with {@link InvalidSettingsException}, and when the files change faster than they are read. Each call reads
     * anew, until two readings agree: two files that belong together, a new SECRET and the old one in SECRETS_PREVIOUS, are
     * read one after the other, and a mounted directory may be swapped in between.
     */
    Future<Settings> load() {
        return settled(this::read).map(Settings::of);
    }

    /** One reading, in the order of the layers; of files that are being swapped it may be a mixture. Mistakes are data. */
    Future<List<Part>> read() {
        return retriever.getConfig().map(Part::fromJson);
    }

    /** What two readings one after the other agree on. */
    static Future<List<Part>> settled(Supplier<Future<List<Part>>> reading) {
        return reading.get().compose(parts -> settled(reading, parts, READINGS_MAX - 1));
    }

    private static Future<List<Part>> settled(Supplier<Future<List<Part>>> reading, List<Part> before, int left) {
        if (left == 0) {
            return Future.failedFuture(new IllegalStateException("settings: change while they are read"));
        }
        return reading.get()
                .compose(parts ->
                        parts.equals(before) ? Future.succeededFuture(parts) : settled(reading, parts, left - 1));
    }

    public Future<Void> close() {
        return retriever.close();
    }

    /**
     * For a command line, and for whoever needs the settings to make a Vert.x: reads the same without one, which takes a
     * third of a second less. Not on an event loop.
     *
     * @throws InvalidSettingsException with everything that is wrong
     * @throws IllegalStateException when reading takes longer than the bound (a network volume that hangs), or is
     *     interrupted
     */
    public static Settings loadBlocking(Duration bound) {
        PlainReading reading = PlainReading.of(Outside.ofProcess(), Path.of(DEFAULT_FILE));
        return blocking(bound, () -> Settings.of(settledPlain(reading::parts)));
    }

    /**
     * Settings of one file, or of the {@code *.yaml} in a directory, as a start with this environment and these properties
     * would have them; other files are not read. What the environment hides is checked all the same.
     *
     * @throws InvalidSettingsException with everything that is wrong
     * @throws IllegalStateException as {@link #loadBlocking}
     */
    public static Settings checkBlocking(Path fileOrDirectory, Duration bound) {
        return blocking(bound, () -> check(Outside.ofProcess(), fileOrDirectory));
    }

    static Settings check(Outside outside, Path fileOrDirectory) {
        PlainReading reading = PlainReading.of(outside, Path.of(DEFAULT_FILE));
        return SettingsReader.check(settledPlain(() -> reading.partsWith(fileOrDirectory)));
    }

    private static List<Part> settledPlain(Supplier<List<Part>> reading) {
        Future<List<Part>> settled = settled(() -> Future.succeededFuture(reading.get()));
        if (settled.failed()) {
            throw new IllegalStateException(settled.cause().getMessage(), settled.cause());
        }
        return settled.result();
    }

    private static Settings blocking(Duration bound, Callable<Settings> reading) {
        FutureTask<Settings> read = new FutureTask<>(reading);
        Thread thread = new Thread(read, "settings");
        thread.setDaemon(true);
        thread.start();
        try {
            return read.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InvalidSettingsException invalid) {
                throw invalid;
            }
            throw new IllegalStateException("settings: not readable", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("settings: not read in " + bound.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("settings: interrupted", e);
        }
    }

    /** The layers, each with its store; not scanned for changes. */
    static ConfigRetrieverOptions options(Outside outside, Path defaultFile) {
        ConfigRetrieverOptions options = noStores();
        options.addStore(file(outside, defaultFile));
        outside.value(Setting.CONFIG_DIR.name())
                .ifPresent(path -> options.addStore(yaml(Setting.CONFIG_DIR, Layer.DIRECTORY, path, false)));
        return process(options, outside);
    }

    /** Without explicit stores the retriever would take all of the environment and all properties. */
    private static ConfigRetrieverOptions noStores() {
        return new ConfigRetrieverOptions().setIncludeDefaultStores(false).setScanPeriod(-1);
    }

    private static ConfigRetrieverOptions process(ConfigRetrieverOptions options, Outside outside) {
        return options.addStore(valueFiles(outside))
                .addStore(process(outside.environmentStore, Layer.ENVIRONMENT, "the environment", outside.environment))
                .addStore(process(
                        outside.propertiesStore, Layer.SYSTEM_PROPERTY, "the system properties", outside.properties));
    }

    /** One thread of each kind, and no cache directory: nothing here is read through the class path. For tests. */
    static VertxOptions smallVertx() {
        return new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false));
    }

    private static ConfigStoreOptions file(Outside outside, Path defaultFile) {
        Optional<String> named = outside.value(Setting.CONFIG_FILE.name());
        return yaml(Setting.CONFIG_FILE, Layer.FILE, named.orElse(defaultFile.toString()), named.isEmpty());
    }

    private static ConfigStoreOptions yaml(Setting<?> setting, Layer layer, String path, boolean isOptional) {
        // Optional is ours, not the retriever's: that one would also hide a file that cannot be read.
        return new ConfigStoreOptions()
                .setType(YamlFilesStore.TYPE)
                .setFormat(TextYamlProcessor.FORMAT)
                .setConfig(new JsonObject()
                        .put("layer", layer.name())
                        .put("name", setting.name())
                        .put("path", path)
                        .put("optional", isOptional));
    }

    private static ConfigStoreOptions valueFiles(Outside outside) {
        JsonObject files = new JsonObject();
        for (Setting<?> setting : Setting.all()) {
            if (!setting.isOfProcess()) {
                outside.value(setting.name() + ValueFilesStore.SUFFIX)
                        .ifPresent(path -> files.put(setting.name(), path));
            }
        }
        return new ConfigStoreOptions().setType(ValueFilesStore.TYPE).setConfig(new JsonObject().put("files", files));
    }

    /** Raw data, or {@code SECRET=0123} would arrive as the number 123; and only our names. */
    private static ConfigStoreOptions process(String store, Layer layer, String source, Map<String, String> all) {
        JsonArray keys = new JsonArray();
        Stream.concat(Setting.names().stream(), all.keySet().stream().filter(SettingsLoader::isOfInterest))
                .forEach(keys::add);
        JsonObject config = new JsonObject()
                .put("raw-data", true)
                .put("cache", false)
                .put("layer", layer.name())
                .put("source", source)
                .put("keys", keys);
        if (store.equals("json")) {
            all.forEach(config::put);
        }
        return new ConfigStoreOptions()
                .setType(store)
                .setFormat(TextProcessor.FORMAT)
                .setConfig(config);
    }

    static boolean isOfInterest(String name) {
        return KnownNames.isOld(name) || KnownNames.isLater(name);
    }

    /**
     * What comes with the process, and the kind of store that brings it: {@code env} and {@code sys}, or {@code json} with
     * the values themselves, for tests that must not depend on where they run.
     */
    record Outside(
            String environmentStore,
            Map<String, String> environment,
            String propertiesStore,
            Map<String, String> properties) {
        static Outside ofProcess() {
            return new Outside("env", System.getenv(), "sys", allProperties());
        }

        static Outside given(Map<String, String> environment, Map<String, String> properties) {
            return new Outside("json", environment, "json", properties);
        }

        private static Map<String, String> allProperties() {
            Map<String, String> properties = new HashMap<>();
            for (String name : System.getProperties().stringPropertyNames()) {
                properties.put(name, System.getProperty(name, ""));
            }
            return properties;
        }

        /** Empty counts as not set. */
        Optional<String> value(String name) {
            return Optional.of(properties.getOrDefault(name, ""))
                    .filter(text -> !text.isEmpty())
                    .or(() -> Optional.ofNullable(environment.get(name)))
                    .filter(text -> !text.isEmpty());
        }

        @Override
        public String toString() {
            return environmentStore + ", " + propertiesStore;
        }
    }
}
