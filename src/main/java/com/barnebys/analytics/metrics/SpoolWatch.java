package com.barnebys.analytics.metrics;

import com.barnebys.analytics.spool.SpoolFullException;
import com.barnebys.analytics.spool.SpoolMetrics;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens in the spool, and says its changes of state in the log. */
public final class SpoolWatch implements SpoolMetrics {
    private static final Logger LOG = LoggerFactory.getLogger("com.barnebys.analytics.spool");

    private static final long NANOS_BETWEEN_WARNINGS = 60_000_000_000L;

    private volatile long lastFullSaid = System.nanoTime() - NANOS_BETWEEN_WARNINGS;
    private final SpoolTimes times;
    private final LongAdder lostRecords = new LongAdder();
    private final LongAdder syncs = new LongAdder();

    /** @param times told of what is appended */
    public SpoolWatch(SpoolTimes times) {
        this.times = times;
    }

    /** Records that were accepted once and cannot be read any more. Anything but 0 is for a person. */
    public long lostRecords() {
        return lostRecords.sum();
    }

    public long syncs() {
        return syncs.sum();
    }

    @Override
    public void appended(long first, int count) {
        times.appended(first);
    }

    @Override
    public void synced(long nanos) {
        syncs.increment();
    }

    @Override
    public void damaged(String segment, long offset, long first, long last) {
        lostRecords.add(last - first + 1);
        LOG.error(
                "Spool records are damaged and lost. segment={} offset={} first={} last={}",
                segment,
                offset,
                first,
                last);
    }

    @Override
    public void missing(long first, long last) {
        lostRecords.add(last - first + 1);
        LOG.error("Spool records are missing: a segment is gone. first={} last={}", first, last);
    }

    @Override
    public void full(SpoolFullException.Reason reason) {
        long now = System.nanoTime();
        // At the limit a small group may still fit where a large one did not, so this can come and go.
        if (now - lastFullSaid >= NANOS_BETWEEN_WARNINGS) {
            lastFullSaid = now;
            LOG.error("The spool is full: redirects go out without being stored, pixels get 503. reason={}", reason);
        }
    }

    @Override
    public void roomAgain() {
        if (System.nanoTime() - lastFullSaid >= NANOS_BETWEEN_WARNINGS / 60) {
            LOG.info("The spool takes events again.");
        }
    }

    @Override
    public void failed(IOException cause) {
        LOG.error("The spool has failed and takes nothing more; delivery goes on. Restart this process.", cause);
    }

    @Override
    public void recoveredTail(String segment, long bytes) {
        LOG.warn("Cut an unfinished end off the spool. segment={} bytes={}", segment, bytes);
    }

    @Override
    public void startedAt(long end, long atLeast) {
        LOG.warn("The spool ends before what was delivered; it goes on there. end={} position={}", end, atLeast);
    }

    @Override
    public void trimFailed(String segment, IOException cause) {
        LOG.warn("Could not delete a delivered spool segment; tried again later. segment={}", segment, cause);
    }
}
