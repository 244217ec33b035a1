package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;

/** What the place where a stream ends says of the rows that were sent to it. */
sealed interface Finding {
    /** So many rows of the block, all that were sent or all of its intent, are in the table. */
    record BlockThere(int rows) implements Finding {}

    /** So many rows of the intents are in the table; what is left are the others, still on that stream. */
    record RowsThere(long rows, LaneState left) implements Finding {}

    /** State and stream contradict each other: going on would be guessing. */
    record Contradiction(String message) implements Finding {}

    /** Nothing, for want of a number. */
    record Nothing() implements Finding {}

    /**
     * What it means that there is something at a block's place already.
     *
     * @param isDoubted whether these rows should not be there, since nobody has sent them to their place before
     */
    static Finding of(AlreadyExists exists, Block block, boolean isDoubted, LaneState state) {
        long expected = exists.expectedOffset();
        Intent intent = block.intent;
        if (expected > state.nextOffset()) {
            // Somebody else has written: what is there need not be these rows.
            return new Contradiction("the stream goes on at " + expected + ", and only " + state.nextOffset()
                    + " rows were sent; is this an older copy of the data directory, or a second process on it?");
        }
        if (expected >= intent.end()) {
            return isDoubted
                    ? new Contradiction("the rows from " + intent.offset() + " to " + intent.end()
                            + " were sent for the first time, and are there already; is this an older copy of the data"
                            + " directory, or a second process on it?")
                    : new BlockThere(intent.rows());
        }
        int sent = block.rows.rows();
        if (expected == intent.offset() + sent && !isDoubted) {
            return new BlockThere(sent); // The spool has lost the others.
        }
        return expected > intent.offset()
                ? new Contradiction("the stream goes on at " + expected + ", in the middle of the rows from "
                        + intent.offset() + " to " + intent.end())
                : new Nothing();
    }

    /** What the count of all rows in an ended stream means: an intent's rows are there whole, or none of them. */
    static Finding of(long count, LaneState state) {
        LaneState left = state;
        long stored = 0;
        for (Intent intent : state.intents()) {
            if (intent.end() <= count) {
                left = left.stored(intent, intent.rows());
                stored += intent.rows();
            } else if (intent.offset() < count) {
                return new Contradiction("the stream ends at " + count + ", in the middle of the rows from "
                        + intent.offset() + " to " + intent.end());
            }
        }
        return count > state.nextOffset()
                ? new Contradiction(
                        "the stream holds " + count + " rows, and only " + state.nextOffset() + " were sent")
                : new RowsThere(stored, left);
    }
}
