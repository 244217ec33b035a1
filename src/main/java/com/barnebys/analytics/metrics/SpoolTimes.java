package com.barnebys.analytics.metrics;

import com.barnebys.analytics.event.CivilTime;
import com.barnebys.analytics.event.MalformedRowException;
import com.barnebys.analytics.event.RowReader;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolReader;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Since when rows wait, by their sequence number. The spool's writer tells, one other thread asks.
 *
 * <p>The writer leaves a mark with the first group of each second, so the age of a row of this process is known to a
 * second. There are at most {@value #MARKS_MAX} marks: when there are more, marks close to each other are thinned out, and
 * new ones are made less often. So the age of a row that has waited for long is known less well, to within a third of it at
 * worst. Of rows that an earlier process left, the time is read from the row itself, when it is asked for; what was read is
 * remembered like a mark.
 */
public final class SpoolTimes {
    static final int MARKS_MAX = 2048;
    static final long MARK_MILLIS = 1000;

    private static final long INTERVAL_MILLIS_MAX = 86_400_000;

    /** Each may scan a segment: some 20 ms. */
    static final int READS_MAX = 4;

    private static final long UNKNOWN = 0;

    private final LongSupplier clockMillis;
    /**
     * When the row of that number was accepted, and at the latest one interval later those up to the next mark. Locked
     * with itself, never while a file is read: the spool's writer must not wait for that.
     */
    private final TreeMap<Long, Long> marks = new TreeMap<>();

    private volatile long intervalMillis = MARK_MILLIS;
    /** The writer's. */
    private long lastMarkMillis;

    private boolean isMarked;

    private volatile @Nullable Spool spool;
    private volatile long recoveredBelow;
    /** The reader's. */
    private int readsLeft;

    public SpoolTimes() {
        this(System::currentTimeMillis);
    }

    SpoolTimes(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    /** Where to look for rows that are there already. Before the first is appended. */
    public void recoveredFrom(Spool from) {
        spool = from;
        recoveredBelow = from.nextSequence();
    }

    /** Rows from that number on are in the spool now. Called by the spool's writer, for each group. */
    void appended(long first) {
        long now = clockMillis.getAsLong();
        // A clock that went back begins anew.
        if (!isMarked || now - lastMarkMillis >= intervalMillis || now < lastMarkMillis) {
            isMarked = true;
            lastMarkMillis = now;
            synchronized (marks) {
                marks.put(first, now);
                while (marks.size() > MARKS_MAX) {
                    thin();
                }
            }
        }
    }

    private void thin() {
        if (intervalMillis > INTERVAL_MILLIS_MAX) {
            marks.pollFirstEntry();
            return;
        }
        intervalMillis *= 2;
        long kept = Long.MIN_VALUE;
        for (Iterator<Long> times = marks.values().iterator(); times.hasNext(); ) {
            long time = times.next();
            if (kept != Long.MIN_VALUE && time >= kept && time - kept < intervalMillis) {
                times.remove();
            } else {
                kept = time;
            }
        }
    }

    /** Forgets what is known of rows below that number; to be called before a round of questions. */
    void forgetBelow(long oldest) {
        readsLeft = READS_MAX;
        synchronized (marks) {
            Long floor = marks.floorKey(oldest);
            if (floor != null) {
                marks.headMap(floor).clear();
            }
            if (marks.size() < MARKS_MAX / 4) {
                intervalMillis = MARK_MILLIS;
            }
        }
    }

    /** How long the row of that number has been in the spool. */
    double ageSeconds(long sequence) {
        return Math.max(0, clockMillis.getAsLong() - time(sequence)) / 1e3;
    }

    int size() {
        synchronized (marks) {
            return marks.size();
        }
    }

    private long time(long sequence) {
        Map.Entry<Long, Long> floor;
        Map.Entry<Long, Long> next;
        synchronized (marks) {
            floor = marks.floorEntry(sequence);
            next = marks.higherEntry(sequence);
        }
        if (sequence >= recoveredBelow) {
            return floor == null ? clockMillis.getAsLong() : floor.getValue();
        }
        if (floor != null && floor.getKey() == sequence) {
            return floor.getValue();
        }
        boolean isBetween = floor != null && next != null && next.getValue() - floor.getValue() <= MARK_MILLIS;
        long read = isBetween ? UNKNOWN : read(sequence);
        if (read != UNKNOWN) {
            synchronized (marks) {
                marks.put(sequence, read);
            }
            return read;
        }
        if (floor != null) {
            return floor.getValue();
        }
        return next == null ? clockMillis.getAsLong() : next.getValue();
    }

    private long read(long sequence) {
        Spool from = spool;
        if (from == null || readsLeft == 0) {
            return UNKNOWN;
        }
        readsLeft--;
        long[] found = {UNKNOWN};
        try (SpoolReader reader = from.peek(sequence)) {
            int unused =
                    reader.read(1, 1, (number, buffer, offset, length) -> found[0] = timestamp(buffer, offset, length));
        } catch (IOException e) {
            // The spool's own reader meets the same and says so.
            return UNKNOWN;
        }
        return found[0];
    }

    private static long timestamp(byte[] buffer, int offset, int length) {
        try {
            RowReader row = new RowReader();
            row.read(buffer, offset, length);
            Object packed = row.value(row.schema().indexOf("timestamp"));
            return packed instanceof Long time ? CivilTime.unpack(time).toEpochMilli() : UNKNOWN;
        } catch (MalformedRowException e) {
            return UNKNOWN;
        }
    }
}
