package com.barnebys.analytics;

import com.barnebys.analytics.browser.BrowserScript;
import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.cli.Build;
import com.barnebys.analytics.cli.LocalStorePath;
import com.barnebys.analytics.cli.Tracker;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.delivery.DeadLetters;
import com.barnebys.analytics.delivery.Delivery;
import com.barnebys.analytics.delivery.Replay;
import com.barnebys.analytics.demo.DemoPages;
import com.barnebys.analytics.health.ManagementVerticle;
import com.barnebys.analytics.health.Readiness;
import com.barnebys.analytics.hit.KindLimit;
import com.barnebys.analytics.http.EdgeOptions;
import com.barnebys.analytics.http.HttpVerticle;
import com.barnebys.analytics.http.ListenerOptions;
import com.barnebys.analytics.intake.IntakeVerticle;
import com.barnebys.analytics.metrics.Bookkeeper;
import com.barnebys.analytics.metrics.Books;
import com.barnebys.analytics.metrics.DeliveryMeters;
import com.barnebys.analytics.metrics.LaneGauges;
import com.barnebys.analytics.metrics.Meters;
import com.barnebys.analytics.metrics.ProcessGauges;
import com.barnebys.analytics.metrics.PrometheusExport;
import com.barnebys.analytics.metrics.ReferenceMeters;
import com.barnebys.analytics.metrics.SpoolGauges;
import com.barnebys.analytics.metrics.SpoolTimes;
import com.barnebys.analytics.metrics.SpoolWatch;
import com.barnebys.analytics.reference.ReferenceOptions;
import com.barnebys.analytics.reference.ReferenceRetention;
import com.barnebys.analytics.reference.ReferenceStore;
import com.barnebys.analytics.reference.SourceLookup;
import com.barnebys.analytics.sink.ForeignSpoolException;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolOptions;
import com.barnebys.analytics.spool.SyncPolicy;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running tracker: starts the stages from the sink to the edge, so that nothing is taken before it can be kept, and
 * stops them from the edge to the sink.
 */
final class Server implements Tracker {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final Duration STEP_MAX = Duration.ofSeconds(30);
    private static final Duration DELIVERY_STOP_MAX = Duration.ofSeconds(5);
    /** A segment is the step in which room is given back, so a small spool has small ones. */
    private static final int SEGMENT_BYTES_MAX = 64 * 1024 * 1024;

    private static final int SEGMENTS_MIN = 8;

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
    /** What to undo, the last thing first. */
    private final Deque<Step> undo = new ArrayDeque<>();

    private final Meters meters = new Meters();
    private final DeliveryMeters deliveryMeters = new DeliveryMeters();
    private final ReferenceMeters referenceMeters = new ReferenceMeters();
    private final SpoolTimes spoolTimes = new SpoolTimes();
    private final SpoolWatch watch = new SpoolWatch(spoolTimes);
    /** Asked by the demo while the edge starts. */
    private volatile int port;

    private int managementPort;
    private Bookkeeper bookkeeper;
    private Supplier<JsonObject> destination = JsonObject::new;

    /** One thing to do when stopping. */
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** Starts everything; what was started is stopped again when something fails. */
    static Server start(Settings settings, boolean acceptSpool) throws IOException, InterruptedException {
        Server server = new Server(settings);
        try {
            server.startAll(acceptSpool);
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    @SuppressWarnings("NullAway.Init") // the bookkeeper is there before start() returns
    private Server(Settings settings) {
        this.settings = settings;
    }

    private void startAll(boolean acceptSpool) throws IOException, InterruptedException {
        Path data = Files.createDirectories(settings.dataDir());
        EdgeOptions edge = settings.edge(settings.secrets());

        DeadLetters deadLetters = DeadLetters.open(data);
        undo.push(deadLetters::close);
        Destination sink = Destination.open(settings, data, deadLetters, deliveryMeters);
        undo.push(sink::close);
        Spool spool = Spool.open(spoolOptions(settings), sink.firstUnused(), watch);
        undo.push(spool::close);
        Delivery delivery = delivery(spool, sink, acceptSpool);
        Replay replay = DeadLetterReplays.open(settings, spool, sink, meters);
        undo.push(replay::close);
        replay.recover();
        bookkeeper = new Bookkeeper(meters, deliveryMeters, watch, spool, sink::settled);
        destination = sink::details;
        spoolTimes.recoveredFrom(spool);

        Vertx vertx = Vertx.vertx(vertxOptions());
        undo.push(() -> await(vertx.close()));
        EventPublisher.register(vertx);
        Readiness readiness = new Readiness(spool::hasRoom);
        PrometheusExport metrics = metrics(spool, sink, delivery, readiness);
        undo.push(metrics::close);
        ManagementVerticle management = new ManagementVerticle(
                settings.managementHost(),
                settings.managementPort(),
                readiness,
                this::details,
                parameters -> DeadLetterReplays.asked(parameters, spool.id(), replay),
                settings.isProd() ? metrics::addTo : routes(metrics, demo(edge)));
        deploy(
                listening(
                        "MANAGEMENT_PORT",
                        settings.managementHost(),
                        settings.managementPort(),
                        vertx.deployVerticle(management)),
                vertx);
        managementPort = management.actualPort();
        startDelivery(delivery);
        DeploymentOptions worker = new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("intake")
                .setWorkerPoolSize(1);
        deploy(vertx.deployVerticle(new IntakeVerticle(spool, meters), worker), vertx);

        startEdge(vertx, edge, sink, readiness, openReferences(vertx));

        readiness.enter(Readiness.Phase.SERVING);
        undo.push(() -> {
            readiness.enter(Readiness.Phase.STOPPING);
            Thread.sleep(settings.prestop().toMillis());
        });
        LOG.info(
                "Serving. port={} managementPort={} dataDir={} nativeTransport={} inSpool={}",
                port,
                managementPort,
                data,
                vertx.isNativeTransportEnabled(),
                bookkeeper.books().inSpool());
    }

    static SpoolOptions spoolOptions(Settings settings) {
        long segment = Math.min(SEGMENT_BYTES_MAX, settings.spoolMaxBytes() / SEGMENTS_MIN);
        return new SpoolOptions(
                settings.dataDir().resolve("spool"),
                settings.spoolMaxBytes(),
                settings.spoolMinFreeBytes(),
                SyncPolicy.valueOf(settings.spoolSync().name()),
                settings.spoolSyncInterval(),
                (int) segment);
    }

    private static Delivery delivery(Spool spool, Destination sink, boolean acceptSpool) throws IOException {
        try {
            return sink.delivery(spool, acceptSpool, Server::endProcess);
        } catch (ForeignSpoolException e) {
            throw new IOException(e.getMessage() + "; to go on with it nevertheless: serve --accept-spool", e);
        }
    }

    private void startDelivery(Delivery delivery) {
        delivery.start();
        undo.push(() -> {
            if (!delivery.drain(settings.drain())) {
                LOG.warn("Stopping with rows in the spool; the next start delivers them. {}", bookkeeper.books());
            }
            if (!delivery.stop(DELIVERY_STOP_MAX)) {
                // It may be writing: closing spool and store under it is worse than leaving them to the end of the
                // process.
                undo.clear();
                LOG.error("Delivery hangs in the store; leaving it. What is not stored is in the spool.");
            }
        });
    }

    /** An Error on the delivery thread: no memory, a broken class path. Whatever else still runs must not go on. */
    private static void endProcess(Throwable error) {
        LOG.error("Delivery ended by an error; ending the process. The spool has what is not delivered.", error);
        Runtime.getRuntime().halt(1);
    }

    private ReferenceStore openReferences(Vertx vertx) throws IOException {
        ReferenceOptions options = settings.references();
        ReferenceStore references = ReferenceStore.open(vertx, options);
        undo.push(() -> await(references.close()));
        ReferenceRetention retention =
                new ReferenceRetention(vertx, references, options.retentionDays(), Clock.systemUTC(), referenceMeters);
        retention.start();
        undo.push(retention::stop);
        return references;
    }

    private void startEdge(
            Vertx vertx, EdgeOptions edge, Destination sink, Readiness readiness, ReferenceStore references)
            throws IOException, InterruptedException {
        HttpVerticle.Shared shared = new HttpVerticle.Shared(
                new ListenerOptions(settings.host(), settings.port()),
                () -> edge,
                new KindLimit(sink.tables()),
                readiness::isReady,
                BrowserScript.load(settings.scriptPath()),
                references,
                new SourceLookup(vertx, references, referenceMeters),
                Clock.systemUTC(),
                meters);
        List<HttpVerticle> instances = new CopyOnWriteArrayList<>();
        DeploymentOptions oneForEachLoop = new DeploymentOptions().setInstances(eventLoops());
        Future<String> deployment = vertx.deployVerticle(
                () -> {
                    HttpVerticle instance = new HttpVerticle(shared);
                    instances.add(instance);
                    return instance;
                },
                oneForEachLoop);
        deploy(listening("PORT", settings.host(), settings.port(), deployment), vertx);
        port = instances.get(0).actualPort();
    }

    private PrometheusExport metrics(Spool spool, Destination sink, Delivery delivery, Readiness readiness) {
        return new PrometheusExport(List.of(
                new ProcessGauges(Build.THIS.labels(), readiness::isReady),
                meters,
                new SpoolGauges(spool, settings.spoolMaxBytes(), bookkeeper, watch, spoolTimes, delivery::oldest),
                deliveryMeters,
                new LaneGauges(sink::lanes, sink::droppedValues, spoolTimes, deliveryMeters),
                referenceMeters));
    }

    private static Consumer<Router> routes(PrometheusExport metrics, DemoPages demo) {
        return router -> {
            metrics.addTo(router);
            demo.addTo(router);
        };
    }

    private DemoPages demo(EdgeOptions edge) {
        boolean isLocal = settings.store() == Settings.Store.LOCAL;
        return new DemoPages(new DemoPages.Parts(
                this::port,
                () -> edge.secrets().current(),
                settings.store().name().toLowerCase(Locale.ROOT),
                isLocal ? LocalStorePath.of(settings) : null,
                () -> json(bookkeeper.books())));
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

    private void deploy(Future<String> deployment, Vertx vertx) throws IOException, InterruptedException {
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
        JsonObject books = json(bookkeeper.books());
        JsonObject counters = new JsonObject();
        meters.read().forEach((name, counts) -> counters.put(name, new JsonObject().mergeIn(json(counts))));
        referenceMeters.read().forEach((name, counts) -> counters.put(name, json(counts)));
        deliveryMeters.read().forEach((name, counts) -> counters.put(name, json(counts)));
        return new JsonObject().put("books", books).mergeIn(destination.get()).put("counters", counters);
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

    Books books() {
        return bookkeeper.books();
    }

    @Override
    public boolean awaitDelivered(Duration bound) throws InterruptedException {
        long deadline = System.nanoTime() + bound.toNanos();
        while (bookkeeper.books().inSpool() > 0) {
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
        while (!undo.isEmpty()) {
            try {
                undo.pop().run();
            } catch (InterruptedException e) {
                // Stopping goes on: each step has its own limit.
                LOG.warn("Interrupted while stopping.");
            } catch (IOException | RuntimeException e) {
                LOG.warn("A step of stopping failed.", e);
            }
        }
        if (isRunning) {
            LOG.info("Stopped.");
        }
    }
}
