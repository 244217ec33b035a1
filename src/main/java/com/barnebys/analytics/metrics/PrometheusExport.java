package com.barnebys.analytics.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /metrics}: all sources and the JVM, as Prometheus reads them. Nothing is made before the first scrape, so a
 * start does not wait for it; and nothing here runs between scrapes but the JVM's own notes of its collections.
 */
public final class PrometheusExport implements AutoCloseable {
    /** A scrape may look into files. One that hangs with its disk must not gather others behind it for ever. */
    static final int WAITING_MAX = 4;

    private static final Logger LOG = LoggerFactory.getLogger(PrometheusExport.class);
    private static final int BYTES_EXPECTED = 64 * 1024;

    private final List<MetricSource> sources;
    private final TableNames tables = new TableNames();
    private final AtomicInteger waiting = new AtomicInteger();
    private final ExpositionFormatWriter text =
            PrometheusTextFormatWriter.builder().build();
    private final ExpositionFormatWriter openMetrics =
            OpenMetricsTextFormatWriter.builder().build();

    private @Nullable WorkerExecutor worker;
    private @Nullable PrometheusRegistry registry;
    private @Nullable PrometheusMeterRegistry meters;
    private @Nullable JvmGcMetrics collections;

    /** @param sources asked in this order */
    public PrometheusExport(List<MetricSource> sources) {
        this.sources = List.copyOf(sources);
    }

    /** Adds the route. */
    public void addTo(Router router) {
        router.get("/metrics").handler(this::answer);
    }

    private void answer(RoutingContext context) {
        if (waiting.get() >= WAITING_MAX) {
            context.response().setStatusCode(503).end("Other scrapes wait already\n");
            return;
        }
        waiting.incrementAndGet();
        String accept = context.request().getHeader(HttpHeaders.ACCEPT);
        ExpositionFormatWriter format = openMetrics.accepts(accept) ? openMetrics : text;
        worker(context.vertx())
                .executeBlocking(() -> write(format, EscapingScheme.fromAcceptHeader(accept)))
                .onComplete(answer -> {
                    waiting.decrementAndGet();
                    if (answer.failed()) {
                        LOG.error("The metrics could not be written.", answer.cause());
                        context.response().setStatusCode(500).end();
                        return;
                    }
                    context.response()
                            .putHeader(HttpHeaders.CONTENT_TYPE, format.getContentType())
                            .end(answer.result());
                });
    }

    /** One thread, so scrapes go one after the other. Asked for on the management port's event loop only. */
    private WorkerExecutor worker(Vertx vertx) {
        WorkerExecutor existing = worker;
        if (existing == null) {
            existing = vertx.createSharedWorkerExecutor("metrics", 1);
            worker = existing;
        }
        return existing;
    }

    private Buffer write(ExpositionFormatWriter format, EscapingScheme escaping) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(BYTES_EXPECTED);
        format.write(bytes, registry().scrape(), escaping);
        return Buffer.buffer(bytes.toByteArray());
    }

    private synchronized PrometheusRegistry registry() {
        PrometheusRegistry existing = registry;
        if (existing != null) {
            return existing;
        }
        PrometheusRegistry made = new PrometheusRegistry();
        made.register(this::collect);
        PrometheusMeterRegistry jvm = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, made, Clock.SYSTEM);
        JvmGcMetrics gc = new JvmGcMetrics();
        gc.bindTo(jvm);
        new JvmMemoryMetrics().bindTo(jvm);
        new JvmThreadMetrics().bindTo(jvm);
        new ClassLoaderMetrics().bindTo(jvm);
        new ProcessorMetrics().bindTo(jvm);
        new FileDescriptorMetrics().bindTo(jvm);
        new UptimeMetrics().bindTo(jvm);
        registry = made;
        meters = jvm;
        collections = gc;
        return made;
    }

    private MetricSnapshots collect() {
        Scrape scrape = new Scrape(tables);
        sources.forEach(source -> source.addTo(scrape));
        return scrape.snapshots();
    }

    /** Stops listening to the JVM. */
    @Override
    public synchronized void close() {
        if (collections != null) {
            collections.close();
        }
        if (meters != null) {
            meters.close();
        }
    }
}
