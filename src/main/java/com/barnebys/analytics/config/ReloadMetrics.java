package com.barnebys.analytics.config;

import java.time.Instant;

/** What {@link LiveSettings} counts. One call at a time; must wait for nothing. */
public interface ReloadMetrics {
    /** Nobody counts. */
    ReloadMetrics NONE = new ReloadMetrics() {
        @Override
        public void taken(Instant now) {}

        @Override
        public void refused() {}

        @Override
        public void good(int waiting) {}
    };

    /** Other settings are in force from now on. */
    void taken(Instant now);

    /** What is on the disk is refused; once for each content, not for each look at it. */
    void refused();

    /**
     * What is on the disk is good, whether or not something of it was taken.
     *
     * @param waiting settings in it that are not taken, since they need a restart
     */
    void good(int waiting);
}
