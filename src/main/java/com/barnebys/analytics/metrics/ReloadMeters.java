package com.barnebys.analytics.metrics;

import com.barnebys.analytics.config.ReloadMetrics;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counts how often changed settings were taken and refused. Any thread. */
public final class ReloadMeters implements ReloadMetrics, MetricSource {
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean isRefused;
    private volatile int waiting;
    private volatile Instant lastTaken;

    /** @param start since when the first ones are in force */
    public ReloadMeters(Instant start) {
        lastTaken = start;
    }

    @Override
    public void taken(Instant now) {
        lastTaken = now;
        taken.incrementAndGet();
    }

    @Override
    public void refused() {
        isRefused = true;
        refused.incrementAndGet();
    }

    @Override
    public void good(int nowWaiting) {
        isRefused = false;
        waiting = nowWaiting;
    }

    @Override
    public void addTo(Scrape scrape) {
        scrape.counter(
                "config_reloads",
                "Changed settings that were taken, and contents of files that were refused.",
                "outcome",
                Map.of("taken", taken(), "refused", refusals()));
        scrape.gauge(
                "config_refused",
                "1 while what is on the disk is refused and older settings are in force.",
                isRefused() ? 1 : 0);
        scrape.gauge(
                "config_need_restart",
                "Settings of which the files say something else than is in force, and which need a restart.",
                waiting);
        scrape.gauge(
                "config_last_taken_timestamp_seconds",
                "Since when the settings in force are.",
                lastTaken().toEpochMilli() / 1e3);
    }

    /** Changes since the start, not the start itself. */
    public long taken() {
        return taken.get();
    }

    /** Contents of the files that were refused, each once. */
    public long refusals() {
        return refused.get();
    }

    /** Whether what is on the disk is refused now, and older settings are in force. */
    public boolean isRefused() {
        return isRefused;
    }

    /** Since when the settings in force are; at first the start. */
    public Instant lastTaken() {
        return lastTaken;
    }
}
