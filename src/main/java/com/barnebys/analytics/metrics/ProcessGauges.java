package com.barnebys.analytics.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** What this process is, and whether it takes hits. */
public final class ProcessGauges implements MetricSource {
    private final Labels build;
    private final BooleanSupplier isReady;

    /** @param build version, revision and java */
    public ProcessGauges(Map<String, String> build, BooleanSupplier isReady) {
        this.build =
                Labels.of(build.keySet().toArray(String[]::new), build.values().toArray(String[]::new));
        this.isReady = isReady;
    }

    @Override
    public void addTo(Scrape scrape) {
        scrape.info("build", "What runs.", build);
        scrape.gauge("ready", "1 when hits are taken.", isReady.getAsBoolean() ? 1 : 0);
    }
}
