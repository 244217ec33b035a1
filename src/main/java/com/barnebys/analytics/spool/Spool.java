package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.SpoolState.FAILED;
import static com.barnebys.analytics.spool.SpoolState.FULL;
import static com.barnebys.analytics.spool.SpoolState.READY;

import com.barnebys.analytics.spool.SpoolFullException.Reason;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Takes groups of records, keeps them through the death of the process, and hands them out in order until they are
 * trimmed.
 *
 * <p><b>What holds.</b> When {@link #append} has returned, the group survives the death of the process, and a power cut as
 * far as the {@link SyncPolicy} says. When it has thrown a {@link SpoolFullException}, nothing of the group is in the log.
 * A group that was being written when the process died, or whose flush failed, may be there afterwards; then it is handed
 * out once, under its own numbers. Numbers are dense and given once. Nothing is handed out before it is on the disk, so
 * the numbers a power cut frees have never been seen outside.
 *
 * <p><b>Threads.</b> One thread appends (a second one would wait). One thread reads with each {@link SpoolReader}. All
 * other methods: any thread. An interrupt disturbs nothing here and is still set when the method returns.
 *
 * <p><b>Room.</b> When there is none, {@link #append} refuses and the state is {@link SpoolState#FULL}; the next append or
 * {@link #hasRoom} that finds room makes it {@link SpoolState#READY}. Reading and trimming need no room. After {@link
 * SpoolState#FAILED} only what is flushed, or still can be, is handed out.
 */
public final class Spool implements AutoCloseable {
    private static final int VOLUME_CHECK_BYTES = 1 << 20;
    private static final long ROOM_CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SpoolOptions options;
    private final SpoolMetrics metrics;
    private final Disk disk;
    private final SpoolDirectory directory;
    private final UUID id;

    /** By first sequence. The writer adds at the end, trim removes from the beginning, and never the last one. */
    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();

    private final AtomicLong bytes = new AtomicLong();
    private final Flusher flusher;

    private final Object writeLock = new Object();
    private final Object trimLock = new Object();
    private final Object stateLock = new Object();

    @GuardedBy("writeLock") private final Frame frame = new Frame();

    @GuardedBy("writeLock") private @Nullable Segment active;

    @GuardedBy("writeLock") private long uncheckedBytes = VOLUME_CHECK_BYTES;

    private volatile Mark published;
    /** These two change under {@link #stateLock}. */
    private volatile SpoolState state = READY;

    private volatile @Nullable IOException failure;
    private volatile boolean isClosed;
    private volatile long freeBytes;
    private volatile long freeLookedUpAt;
    private volatile long refusedBytes;

    private Spool(SpoolOptions options, SpoolMetrics metrics, Disk disk, SpoolDirectory directory, long atLeast)
            throws IOException {
        this.options = options;
        this.metrics = metrics;
        this.disk = disk;
        this.directory = directory;
        this.id = directory.id();
        for (Segment segment : directory.segments()) {
            segments.put(segment.first(), segment);
        }
        this.published = recover(atLeast);
        Mark flushed = segments.isEmpty() ? published : new Mark(0, null, 0);
        this.flusher = new Flusher(disk, directory, metrics, () -> published, flushed);
        for (Segment segment : segments.values()) {
            bytes.addAndGet(segment.size());
            flusher.found(segment);
        }
        lookUpFree();
        if (options.sync() == SyncPolicy.INTERVAL) {
            flusher.start(options.syncInterval(), this::flushPeriodically);
        }
    }

    /**
     * Opens the spool in a directory or makes a new one, and holds it until it is closed. The last segment is scanned and
     * cut behind its last good group; this takes the time of one segment, whatever the backlog.
     *
     * @param atLeast no lower sequence is given out: the position of the destination, or 0. Guards against a log that was
     *     restored from an old copy, or emptied
     * @throws SpoolLockedException if another process has it, or this one
     * @throws IOException if the directory cannot be read or written; the message says what was found and expected
     */
    public static Spool open(SpoolOptions options, long atLeast, SpoolMetrics metrics) throws IOException {
        return open(options, atLeast, metrics, Disk.REAL);
    }

    static Spool open(SpoolOptions options, long atLeast, SpoolMetrics metrics, Disk disk) throws IOException {
        if (atLeast < 0 || atLeast >= Segment.SEQUENCE_MAX) {
            throw new IllegalArgumentException("atLeast: " + atLeast + " (expected: 0 to 2^62 - 1)");
        }
        boolean interrupted = Thread.interrupted();
        try {
            SpoolDirectory directory = SpoolDirectory.hold(disk, options.directory());
            try {
                return new Spool(options, metrics, disk, directory, atLeast);
            } catch (IOException | RuntimeException e) {
                directory.release();
                throw e;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Which spool this is: made with it, kept in it. A position that was stored with another id belongs elsewhere. */
    public UUID id() {
        return id;
    }

    /**
     * Appends one group, whole or not at all. Returning is the acknowledgement.
     *
     * @param count records in the group, 1 or more
     * @param bodies one after the other {@code count} times a u32 length and so many bytes, at most 8 MiB. Heap or direct;
     *     positions and limits are left as they are
     * @return the sequence of the first record
     * @throws IllegalArgumentException if the bodies are not that
     * @throws SpoolFullException if there is no room or the disk does not take it; nothing is in the log
     * @throws SpoolFailedException if the state is or becomes {@link SpoolState#FAILED}
     */
    public long append(int count, List<ByteBuffer> bodies) throws IOException {
        synchronized (writeLock) {
            requireOpen();
            IOException failed = failure;
            if (failed != null) {
                throw failedBecauseOf(failed);
            }
            long first = published.next();
            ByteBuffer group = frame.encode(first, count, bodies);
            int size = group.remaining();
            checkRoom(size);
            Segment segment = segmentFor(size);
            long position = segment.size();
            write(segment, group, position);
            segment.size(position + size);
            bytes.addAndGet(size);
            uncheckedBytes += size;
            published = new Mark(first + count, segment, position + size);
            metrics.appended(first, count);
            readyAgain();
            if (options.sync() == SyncPolicy.GROUP) {
                flush();
            }
            return first;
        }
    }

    /**
     * A cursor that starts at the first record that is still held and not below {@code from}. Records between {@code from}
     * and that one are reported as missing, trimmed or not; ask from {@link #firstSequence} to hear of none.
     */
    public SpoolReader read(long from) throws IOException {
        requireOpen();
        return new SpoolReader(this, disk, metrics, from);
    }

    /** As {@link #read}, for a second look at what others read: losses are not reported once more. */
    public SpoolReader peek(long from) throws IOException {
        requireOpen();
        return new SpoolReader(this, disk, SpoolMetrics.NONE, from);
    }

    /**
     * When this returns, everything published before the call is on the disk, names of segments included. Cheap when there
     * is nothing new.
     *
     * @throws SpoolFailedException if the flush fails or one did before
     */
    public void force() throws IOException {
        requireOpen();
        flush();
    }

    /**
     * Gives back the segments that hold nothing but sequences below this. The last segment stays, for its name keeps the
     * numbers. What cannot be deleted is reported and tried again at the next call.
     */
    public void trim(long below) {
        synchronized (trimLock) {
            for (Segment segment : segments.values()) {
                Long end = segments.higherKey(segment.first());
                if (end == null || end > below || isClosed || !delete(segment)) {
                    return;
                }
            }
        }
    }

    /** The sequence that the next record will have. */
    public long nextSequence() {
        return published.next();
    }

    /** The oldest sequence that is still held; {@link #nextSequence} when the spool is empty. */
    public long firstSequence() {
        Map.Entry<Long, Segment> oldest = segments.firstEntry();
        return oldest == null ? published.next() : oldest.getKey();
    }

    /** The size of all segments. */
    public long bytes() {
        return bytes.get();
    }

    /** The free bytes of the volume when they were last looked up: at most 1 MiB of writing ago. */
    public long freeBytes() {
        return freeBytes;
    }

    public SpoolState state() {
        return state;
    }

    /**
     * Whether a group is likely to be taken. Writes nothing; looks at the volume at most once a second. If there is room,
     * the state is no longer {@link SpoolState#FULL}, so that a spool nobody dares to write to comes back by itself.
     */
    public boolean hasRoom() {
        if (isClosed || state == FAILED) {
            return false;
        }
        if (disk.nanoTime() - freeLookedUpAt >= ROOM_CHECK_NANOS) {
            lookUpFree();
        }
        long free = freeBytes;
        long wanted = state == FULL ? refusedBytes : 0;
        boolean hasRoom =
                bytes.get() + wanted <= options.maxBytes() && free >= options.minFreeBytes() && free >= wanted;
        if (hasRoom) {
            readyAgain();
        }
        return hasRoom;
    }

    /**
     * Flushes, stops the flushing thread and lets another process have the directory. A flush that fails is reported
     * through the metrics. Whatever is called afterwards throws or does nothing.
     */
    @Override
    public void close() {
        synchronized (writeLock) {
            if (isClosed) {
                return;
            }
            isClosed = true;
        }
        flusher.stop();
        flushQuietly();
        synchronized (trimLock) {
            release();
        }
    }

    /** What may be handed out: flushes first if there is more. After a failed flush, what was flushed before it. */
    Mark readable() throws IOException {
        requireOpen();
        flushQuietly();
        return flusher.flushed();
    }

    /** The last segment that begins at or below the sequence; else the first one there is. */
    @Nullable Segment segmentOf(long sequence) {
        Map.Entry<Long, Segment> entry = segments.floorEntry(sequence);
        if (entry == null) {
            entry = segments.firstEntry();
        }
        return entry == null ? null : entry.getValue();
    }

    /** The sequence behind the last one that the segment can hold, or {@code otherwise} if no other segment follows. */
    long endOf(Segment segment, long otherwise) {
        Long end = segments.higherKey(segment.first());
        return end == null ? otherwise : end;
    }

    private Mark recover(long atLeast) throws IOException {
        Map.Entry<Long, Segment> entry = segments.lastEntry();
        if (entry == null) {
            if (atLeast > 0) {
                metrics.startedAt(0, atLeast);
            }
            return new Mark(atLeast, null, 0);
        }
        Segment last = entry.getValue();
        long next = recoverLast(last);
        if (next < atLeast) {
            metrics.startedAt(next, atLeast);
            return new Mark(atLeast, last, last.size());
        }
        synchronized (writeLock) {
            active = last;
        }
        return new Mark(next, last, last.size());
    }

    /** Cuts the segment behind its last good group, and returns the sequence that follows. */
    private long recoverLast(Segment last) throws IOException {
        FrameScanner scanner = new FrameScanner();
        SegmentFile file = new SegmentFile(disk, last.file().path(), StandardOpenOption.READ);
        try {
            scanner.start(file, 0, last.first());
            boolean more = true;
            while (more) {
                more = scanner.next(last.size(), Segment.SEQUENCE_MAX);
            }
        } finally {
            file.close();
        }
        long cut = last.size() - scanner.goodEnd();
        if (cut > 0) {
            last.file().truncate(scanner.goodEnd());
            last.file().force();
            last.size(scanner.goodEnd());
            metrics.recoveredTail(last.name(), cut);
        }
        return scanner.expected();
    }

    @GuardedBy("writeLock") private void checkRoom(int size) throws IOException {
        if (bytes.get() + size > options.maxBytes()) {
            throw refuse(Reason.MAX_BYTES, size, null);
        }
        if (uncheckedBytes < VOLUME_CHECK_BYTES && state == READY) {
            return;
        }
        Segment segment = active;
        if (segment != null && !disk.exists(segment.file().path())) {
            throw fail(new NoSuchFileException(segment.file().path().toString(), null, "deleted while in use"));
        }
        lookUpFree();
        if (freeBytes < options.minFreeBytes()) {
            throw refuse(Reason.MIN_FREE, size, null);
        }
        uncheckedBytes = 0;
    }

    @GuardedBy("writeLock") private Segment segmentFor(int size) throws IOException {
        Segment segment = active;
        if (segment != null && (segment.size() == 0 || segment.size() + size <= options.segmentBytes())) {
            return segment;
        }
        try {
            return roll();
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
            throw fail(e); // the directory is gone, or somebody else writes in it
        } catch (IOException e) {
            throw refuse(Reason.DISK, size, e);
        }
    }

    @GuardedBy("writeLock") private Segment roll() throws IOException {
        long next = published.next();
        Segment segment = Segment.create(disk, options.directory(), next);
        segments.put(next, segment);
        flusher.made(segment);
        active = segment;
        published = new Mark(next, segment, 0);
        return segment;
    }

    @GuardedBy("writeLock") private void write(Segment segment, ByteBuffer group, long position) throws IOException {
        int size = group.remaining();
        try {
            segment.file().write(group, position);
        } catch (IOException e) {
            try {
                segment.file().truncate(position);
            } catch (IOException torn) {
                torn.addSuppressed(e);
                throw fail(torn);
            }
            if (e instanceof NoSuchFileException) {
                throw fail(e); // opened again after an interrupt, and it was gone
            }
            throw refuse(Reason.DISK, size, e);
        }
    }

    /** Also finishes the segment, so that all that is in the log can be trimmed away to make room. */
    @GuardedBy("writeLock") private SpoolFullException refuse(Reason reason, int size, @Nullable IOException cause) {
        refusedBytes = size;
        if (changes(READY, FULL)) {
            metrics.full(reason);
        }
        String message = "spool full: " + reason + ": " + size + " more bytes (expected: SPOOL_MAX_BYTES "
                + options.maxBytes() + " > " + bytes.get() + " held, SPOOL_MIN_FREE " + options.minFreeBytes() + " <= "
                + freeBytes + " free)";
        SpoolFullException refusal = new SpoolFullException(reason, message, cause);
        Segment segment = active;
        if (segment != null && segment.size() > 0) {
            try {
                Segment unused = roll();
            } catch (IOException e) {
                refusal.addSuppressed(e); // not even a name: the next refusal tries again
            }
        }
        return refusal;
    }

    private void readyAgain() {
        if (state == FULL && changes(FULL, READY)) {
            metrics.roomAgain();
        }
    }

    private boolean changes(SpoolState from, SpoolState to) {
        synchronized (stateLock) {
            boolean isFrom = state == from;
            state = isFrom ? to : state;
            return isFrom;
        }
    }

    private SpoolFailedException fail(IOException cause) {
        boolean isNew;
        synchronized (stateLock) {
            isNew = state != FAILED;
            failure = isNew ? cause : failure;
            state = FAILED;
        }
        if (isNew) {
            metrics.failed(cause);
        }
        return failedBecauseOf(cause);
    }

    private SpoolFailedException failedBecauseOf(IOException cause) {
        return new SpoolFailedException(
                "spool failed: " + options.directory() + ": " + cause.getMessage()
                        + " (expected: a new start of the process)",
                cause);
    }

    private void flush() throws IOException {
        try {
            flusher.flush();
        } catch (IOException e) {
            throw fail(e);
        }
    }

    /** For somebody who can do nothing about a failure; it is reported where it happens, and once. */
    private void flushQuietly() {
        if (!flusher.isBroken()) {
            try {
                flusher.flush();
            } catch (IOException e) {
                SpoolFailedException unused = fail(e);
            }
        }
    }

    /** A task that throws is not run again, and nobody would hear of it. */
    private void flushPeriodically() {
        try {
            flushQuietly();
        } catch (RuntimeException e) {
            SpoolFailedException unused = fail(new IOException("the flushing thread failed", e));
        }
    }

    private boolean delete(Segment segment) {
        try {
            flusher.forget(segment);
            disk.delete(segment.file().path());
        } catch (IOException e) {
            metrics.trimFailed(segment.name(), e);
            return false;
        }
        Segment unused = segments.remove(segment.first());
        bytes.addAndGet(-segment.size());
        return true;
    }

    private void lookUpFree() {
        freeBytes = disk.freeBytes(options.directory());
        freeLookedUpAt = disk.nanoTime();
    }

    private void requireOpen() throws IOException {
        if (isClosed) {
            throw new IOException("spool: " + options.directory() + ": closed");
        }
    }

    private void release() {
        try {
            flusher.closeFiles();
            directory.release();
        } catch (IOException e) {
            SpoolFailedException unused = fail(e);
        }
    }
}
