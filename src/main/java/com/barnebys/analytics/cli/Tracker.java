package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** A running tracker, as the commands see it. */
public interface Tracker extends AutoCloseable {
    /** The public port in use. */
    int port();

    /** The management port in use. */
    int managementPort();

    /**
     * Says that it is ready; to be called once. Whoever is told to end the process has to know of the tracker by then, or it
     * would be cut off where it is to drain.
     */
    void serve();

    /** Waits until everything accepted so far is stored or parked; false when that takes longer. */
    boolean awaitDelivered(Duration bound) throws InterruptedException;

    /**
     * From now on takes what changes in the files this process reads its settings from, as far as it needs no restart.
     * To be called once.
     *
     * @param taken is told of settings that are taken
     */
    void follow(Consumer<Settings> taken);

    /** Stops taking requests, delivers what it can within DRAIN, and ends. Calling it again does nothing. */
    @Override
    void close();

    /** Starts trackers. */
    interface Starter {
        /**
         * Starts one; all of it is there when this returns, and {@link Tracker#serve} is to be called.
         *
         * @param acceptSpool take a spool that does not fit the store's position: somebody has looked at it
         * @throws IOException when data directory, spool, store or port cannot be used; the message says which
         */
        Tracker start(Settings settings, boolean acceptSpool) throws IOException, InterruptedException;
    }
}
