package com.barnebys.analytics.bench;

import com.barnebys.analytics.event.EventBuffer;
import com.barnebys.analytics.event.EventIds;
import com.barnebys.analytics.event.EventWriter;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolMetrics;
import com.barnebys.analytics.spool.SpoolOptions;
import com.barnebys.analytics.spool.SyncPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Makes a backlog: {@code main DATA_DIR ROWS} fills the spool of a data directory that nobody has open. */
final class SpoolFiller {
    private static final int GROUP = 500;

    private SpoolFiller() {}

    public static void main(String[] args) throws IOException {
        try (Spool spool = Spool.open(options(Path.of(args[0])), 0, SpoolMetrics.NONE)) {
            System.out.println(fill(spool, Integer.parseInt(args[1])));
        }
    }

    /** Without limits, and without waiting for the disk. */
    static SpoolOptions options(Path dataDir) {
        return new SpoolOptions(
                dataDir.resolve("spool"), 64L << 30, 0, SyncPolicy.NONE, Duration.ofMillis(200), 64 << 20);
    }

    /** Appends clicks of seven programs; returns their bytes. */
    static long fill(Spool spool, int rows) throws IOException {
        EventWriter writer = new EventWriter(new EventIds());
        EventBuffer buffer = new EventBuffer(GROUP * 400);
        long bytes = 0;
        for (int i = 0; i < rows; i += GROUP) {
            buffer.cut(0, 0);
            for (int j = 0; j < GROUP; j++) {
                writer.write(SampleRows.event("click", "program-" + j % 7), buffer);
            }
            long unused = spool.append(GROUP, List.of(buffer.toByteBuffer()));
            bytes += buffer.size();
        }
        return bytes;
    }
}
