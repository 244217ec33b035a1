package com.barnebys.analytics.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings what is published to the disk: the data of the segments first, then their names. Any thread; one flush at a time,
 * and the writer never waits for one unless it asks for it.
 */
final class Flusher {
    private final Disk disk;
    private final SpoolDirectory directory;
    private final SpoolMetrics metrics;
    private final Supplier<Mark> published;
    private final ScheduledExecutorService thread;

    /** Segments that may hold bytes which are not flushed, oldest first. Their descriptors are open until they leave. */
    private final Queue<Segment> unforced = new ConcurrentLinkedQueue<>();

    /** One for the names found at the start, and one for each made since. */
    private final AtomicLong names = new AtomicLong(1);

    private volatile Mark flushed;
    /** A flush failed. The kernel then calls the pages clean, so a second flush would succeed and mean nothing. */
    private volatile @Nullable IOException failure;

    @GuardedBy("this") private long forcedNames;

    Flusher(Disk disk, SpoolDirectory directory, SpoolMetrics metrics, Supplier<Mark> published, Mark flushed) {
        this.disk = disk;
        this.directory = directory;
        this.metrics = metrics;
        this.published = published;
        this.flushed = flushed;
        this.thread = Executors.newSingleThreadScheduledExecutor(Flusher::newThread);
    }

    /** A segment that was there: written by a process that is gone, and nobody knows whether it came to flush it. */
    void found(Segment segment) {
        unforced.add(segment);
    }

    /** A segment that was made just now, and its name with it. Before anything in it is published. */
    void made(Segment segment) {
        unforced.add(segment);
        long unused = names.incrementAndGet();
    }

    /** Nobody needs the segment any more. */
    synchronized void forget(Segment segment) throws IOException {
        boolean unused = unforced.remove(segment);
        segment.file().close();
    }

    /** How far everything is on the disk. */
    Mark flushed() {
        return flushed;
    }

    boolean isBroken() {
        return failure != null;
    }

    /** When this returns, what was published before the call is on the disk. Throws for good once it has failed. */
    void flush() throws IOException {
        if (flushed != published.get()) {
            flushPublished();
        }
    }

    void start(Duration interval, Runnable flush) {
        long nanos = interval.toNanos();
        ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(flush, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    /** Waits for a flush that is under way, however long the disk takes; interrupting it would only make it unsure. */
    void stop() {
        thread.shutdown();
        boolean interrupted = false;
        boolean stopped = false;
        while (!stopped) {
            try {
                stopped = thread.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void closeFiles() throws IOException {
        for (Segment segment : unforced) {
            segment.file().close();
        }
    }

    private synchronized void flushPublished() throws IOException {
        Mark mark = published.get();
        Segment last = mark.segment();
        if (flushed == mark || last == null) {
            return;
        }
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
        long start = disk.nanoTime();
        try {
            forceUpTo(last);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        flushed = mark;
        metrics.synced(disk.nanoTime() - start);
    }

    @GuardedBy("this") private void forceUpTo(Segment last) throws IOException {
        Segment segment = unforced.peek();
        while (segment != null && segment.first() < last.first()) {
            // One that was deleted by hand has nothing to flush; the reader will report it.
            if (disk.exists(segment.file().path())) {
                segment.file().force();
            }
            // An open descriptor would hold the room of the file after it is deleted.
            segment.file().close();
            boolean unused = unforced.remove(segment);
            segment = unforced.peek();
        }
        last.file().force();
        long seen = names.get();
        if (forcedNames != seen) {
            directory.force();
            forcedNames = seen;
        }
    }

    private static Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "spool-sync");
        thread.setDaemon(true);
        return thread;
    }
}
