package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.ForeignSpoolException;
import com.barnebys.analytics.sink.LaneSink;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.Sink;
import com.barnebys.analytics.sink.SpoolIdCheck;
import com.barnebys.analytics.spool.Spool;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Delivers on a thread of its own, from {@link #start()} to {@link #stop(Duration)}, however often the sink fails.
 *
 * <p>Killed at any moment it leaves nothing to be repaired: what is stored and what is not stands in the sink and in the
 * spool. It closes neither. Every method may be called by any thread.
 */
public final class Delivery {
    private final Loop loop;
    private final Consumer<Throwable> fatal;
    private final Thread thread;
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean isStopping;

    private Delivery(Loop loop, Consumer<Throwable> fatal) {
        this.loop = loop;
        this.fatal = fatal;
        thread = new Thread(this::run, "delivery");
        // A sink that hangs must not keep a process alive that wants to end; nothing is lost by cutting it off.
        thread.setDaemon(true);
    }

    /**
     * Prepares delivery out of a spool; nothing runs before {@link #start()}.
     *
     * @param acceptSpool see {@link SpoolIdCheck}
     * @param fatal told when the thread ends by an Error, such as no memory; the process should end, too
     * @throws ForeignSpoolException the sink has a position in another spool
     */
    public static Delivery of(
            Spool spool,
            Sink sink,
            Parking parking,
            DeliveryOptions options,
            DeliveryMetrics metrics,
            boolean acceptSpool,
            Consumer<Throwable> fatal)
            throws ForeignSpoolException {
        // An empty spool, say on a new volume, holds nothing that could be passed over by mistake.
        boolean isEmpty = spool.firstSequence() == spool.nextSequence();
        return of(new SpoolBacklog(spool), sink, parking, options, metrics, acceptSpool || isEmpty, fatal);
    }

    static Delivery of(
            Backlog backlog,
            Sink sink,
            Parking parking,
            DeliveryOptions options,
            DeliveryMetrics metrics,
            boolean acceptSpool,
            Consumer<Throwable> fatal)
            throws ForeignSpoolException {
        SpoolIdCheck.check(backlog.id(), sink.spoolId(), sink.position(), acceptSpool);
        SplittableRandom random = new SplittableRandom();
        return new Delivery(
                new DeliveryLoop(backlog, sink, parking, options, metrics, System::nanoTime, random), fatal);
    }

    /**
     * As {@link #of}, into the lanes of a sink.
     *
     * @param backlogRows with so many rows waiting they are read at once
     */
    public static Delivery ofLanes(
            Spool spool, LaneSink sink, int backlogRows, boolean acceptSpool, Consumer<Throwable> fatal)
            throws ForeignSpoolException, IOException {
        boolean isEmpty = spool.firstSequence() == spool.nextSequence();
        SpoolIdCheck.check(spool.id(), sink.spoolId(), sink.firstUnused(), acceptSpool || isEmpty);
        sink.bind(spool.id(), spool.firstSequence());
        Delivery delivery =
                new Delivery(new LaneLoop(new SpoolBacklog(spool), sink, backlogRows, System::nanoTime), fatal);
        sink.onProgress(() -> LockSupport.unpark(delivery.thread));
        return delivery;
    }

    public void start() {
        thread.start();
    }

    /**
     * Delivers what is in the spool without waiting for more, and goes on like that. To be called when nothing comes in
     * any more.
     *
     * @return whether all of it arrived within that time; the rest stays in the spool for the next start
     */
    public boolean drain(Duration atMost) throws InterruptedException {
        loop.drain();
        LockSupport.unpark(thread);
        return drained.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Ends the thread after the step it is at. It is never interrupted: that would close the files under it.
     *
     * @return whether it ended within that time; if not, neither spool nor sink may be closed
     */
    public boolean stop(Duration atMost) throws InterruptedException {
        isStopping = true;
        LockSupport.unpark(thread);
        thread.join(Math.max(atMost.toMillis(), 1));
        return !thread.isAlive();
    }

    /** The least number that may belong to a row which is neither stored nor parked. */
    public long oldest() {
        return loop.oldest();
    }

    /** Whether the last try failed; delivery goes on trying. */
    public boolean isFailing() {
        return loop.isFailing();
    }

    private void run() {
        try {
            while (!isStopping) {
                long wait = loop.runOnce();
                if (loop.isDrained()) {
                    drained.countDown();
                }
                if (wait > 0) {
                    LockSupport.parkNanos(this, wait);
                    Thread.interrupted(); // Means nothing here; left standing it would turn waiting into spinning.
                }
            }
        } catch (Throwable e) { // An Error, the loop handles all else. Nobody but the process can do anything about it.
            fatal.accept(e);
        }
    }
}
