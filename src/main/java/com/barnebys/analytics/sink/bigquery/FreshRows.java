package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.RowBatch;
import java.util.ArrayDeque;

/** Rows of a lane that are in no intent yet, in the batches they will be sent in. One thread. */
final class FreshRows {
    private static final int BATCH_BYTES = 1 << 20;
    private static final int BLOCK_BYTES_MAX = 8 << 20;
    private static final int BLOCK_BYTES_MIN = 64 << 10;

    private final LaneWorld world;
    private final LaneOptions options;
    /** The last one is being filled. */
    private final ArrayDeque<RowBatch> batches = new ArrayDeque<>();

    private long sinceNanos;
    private int blockBytesMax = BLOCK_BYTES_MAX;

    FreshRows(LaneWorld world) {
        this.world = world;
        this.options = world.options();
    }

    void add(long sequence, byte[] buffer, int offset, int length) {
        batchFor(length).add(sequence, buffer, offset, length);
    }

    private RowBatch batchFor(int length) {
        RowBatch last = batches.peekLast();
        if (last != null && last.rows() < options.rowsMax() && last.size() + length <= blockBytesMax) {
            return last;
        }
        if (last == null) {
            sinceNanos = world.nanos();
        }
        RowBatch fresh = new RowBatch();
        fresh.clear(world.spoolId());
        batches.add(fresh);
        return fresh;
    }

    /** So many bytes were too large for a request: those that come are half of it. */
    void tooLarge(int bytes) {
        blockBytesMax = Math.max(BLOCK_BYTES_MIN, Math.min(blockBytesMax, bytes / 2));
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    long bytes() {
        long bytes = 0;
        for (RowBatch batch : batches) {
            bytes += batch.size();
        }
        return bytes;
    }

    /** The batch in front, full or not; there must be one. */
    RowBatch first() {
        return batches.element();
    }

    /** Whether it is time to send the batch in front. */
    boolean isDue(long now, boolean isMoreComing, boolean isDraining) {
        RowBatch first = batches.peek();
        if (first == null) {
            return false;
        }
        boolean isFull = batches.size() > 1 || first.rows() >= options.rowsMax();
        boolean isEnough = first.rows() >= options.batchRows() || first.size() >= BATCH_BYTES;
        boolean isOld = untilOld(now) <= 0;
        return isFull || isOld || isDraining || (isEnough && !isMoreComing);
    }

    /** Nanoseconds until it is time however few they are. */
    long untilOld(long now) {
        return sinceNanos + options.batchWait().toNanos() - now;
    }

    /** The batch in front is in an intent now. */
    void removeFirst() {
        RowBatch unused = batches.remove();
        sinceNanos = world.nanos();
    }

    void clear() {
        batches.clear();
    }
}
