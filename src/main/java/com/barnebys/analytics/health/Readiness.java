package com.barnebys.analytics.health;

import java.util.function.BooleanSupplier;

/** Whether this process can take hits. Any thread. */
public final class Readiness {
    private final BooleanSupplier canStore;
    private volatile Phase phase = Phase.STARTING;

    /** Where a process is in its life. */
    public enum Phase {
        STARTING,
        SERVING,
        STOPPING
    }

    /** @param canStore whether the spool takes events; asked at each look, so cheap */
    public Readiness(BooleanSupplier canStore) {
        this.canStore = canStore;
    }

    public void enter(Phase next) {
        phase = next;
    }

    public Phase phase() {
        return phase;
    }

    public boolean canStore() {
        return canStore.getAsBoolean();
    }

    public boolean isReady() {
        return phase == Phase.SERVING && canStore();
    }
}
