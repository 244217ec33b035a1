package com.barnebys.analytics;

import com.barnebys.analytics.browser.BrowserScript;
import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.cli.Build;
import com.barnebys.analytics.cli.LocalStorePath;
import com.barnebys.analytics.cli.Tracker;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.demo.DemoPages;
import com.barnebys.analytics.health.ManagementVerticle;
import com.barnebys.analytics.health.Pulse;
import com.barnebys.analytics.health.Readiness;
import com.barnebys.analytics.hit.KindLimit;
import com.barnebys.analytics.http.HttpVerticle;
import com.barnebys.analytics.http.ListenerOptions;
import com.barnebys.analytics.intake.IntakeVerticle;
import com.barnebys.analytics.metrics.Books;
import com.barnebys.analytics.metrics.ProcessGauges;
import com.barnebys.analytics.metrics.PrometheusExport;
import com.barnebys.analytics.metrics.ReferenceMeters;
import com.barnebys.analytics.reference.ReferenceOptions;
import com.barnebys.analytics.reference.ReferenceRetention;
import com.barnebys.analytics.reference.ReferenceStore;
import com.barnebys.analytics.reference.SourceLookup;
import com.barnebys.analytics.sink.local.LocalStore;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running tracker: starts the stages from the sink to the edge, so that nothing is taken before it can be kept, and
 * stops them from the edge to the sink.
 */
final class Server implements Tracker {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final Duration STEP_MAX = Duration.ofSeconds(30);

    static {
        // Nobody speaks WebSocket here; with this Vert.x leaves two handlers out of each connection's pipeline, and
        // leaves the answer to an unknown HTTP version to us (its own is 501).
        System.setProperty("vertx.disableWebsockets", "true");
        // Two readings of the clock for each dispatch, to warn of a blocked loop; nothing blocks here.
        System.setProperty("vertx.disableContextTimings", "true");
        // Headers prepared once are also encoded once.
        System.setProperty("vertx.cacheImmutableHttpResponseHeaders", "true");
    }

    private final Settings settings;
    private final Duration sourceWaitMax;
    private final Undo undo = new Undo();
    private final DataDirectory.Counters counters = new DataDirectory.Counters();
    private final ReferenceMeters referenceMeters = new ReferenceMeters();
    private final Readiness readiness = new Readiness();
    private final Pulse pulse = new Pulse();
    /** Null while it is being opened; the management port may ask by then. */
    private volatile @Nullable DataDirectory directory;
    /** Asked by the demo while the edge starts. */
    private volatile int port;

    private int managementPort;
    private Vertx vertx;
    private LiveEdge edge;
    private PrometheusExport metrics;

    /** Starts everything, up to {@link #serve}; what was started is stopped again when something fails. */
    static Server start(Settings settings, boolean acceptSpool) throws IOException, InterruptedException {
        return start(settings, acceptSpool, SourceLookup.WAIT_MAX);
    }

    /** @param sourceWaitMax what an event waits at most for the source of its visitor */
    static Server start(Settings settings, boolean acceptSpool, Duration sourceWaitMax)
            throws IOException, InterruptedException {
        Server server = new Server(settings, sourceWaitMax);
        try {
            server.startAll(acceptSpool);
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    @SuppressWarnings("NullAway.Init") // what startAll makes is there before start() returns
    private Server(Settings settings, Duration sourceWaitMax) {
        this.settings = settings;
        this.sourceWaitMax = sourceWaitMax;
    }

    private void startAll(boolean acceptSpool) throws IOException, InterruptedException {
        makeDataDirectory(settings.dataDir());
        // Beside Vert.x, which takes as long: all that is opened below are files of SQLite.
        Thread loading = new Thread(LocalStore::loadDriver, "load");
        loading.setDaemon(true);
        loading.start();
        edge = new LiveEdge(settings, counters.meters().keys());

        vertx = Vertx.vertx(vertxOptions());
        undo.push(() -> await(vertx.close()));
        EventPublisher.register(vertx);
        metrics = metrics();
        undo.push(metrics::close);
        startManagement();

        DataDirectory opened = DataDirectory.open(settings, acceptSpool, counters, readiness::begin, undo);
        directory = opened;
        opened.metrics(settings.spoolMaxBytes(), counters).forEach(metrics::add);
        readiness.spoolIsOpen(opened.spool()::hasRoom);
        readiness.begin(Readiness.Step.EDGE);
        opened.start(settings.drain(), undo);
        DeploymentOptions worker = new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("intake")
                .setWorkerPoolSize(1);
        deploy(vertx.deployVerticle(new IntakeVerticle(opened.spool(), counters.meters()), worker));

        startEdge(opened.sink(), openReferences());
        undo.push(edge::close);
    }

    @Override
    public synchronized void serve() {
        if (undo.isEmpty()) {
            return; // Told to end meanwhile.
        }
        readiness.enter(Readiness.Phase.SERVING);
        undo.push(() -> {
            readiness.enter(Readiness.Phase.STOPPING);
            Thread.sleep(settings.prestop().toMillis());
        });
        LOG.info(
                "Serving. port={} managementPort={} dataDir={} nativeTransport={} inSpool={}",
                port,
                managementPort,
                settings.dataDir(),
                vertx.isNativeTransportEnabled(),
                books().inSpool());
    }

    /** What the file system says of a path that cannot be made is, as a rule, the path and no more. */
    private static void makeDataDirectory(Path path) throws IOException {
        try {
            Path unused = Files.createDirectories(path);
        } catch (IOException e) {
            throw new IOException(
                    "DATA_DIR: " + path + " (expected: a directory that is there or can be made): " + e, e);
        }
    }

    /** First of all, so that probes are answered while a long backlog is looked at or a store is brought up to date. */
    private void startManagement() throws IOException, InterruptedException {
        ManagementVerticle management = new ManagementVerticle(
                settings.managementHost(),
                settings.managementPort(),
                readiness,
                pulse,
                this::details,
                this::replay,
                this::routes);
        deploy(listening(
                "MANAGEMENT_PORT",
                settings.managementHost(),
                settings.managementPort(),
                vertx.deployVerticle(management)));
        managementPort = management.actualPort();
        deploy(pulse.deploy(vertx, eventLoops()));
    }

    private JsonObject replay(MultiMap parameters) throws IOException {
        DataDirectory opened = directory;
        if (opened == null) {
            throw new IOException("still starting; try again");
        }
        return DeadLetterReplays.asked(parameters, opened.spool().id(), opened.replay());
    }

    private ReferenceStore openReferences() throws IOException {
        ReferenceOptions options = settings.references();
        ReferenceStore references = ReferenceStore.open(vertx, options);
        undo.push(() -> await(references.close()));
        ReferenceRetention retention =
                new ReferenceRetention(vertx, references, options.retentionDays(), Clock.systemUTC(), referenceMeters);
        retention.start();
        undo.push(retention::stop);
        return references;
    }

    private void startEdge(Destination sink, ReferenceStore references) throws IOException, InterruptedException {
        HttpVerticle.Shared shared = new HttpVerticle.Shared(
                new ListenerOptions(settings.host(), settings.port()),
                edge,
                new KindLimit(sink.tables()),
                readiness::isReady,
                readiness::isStopping,
                BrowserScript.load(settings.scriptPath()),
                references,
                new SourceLookup(vertx, references, referenceMeters, sourceWaitMax),
                Clock.systemUTC(),
                counters.meters());
        List<HttpVerticle> instances = new CopyOnWriteArrayList<>();
        DeploymentOptions oneForEachLoop = new DeploymentOptions().setInstances(eventLoops());
        Future<String> deployment = vertx.deployVerticle(
                () -> {
                    HttpVerticle instance = new HttpVerticle(shared);
                    instances.add(instance);
                    return instance;
                },
                oneForEachLoop);
        deploy(listening("PORT", settings.host(), settings.port(), deployment));
        port = instances.get(0).actualPort();
    }

    /** Of the process and the edge; those of DATA_DIR join them when it is open. */
    private PrometheusExport metrics() {
        return new PrometheusExport(List.of(
                new ProcessGauges(Build.THIS.labels(), readiness::isReady),
                counters.meters(),
                counters.meters().keys(),
                counters.delivery(),
                referenceMeters,
                edge.reloads()));
    }

    private void routes(Router router) {
        metrics.addTo(router);
        if (!settings.isProd()) {
            demo().addTo(router);
        }
    }

    private DemoPages demo() {
        boolean isLocal = settings.store() == Settings.Store.LOCAL;
        return new DemoPages(new DemoPages.Parts(
                this::port,
                () -> edge.get().secrets().current(),
                settings.store().name().toLowerCase(Locale.ROOT),
                isLocal ? LocalStorePath.of(settings) : null,
                this::booksJson));
    }

    private static int eventLoops() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static VertxOptions vertxOptions() {
        return new VertxOptions()
                .setPreferNativeTransport(true)
                .setDisableTCCL(true)
                .setEventLoopPoolSize(eventLoops())
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false));
    }

    /** What the network says of a port that cannot be had does not name it. */
    private static Future<String> listening(String setting, String host, int port, Future<String> deployment) {
        return deployment.recover(e -> Future.failedFuture(new IOException(
                setting + ": " + port + " cannot be listened on, host " + host + ": " + e.getMessage(), e)));
    }

    private void deploy(Future<String> deployment) throws IOException, InterruptedException {
        String id = await(deployment);
        undo.push(() -> await(vertx.undeploy(id)));
    }

    @CanIgnoreReturnValue
    private static <T> T await(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(STEP_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(String.valueOf(cause.getMessage()), cause);
        } catch (TimeoutException e) {
            throw new IOException("not done within " + STEP_MAX, e);
        }
    }

    /** Counters and books, for the management port. */
    private JsonObject details() {
        JsonObject all = new JsonObject();
        DataDirectory opened = directory;
        if (opened != null) {
            all.put("books", booksJson()).mergeIn(opened.sink().details());
        }
        JsonObject counts = new JsonObject();
        counters.meters().read().forEach((name, each) -> counts.put(name, new JsonObject().mergeIn(json(each))));
        referenceMeters.read().forEach((name, each) -> counts.put(name, json(each)));
        counters.delivery().read().forEach((name, each) -> counts.put(name, json(each)));
        return all.put("counters", counts).put("config", edge.details());
    }

    /** Empty while DATA_DIR is being opened. */
    private JsonObject booksJson() {
        DataDirectory opened = directory;
        return opened == null ? new JsonObject() : json(opened.books());
    }

    private static JsonObject json(Books books) {
        JsonObject tables = new JsonObject();
        books.byTable()
                .forEach((name, table) -> tables.put(
                        name,
                        new JsonObject()
                                .put("accepted", table.accepted())
                                .put("delivered", table.delivered())
                                .put("parked", table.parked())));
        return new JsonObject()
                .put("recovered", books.recovered())
                .put("accepted", books.accepted())
                .put("delivered", books.delivered())
                .put("parked", books.parked())
                .put("lost", books.lost())
                .put("inSpool", books.inSpool())
                .put("byTable", tables);
    }

    private static JsonObject json(Map<String, Long> counts) {
        JsonObject json = new JsonObject();
        counts.forEach(json::put);
        return json;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public int managementPort() {
        return managementPort;
    }

    @Override
    public void follow(Consumer<Settings> taken) {
        edge.follow(vertx, taken);
    }

    /** Of a server that has started. */
    Books books() {
        return Objects.requireNonNull(directory).books();
    }

    @Override
    public boolean awaitDelivered(Duration bound) throws InterruptedException {
        long deadline = System.nanoTime() + bound.toNanos();
        while (books().inSpool() > 0) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    @Override
    public synchronized void close() {
        boolean isRunning = !undo.isEmpty();
        undo.run();
        if (isRunning) {
            LOG.info("Stopped.");
        }
    }
}
