package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import java.io.IOException;
import java.time.Duration;

/** Sends what the spool of a DATA_DIR still holds, where no server does. */
@FunctionalInterface
public interface SpoolReplay {
    /**
     * Ends when nothing waits any more, or when the time is over.
     *
     * @param settings with the DATA_DIR meant
     * @throws IOException there is no spool, another process has it, or it cannot be used; the message says which
     */
    Sums run(Settings settings, Duration atMost, Progress progress) throws IOException, InterruptedException;

    /** Told now and then how many rows of how many are done with. */
    @FunctionalInterface
    interface Progress {
        void at(long done, long total);
    }

    /**
     * Rows.
     *
     * @param found waited when it began; found = delivered + parked + lost + left
     */
    record Sums(long found, long delivered, long parked, long lost, long left) {}
}
