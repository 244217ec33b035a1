package com.barnebys.analytics.metrics;

import com.barnebys.analytics.config.ReloadMetrics;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Counts how often changed settings were taken and refused. Any thread. */
public final class ReloadMeters implements ReloadMetrics {
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean isRefused;
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
    public void good() {
        isRefused = false;
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
