package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.Backoff;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.Sink;
import com.barnebys.analytics.sink.SinkException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what is in the spool to the sink, one step a call, and never gives up.
 *
 * <p>A failed batch stays in the spool. It is not kept here and sent again as it was: the reader goes back to the sink's
 * position and the batch is made anew, since the position may have moved although the sink threw. The same way rows are
 * counted only when the position has passed them, after a success as after a failure.
 *
 * <p>One thread calls {@link #runOnce()}; {@link #drain()} and the questions may come from any.
 */
final class DeliveryLoop implements Loop {
    /** With the row limit, the most that is held in memory. */
    static final long BATCH_BYTES_MAX = 8L << 20;

    /** Each batch makes the spool flush: at most 20 a second, unless a backlog wants more. */
    static final long BATCH_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(50);

    static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    static final long UPKEEP_NANOS = Duration.ofMinutes(1).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryLoop.class);
    private static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();

    private final Backlog backlog;
    private final Sink sink;
    private final DeliveryOptions options;
    private final DeliveryMetrics metrics;
    private final LongSupplier nanos;
    private final Backoff backoff;
    private final ParkedRows parked;
    private final RowBatch batch = new RowBatch();

    private Backlog.@Nullable Reader reader;
    private boolean isReaderAstray;

    /** All below is counted. */
    private long counted;

    private boolean isWaiting;
    private long waitingSinceNanos;
    private long lastBatchNanos;

    private boolean isMoreUpkeep;
    private long lastUpkeepNanos;
    private boolean isUpkeepFailing;
    private boolean isTrimFailing;

    private int failures;
    private volatile boolean isFailing;
    private long failingSinceNanos;
    private long lastFailureLogNanos;
    private long retryAtNanos;

    private volatile boolean isDraining;
    private boolean isDrainingSeen;
    private volatile boolean isDrained;

    DeliveryLoop(
            Backlog backlog,
            Sink sink,
            Parking parking,
            DeliveryOptions options,
            DeliveryMetrics metrics,
            LongSupplier nanos,
            RandomGenerator random) {
        this.backlog = backlog;
        this.sink = sink;
        this.options = options;
        this.metrics = metrics;
        this.nanos = nanos;
        parked = new ParkedRows(parking);
        backoff = new Backoff(random);
        counted = sink.position();
        lastBatchNanos = nanos.getAsLong() - BATCH_NANOS_MIN;
        lastUpkeepNanos = nanos.getAsLong() - UPKEEP_NANOS;
    }

    @Override
    public long runOnce() {
        long now = nanos.getAsLong();
        if (isDraining && !isDrainingSeen) {
            isDrainingSeen = true;
            retryAtNanos = now;
        }
        if (failures > 0 && retryAtNanos - now > 0) {
            return retryAtNanos - now;
        }
        try {
            return step(now);
        } catch (SinkException e) {
            return failed(e.retryCause(), e);
        } catch (IOException e) {
            return failed(RetryCause.IO, e);
        } catch (RuntimeException e) {
            return failed(RetryCause.OTHER, e);
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
        return sink.position();
    }

    @Override
    public boolean isFailing() {
        return isFailing;
    }

    private long step(long now) throws SinkException, IOException {
        Backlog.Reader from = reader();
        long waiting = backlog.nextSequence() - from.position();
        if (waiting <= 0) {
            isWaiting = false;
            isDrained = isDraining;
            if (failures > 0) {
                recovered();
            }
            upkeep(now);
            return isMoreUpkeep ? CONTINUE : IDLE_NANOS;
        }
        isDrained = false;
        if (!isWaiting) {
            isWaiting = true;
            waitingSinceNanos = now;
        }
        if (!isDue(waiting, now)) {
            upkeep(now);
            return isMoreUpkeep ? CONTINUE : Math.min(POLL_NANOS, nanosUntilDue(waiting, now));
        }
        if (!deliver(from, now)) {
            return POLL_NANOS;
        }
        // What is left was there before now, so this starts its wait a little late, by the time of one batch.
        waitingSinceNanos = nanos.getAsLong();
        if (waitingSinceNanos - lastUpkeepNanos >= UPKEEP_NANOS) {
            upkeep(waitingSinceNanos);
        }
        return CONTINUE;
    }

    private Backlog.Reader reader() throws IOException {
        Backlog.Reader current = reader;
        if (current == null) {
            long position = sink.position();
            long first = backlog.firstSequence();
            if (position > 0 && first > position) {
                LOG.warn("The spool begins behind what is stored, rows are missing from={} to={}", position, first - 1);
            }
            current = backlog.read(position);
            reader = current;
        } else if (isReaderAstray) {
            current.seek(sink.position());
        }
        isReaderAstray = false;
        return current;
    }

    private boolean isDue(long waiting, long now) {
        if (isDraining || waiting >= options.backlogRows() || failures > 0) {
            return true;
        }
        boolean isEnough = waiting >= options.batchRows()
                || now - waitingSinceNanos >= options.batchWait().toNanos();
        return isEnough && now - lastBatchNanos >= BATCH_NANOS_MIN;
    }

    private long nanosUntilDue(long waiting, long now) {
        long wait = waiting >= options.batchRows()
                ? 0
                : waitingSinceNanos + options.batchWait().toNanos() - now;
        return Math.max(1, Math.max(wait, lastBatchNanos + BATCH_NANOS_MIN - now));
    }

    /** False when the spool had numbers, but no rows for them now. */
    private boolean deliver(Backlog.Reader from, long now) throws SinkException, IOException {
        lastBatchNanos = now;
        isReaderAstray = true; // Until the batch is stored: whatever throws, the reader has to go back.
        batch.clear(backlog.id());
        int rows = from.read(options.backlogRows(), BATCH_BYTES_MAX, batch::add);
        if (rows == 0) {
            isReaderAstray = false;
            return false;
        }
        batch.end(from.position());
        long start = nanos.getAsLong();
        sink.store(batch, parked);
        isReaderAstray = false;
        count();
        metrics.batch(rows, nanos.getAsLong() - start);
        if (failures > 0) {
            recovered();
        }
        trim();
        return true;
    }

    /** Counts the rows of the batch that the position has passed since the last time. */
    private void count() {
        long position = sink.position();
        long from = counted;
        counted = Math.max(counted, position);
        Map<String, Long> delivered = new HashMap<>();
        String runTable = "";
        long run = 0;
        int setAside = 0;
        for (int i = 0; i < batch.rows(); i++) {
            long sequence = batch.sequence(i);
            if (sequence < from || sequence >= position) {
                continue;
            }
            String name = batch.table(i);
            String table = name == null ? "" : name;
            ParkReason reason = parked.isEmpty() ? null : parked.reasons().get(sequence);
            if (reason == null) {
                // Neighbours are mostly of one table, whose name is one instance.
                if (!table.equals(runTable)) {
                    delivered.merge(runTable, run, Long::sum);
                    runTable = table;
                    run = 0;
                }
                run++;
            } else {
                metrics.parked(table, reason);
                setAside++;
            }
        }
        parked.forgetBelow(position);
        delivered.merge(runTable, run, Long::sum);
        delivered.values().removeIf(rows -> rows == 0);
        delivered.forEach(metrics::delivered);
        if (setAside > 0) {
            LOG.warn("Rows were set aside, see deadletter/ rows={} position={}", setAside, position);
        }
    }

    /** What is stored is stored: a spool that cannot delete a file keeps nobody from going on. */
    private void trim() {
        try {
            backlog.trim(sink.position());
            isTrimFailing = false;
        } catch (IOException e) {
            if (!isTrimFailing) {
                LOG.warn("Cannot trim the spool, it grows until that works again", e);
            }
            isTrimFailing = true;
        }
    }

    /** One piece of upkeep, if it is time for it or the last one left more to do. Never on the way out. */
    private void upkeep(long now) {
        if (isDraining) {
            isMoreUpkeep = false;
            return;
        }
        if (!isMoreUpkeep && now - lastUpkeepNanos < UPKEEP_NANOS) {
            return;
        }
        lastUpkeepNanos = now;
        isMoreUpkeep = false;
        try {
            isMoreUpkeep = sink.upkeep();
            isUpkeepFailing = false;
        } catch (SinkException e) {
            if (!isUpkeepFailing) {
                LOG.warn("Upkeep of the sink failed, it is tried again each minute", e);
            }
            isUpkeepFailing = true;
        }
    }

    private long failed(RetryCause cause, Exception e) {
        long now = nanos.getAsLong();
        failures++;
        isFailing = true;
        metricsOfFailure(cause, e);
        long wait = backoff.nextNanos();
        retryAtNanos = now + wait;
        if (failures == 1) {
            failingSinceNanos = now;
            lastFailureLogNanos = now;
            LOG.warn("Delivery failed, rows stay in the spool and are tried again cause={}", cause, e);
        } else if (now - lastFailureLogNanos >= REPEAT_NANOS) {
            lastFailureLogNanos = now;
            LOG.warn(
                    "Delivery still fails cause={} failures={} seconds={} message={}",
                    cause,
                    failures,
                    seconds(now),
                    e.toString());
        }
        return wait;
    }

    /** The batch may have counted nevertheless; and whatever is wrong with the counting, delivery goes on. */
    private void metricsOfFailure(RetryCause cause, Exception e) {
        try {
            metrics.retry(cause);
            count();
        } catch (RuntimeException again) {
            e.addSuppressed(again);
        }
    }

    private void recovered() {
        LOG.info("Delivery goes on failures={} seconds={}", failures, seconds(nanos.getAsLong()));
        failures = 0;
        isFailing = false;
        backoff.reset();
    }

    private long seconds(long now) {
        return TimeUnit.NANOSECONDS.toSeconds(now - failingSinceNanos);
    }
}
