package com.barnebys.analytics.spool;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A cursor through the spool: hands out records in order, each with its sequence, exactly as they were appended.
 *
 * <p>Never hands out what is not on the disk, nor what does not check. Damaged groups and missing segments are stepped
 * over and reported once. One thread; not disturbed by interrupts. Holds one descriptor and one buffer of the size of the
 * largest group; the descriptor keeps the room of a trimmed segment until the reader moves on, which is at the next read.
 */
public final class SpoolReader implements AutoCloseable {
    private final Spool spool;
    private final Disk disk;
    private final SpoolMetrics metrics;
    private final FrameScanner scanner = new FrameScanner();

    private long position;
    private @Nullable Segment segment;
    private @Nullable SegmentFile file;

    /** The group that is being handed out: where its next record stands, and how many are left. Held: seek may go back. */
    private int recordAt;

    private int recordsLeft;
    private boolean isGroupHeld;

    /** Where the last read began, to which a failed sink wants back. */
    private @Nullable Segment resumeSegment;

    private long resumeOffset;
    private long resumeSequence;

    /** Losses below this were reported; a second pass over them is not a second loss. */
    private long reportedBelow;

    private boolean isClosed;

    SpoolReader(Spool spool, Disk disk, SpoolMetrics metrics, long from) {
        this.spool = spool;
        this.disk = disk;
        this.metrics = metrics;
        this.position = requireSequence(from);
    }

    /**
     * Hands out what there is, at most {@code maxRecords}, and no more than {@code maxBytes} unless the first record alone
     * is larger.
     *
     * @return how many were handed out; 0 if there is nothing now
     * @throws IOException if the disk cannot be read, or the spool or the reader is closed. The position is behind the last
     *     record that was handed out, and reading may be tried again
     */
    public int read(int maxRecords, long maxBytes, RecordConsumer consumer) throws IOException {
        if (isClosed) {
            throw new IOException("spool reader: closed");
        }
        Mark mark = spool.readable();
        rememberStart();
        int records = 0;
        long bytes = 0;
        while (records < maxRecords && (recordsLeft > 0 || nextGroup(mark))) {
            int length = scanner.lengthAt(recordAt);
            if (records > 0 && bytes + length > maxBytes) {
                break;
            }
            consumer.accept(position, scanner.bytes(), recordAt + Frame.RECORD_BYTES_MIN, length);
            stepOverRecord(length);
            records++;
            bytes += length;
        }
        return records;
    }

    /** The sequence of the next record to be handed out, if it is still there by then. */
    public long position() {
        return position;
    }

    /**
     * Goes to another place, most often back to where a failed batch began; back to the beginning of the last read is
     * cheap, elsewhere a segment is scanned.
     */
    public void seek(long sequence) throws IOException {
        if (isGroupHeld && sequence >= scanner.groupFirst() && sequence < scanner.expected()) {
            goTo(sequence);
            return;
        }
        Segment resume = resumeSegment;
        boolean isNear = resume != null && sequence >= resumeSequence && resume == spool.segmentOf(sequence);
        position = requireSequence(sequence);
        leave();
        if (isNear && resume != null) {
            enter(resume, resumeOffset, resumeSequence);
        }
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        leave();
    }

    /** Makes the next group current whose records are not all below the position; false if there is none yet. */
    private boolean nextGroup(Mark mark) throws IOException {
        Segment last = mark.segment();
        while (last != null) {
            if (segment == null && !enterNext(last)) {
                return false;
            }
            Segment current = segment;
            if (current == null) {
                return false;
            }
            boolean isLast = current == last;
            long limit = isLast ? mark.position() : current.size();
            long end = isLast ? mark.next() : spool.endOf(current, mark.next());
            if (advance(current, limit, end)) {
                if (scanner.expected() > position) {
                    isGroupHeld = true;
                    goTo(Math.max(position, scanner.groupFirst()));
                    return true;
                }
            } else {
                position = Math.max(position, end);
                if (isLast) {
                    return false;
                }
                leave();
            }
        }
        return false;
    }

    /** One step of the scanner in this segment; false at its end. Reports what is not there. */
    private boolean advance(Segment current, long limit, long end) throws IOException {
        isGroupHeld = false;
        long expected = scanner.expected();
        boolean found;
        try {
            found = scanner.next(limit, end);
        } catch (NoSuchFileException e) {
            lost(-1, current, expected, end);
            scanner.start(requireFile(), limit, end);
            return false;
        }
        lost(scanner.damagedAt(), current, expected, found ? scanner.groupFirst() : end);
        if (!found && expected < end) {
            scanner.start(requireFile(), limit, end);
        }
        return found;
    }

    /** Reports the sequences from {@code from} up to but not including {@code end}, as far as they concern this reader. */
    private void lost(long damagedAt, Segment current, long from, long end) {
        long first = Math.max(Math.max(from, position), reportedBelow);
        if (first >= end) {
            return;
        }
        if (damagedAt >= 0) {
            metrics.damaged(current.name(), damagedAt, first, end - 1);
        } else {
            metrics.missing(first, end - 1);
        }
        reportedBelow = end;
    }

    private boolean enterNext(Segment last) {
        Segment next = spool.segmentOf(position);
        if (next == null || next.first() > last.first()) {
            return false;
        }
        lost(-1, next, position, next.first());
        position = Math.max(position, next.first());
        enter(next, 0, next.first());
        return true;
    }

    private void enter(Segment next, long offset, long sequence) {
        SegmentFile opened = new SegmentFile(disk, next.file().path(), StandardOpenOption.READ);
        segment = next;
        file = opened;
        scanner.start(opened, offset, sequence);
    }

    private void leave() throws IOException {
        isGroupHeld = false;
        recordsLeft = 0;
        segment = null;
        SegmentFile left = file;
        file = null;
        if (left != null) {
            left.close();
        }
    }

    private void rememberStart() {
        resumeSegment = segment;
        resumeOffset = isGroupHeld ? scanner.groupOffset() : scanner.offset();
        resumeSequence = isGroupHeld ? scanner.groupFirst() : scanner.expected();
    }

    /** Within the current group. */
    private void goTo(long sequence) {
        position = scanner.groupFirst();
        recordAt = scanner.bodyAt();
        recordsLeft = scanner.groupCount();
        while (position < sequence) {
            stepOverRecord(scanner.lengthAt(recordAt));
        }
    }

    private void stepOverRecord(int length) {
        recordAt += Frame.RECORD_BYTES_MIN + length;
        recordsLeft--;
        position++;
    }

    private SegmentFile requireFile() {
        SegmentFile open = file;
        if (open == null) {
            throw new IllegalStateException("no segment is open");
        }
        return open;
    }

    private static long requireSequence(long sequence) {
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence: " + sequence + " (expected: >= 0)");
        }
        return sequence;
    }
}
