package com.barnebys.analytics;

import com.barnebys.analytics.cli.SpoolReplay;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.metrics.Books;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * {@code replay --dir}: the delivery of a server, on the DATA_DIR of one that is gone, with nothing in front of it. So what
 * holds for a restart of that server holds here, exactly once included: the same spool, the same state of the lanes.
 */
final class SpoolReplays {
    private static final Duration LOOK = Duration.ofMillis(200);

    private SpoolReplays() {}

    static SpoolReplay.Sums run(Settings settings, Duration atMost, SpoolReplay.Progress progress)
            throws IOException, InterruptedException {
        requireSpool(settings.dataDir());
        Destination.requireItsState(settings);
        Undo undo = new Undo();
        try {
            DataDirectory directory =
                    DataDirectory.open(settings, false, new DataDirectory.Counters(), step -> {}, undo);
            long found = directory.books().inSpool();
            directory.start(Duration.ZERO, undo);
            long deadline = System.nanoTime() + atMost.toNanos();
            boolean isDone;
            do {
                // Never longer than what is left, and at least one look.
                long left = Math.max(0, deadline - System.nanoTime());
                isDone = directory.delivery().drain(Duration.ofNanos(Math.min(left, LOOK.toNanos())));
                progress.at(found - directory.books().inSpool(), found);
            } while (!isDone && System.nanoTime() - deadline < 0);
            Books books = directory.books();
            return new SpoolReplay.Sums(found, books.delivered(), books.parked(), books.lost(), books.inSpool());
        } finally {
            undo.run();
        }
    }

    /** Opening would make one, and report success. */
    private static void requireSpool(Path data) throws IOException {
        if (!Files.isRegularFile(data.resolve("spool").resolve("spool-id"))) {
            throw new IOException(data + ": no spool is here (expected: the DATA_DIR of a tracker)");
        }
    }
}
