package com.barnebys.analytics.health;

import java.util.function.BooleanSupplier;

/** Where this process is in its life, and whether it can take hits. Any thread. */
public final class Readiness {
    private volatile Phase phase = Phase.STARTING;
    private volatile Step step = Step.STORE;
    private volatile BooleanSupplier canStore = () -> false;

    /** Where a process is in its life. */
    public enum Phase {
        STARTING,
        SERVING,
        STOPPING
    }

    /** What is being done while starting, in this order. */
    public enum Step {
        /** The store or the state of the lanes is opened, and brought to this release's form. */
        STORE,
        /** The end of the spool is looked through. */
        SPOOL,
        /** What a replay of dead letters left open is looked for in the spool. */
        REPLAY,
        /** Listeners and references. */
        EDGE
    }

    public void begin(Step next) {
        step = next;
    }

    /**
     * The spool can be asked from now on.
     *
     * @param question whether it takes events; asked at each look, so cheap
     */
    public void spoolIsOpen(BooleanSupplier question) {
        canStore = question;
    }

    public void enter(Phase next) {
        phase = next;
    }

    public Phase phase() {
        return phase;
    }

    /** The last one that was begun. */
    public Step step() {
        return step;
    }

    public boolean canStore() {
        return canStore.getAsBoolean();
    }

    /** Has started once; stays so. */
    public boolean isStarted() {
        return phase != Phase.STARTING;
    }

    /** Asked for each request. */
    public boolean isStopping() {
        return phase == Phase.STOPPING;
    }

    public boolean isReady() {
        return phase == Phase.SERVING && canStore();
    }
}
