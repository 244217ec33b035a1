package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.Lane;
import com.barnebys.analytics.sink.LaneSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what is in the spool to the lanes of a sink, one step a call, and never gives up.
 *
 * <p>One reader, the head, reads the spool once for all lanes that keep up. A lane that has no room stops it for at most
 * {@value #HEAD_WAITS_MILLIS_MAX} ms; then it is left behind, and reads by itself what it missed when it can take rows
 * again. So one table that fails, or is slow, holds up no other, and nothing is kept in memory for it.
 *
 * <p>After a start the head begins at the first record there is: only the lanes know which of these they have settled.
 */
final class LaneLoop implements Loop {
    static final int HEAD_WAITS_MILLIS_MAX = 250;
    static final int READ_RECORDS_MAX = 1000;
    static final long READ_BYTES_MAX = 512 << 10;
    /** Each reading makes the spool flush: at most 20 a second, unless a backlog wants more. */
    static final long READ_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(50);

    static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    static final long TRIM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(LaneLoop.class);
    private static final long HEAD_WAITS_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(HEAD_WAITS_MILLIS_MAX);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final String READING_FAILED = "Reading the spool failed, rows stay in it and are read again";

    private final Backlog backlog;
    private final LaneSink sink;
    private final int backlogRows;
    private final LongSupplier nanos;
    private final RecordTables tables = new RecordTables();
    private final Map<String, LaneFeed> feeds = new HashMap<>();

    private Backlog.@Nullable Reader head;
    private volatile long headPosition;
    private long lastReadNanos;
    private long headWaitsSinceNanos;
    private boolean isHeadWaiting;
    /** Whether its last reading brought nothing, so that the next one is no hurry whatever waits. */
    private boolean isHeadIdle;

    private boolean isHeadFailing;
    private long headFailedNanos;
    private long lastTrimNanos;

    private volatile boolean isDraining;
    private boolean isDrainingSeen;
    private volatile boolean isDrained;
    private volatile boolean isFailing;
    private long lastLogNanos;

    LaneLoop(Backlog backlog, LaneSink sink, int backlogRows, LongSupplier nanos) {
        this.backlog = backlog;
        this.sink = sink;
        this.backlogRows = backlogRows;
        this.nanos = nanos;
        long now = nanos.getAsLong();
        lastReadNanos = now - READ_NANOS_MIN;
        lastTrimNanos = now;
        lastLogNanos = now - REPEAT_NANOS;
        for (Lane lane : sink.lanes()) {
            LaneFeed unused = feed(lane);
        }
    }

    private LaneFeed feed(Lane lane) {
        LaneFeed feed = new LaneFeed(lane, backlog, tables);
        feeds.put(lane.table(), feed);
        return feed;
    }

    /**
     * Each part of the step is taken whatever became of the others: rows that are sent get settled while the spool cannot
     * be read, and only what is settled makes room on a disk that is full.
     */
    @Override
    public long runOnce() {
        long now = nanos.getAsLong();
        if (isDraining && !isDrainingSeen) {
            isDrainingSeen = true;
            sink.drain();
        }
        boolean isMore = goOn(now);
        boolean hasFailed = isHeadFailing;
        boolean isBehind = false;
        for (LaneFeed feed : feeds.values()) {
            try {
                isBehind |= feed.catchUp(headPosition, READ_RECORDS_MAX, READ_BYTES_MAX);
            } catch (IOException | RuntimeException e) {
                hasFailed = true;
                failed(READING_FAILED, e, now);
            }
        }
        long wait = isMore || isBehind ? CONTINUE : IDLE_NANOS;
        boolean isIdle = !isMore && headPosition >= backlog.nextSequence();
        for (LaneFeed feed : feeds.values()) {
            boolean isMoreComing = isMore || !feed.keepsUp(headPosition);
            try {
                wait = Math.min(wait, feed.lane.step(isMoreComing));
            } catch (RuntimeException e) {
                hasFailed = true;
                failed("A lane failed by a bug, others go on table=" + feed.lane.table(), e, now);
            }
            hasFailed |= feed.lane.isFailing();
            isIdle &= feed.keepsUp(headPosition) && !feed.lane.hasWork();
        }
        isFailing = hasFailed;
        isDrained = isIdle && isDraining;
        if (now - lastTrimNanos >= TRIM_NANOS || isDrained) {
            lastTrimNanos = now;
            try {
                trim();
            } catch (IOException | RuntimeException e) {
                failed("The spool could not be trimmed", e, now);
            }
        }
        return Math.max(wait, CONTINUE);
    }

    /** Reads on for the lanes that keep up, unless that failed just now; whether there is more for them right now. */
    private boolean goOn(long now) {
        if (isHeadFailing && now - headFailedNanos < RETRY_NANOS) {
            return false;
        }
        try {
            boolean isMore = readHead(now);
            isHeadFailing = false;
            return isMore;
        } catch (IOException | RuntimeException e) {
            isHeadFailing = true;
            headFailedNanos = now;
            failed(READING_FAILED, e, now);
            return false;
        }
    }

    private boolean readHead(long now) throws IOException {
        Backlog.Reader reader = head;
        if (reader == null) {
            headPosition = backlog.firstSequence();
            reader = backlog.read(headPosition);
            head = reader;
        }
        long waiting = backlog.nextSequence() - headPosition;
        boolean isDue = (waiting >= backlogRows && !isHeadIdle) || now - lastReadNanos >= READ_NANOS_MIN || isDraining;
        if (waiting <= 0 || !isDue || !mayRead(now)) {
            return false;
        }
        if (reader.position() != headPosition) {
            reader.seek(headPosition); // The last reading failed in the middle.
        }
        feeds.values().forEach(feed -> feed.goAlong(headPosition));
        long before = headPosition;
        int rows = reader.read(READ_RECORDS_MAX, READ_BYTES_MAX, this::handOut);
        headPosition = reader.position();
        boolean isMore = headPosition > before
                && (backlog.nextSequence() - headPosition >= backlogRows || rows == READ_RECORDS_MAX);
        isHeadIdle = headPosition == before;
        if (!isMore) {
            lastReadNanos = now;
        }
        for (LaneFeed feed : feeds.values()) {
            if (feed.isAlong()) {
                feed.lane.passed(headPosition);
            }
        }
        return isMore;
    }

    /** Waits a little for lanes that keep up and have no room now. Others are behind, or not there: not waited for. */
    private boolean mayRead(long now) {
        boolean isFull = false;
        for (LaneFeed feed : feeds.values()) {
            Lane lane = feed.lane;
            isFull |= feed.keepsUp(headPosition) && lane.isConnected() && !lane.hasRoom();
        }
        if (!isFull) {
            isHeadWaiting = false;
            return true;
        }
        if (!isHeadWaiting) {
            isHeadWaiting = true;
            headWaitsSinceNanos = now;
        }
        return now - headWaitsSinceNanos >= HEAD_WAITS_NANOS_MAX;
    }

    private void handOut(long sequence, byte[] buffer, int offset, int length) {
        String table = tables.of(buffer, offset, length);
        if (table == null) {
            malformed(sequence, buffer, offset, length);
            return;
        }
        LaneFeed feed = feeds.get(table);
        if (feed == null) {
            feed = feed(sink.lane(table, sequence));
        }
        if (feed.isAlong()) {
            feed.lane.offer(sequence, buffer, offset, length);
        }
    }

    /** Its table cannot be told, so no lane can keep it: parked here, before the head is past it. */
    private void malformed(long sequence, byte[] buffer, int offset, int length) {
        try {
            sink.parkMalformed(sequence, buffer, offset, length, "the record names no table");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is settled is settled: a spool that cannot delete a file keeps nobody from going on. */
    private void trim() throws IOException {
        long below = headPosition;
        for (LaneFeed feed : feeds.values()) {
            below = Math.min(below, feed.lane.settledBelow());
        }
        backlog.trim(below);
        if (below == headPosition && headPosition >= backlog.nextSequence()) {
            sink.allSettledBelow(headPosition);
        }
    }

    private void failed(String what, Exception e, long now) {
        if (now - lastLogNanos >= REPEAT_NANOS) {
            lastLogNanos = now;
            LOG.warn(what, e);
        }
    }

    @Override
    public void drain() {
        isDraining = true;
    }

    @Override
    public boolean isDrained() {
        return isDrained;
    }

    @Override
    public long oldest() {
        long least = headPosition;
        for (Lane lane : sink.lanes()) {
            long oldest = lane.oldest();
            least = oldest < 0 ? least : Math.min(least, oldest);
        }
        return least;
    }

    @Override
    public boolean isFailing() {
        return isFailing;
    }
}
