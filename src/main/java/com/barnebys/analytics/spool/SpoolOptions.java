package com.barnebys.analytics.spool;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the spool is and what it may take.
 *
 * @param directory made if it is not there; nothing else should be in it
 * @param maxBytes bytes of all segments at which groups are refused; a group larger than this never fits
 * @param minFreeBytes free bytes of the volume below which groups are refused, looked up each MiB written; 0 = no check
 * @param sync when groups are flushed
 * @param syncInterval time between two flushes under {@link SyncPolicy#INTERVAL}; not used otherwise
 * @param segmentBytes size at which a segment is finished: the step in which room comes back, and what opening scans
 */
public record SpoolOptions(
        Path directory, long maxBytes, long minFreeBytes, SyncPolicy sync, Duration syncInterval, int segmentBytes) {
    private static final long GIB = 1L << 30;
    private static final long MIB = 1L << 20;
    private static final Duration SYNC_INTERVAL_MAX = Duration.ofHours(1);

    public SpoolOptions {
        check(maxBytes > 0, "SPOOL_MAX_BYTES", maxBytes, "> 0");
        check(minFreeBytes >= 0, "SPOOL_MIN_FREE", minFreeBytes, ">= 0");
        boolean inRange =
                syncInterval.compareTo(Duration.ofMillis(1)) >= 0 && syncInterval.compareTo(SYNC_INTERVAL_MAX) <= 0;
        check(inRange, "SPOOL_SYNC_INTERVAL", syncInterval.toMillis() + "ms", "1ms to 1h");
        check(segmentBytes > 0, "segmentBytes", segmentBytes, "> 0");
    }

    /** 10 GiB, 256 MiB kept free, flushed each 200 ms, segments of 64 MiB. */
    public static SpoolOptions defaults(Path directory) {
        return new SpoolOptions(
                directory, 10 * GIB, 256 * MIB, SyncPolicy.INTERVAL, Duration.ofMillis(200), (int) (64 * MIB));
    }

    private static void check(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
