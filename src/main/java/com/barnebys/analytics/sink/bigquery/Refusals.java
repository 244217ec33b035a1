package com.barnebys.analytics.sink.bigquery;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that were refused without a word on their rows. They are sent in parts until a row is left alone; it is at fault
 * only if another part was taken since, or else everything may be refused. One thread.
 */
final class Refusals {
    /** So many parts of blocks may be refused, and none taken, before the lane waits; twice as many the next time. */
    private static final int WITHOUT_SUCCESS_MIN = 32;

    private static final int WITHOUT_SUCCESS_MAX = 128;

    private boolean isProven;
    private int unproven;
    private int unprovenMax = WITHOUT_SUCCESS_MIN;
    /** Whether the table was looked at since no row of a block was taken, and no block was stored since. */
    private boolean isLookedAt;
    /** The intents as they were before blocks were cut in parts of which none was taken yet. */
    private @Nullable List<Intent> uncut;

    /** Over another connection nothing is proven yet. */
    void opened() {
        isProven = false;
        unproven = 0;
    }

    /** A block was stored: rows can be taken. */
    void taken() {
        isProven = true;
        isLookedAt = false;
        unproven = 0;
        unprovenMax = WITHOUT_SUCCESS_MIN;
    }

    /** Some rows are settled, so the intents can never again be as they were before. */
    void settled() {
        uncut = null;
    }

    /** Whether it is that row's fault, and nothing else's. */
    boolean isOfRow(Block cause, Failure why) {
        return cause.rows.rows() == 1 && (why == Failure.TOO_LARGE || (isProven && cause.isSuspect()));
    }

    /** One more, which may be anybody's fault. A proof is good for the rows it leaves alone, not for ever. */
    void add(Block cause, List<Intent> intents) {
        isProven = false; // Perhaps nothing is taken any more.
        cause.suspect();
        unproven++;
        if (unproven == 1) {
            uncut = intents;
        }
    }

    boolean areTooMany() {
        return unproven > unprovenMax;
    }

    /** They were too many, and the lane will wait: it may try more of them the next time. */
    void waited() {
        unprovenMax = Math.min(unprovenMax * 2, WITHOUT_SUCCESS_MAX);
    }

    /** The intents to go back to when nothing is taken at all. */
    @Nullable List<Intent> uncut() {
        return uncut;
    }

    /** A new intent, behind those that were cut. */
    void joined(Intent fresh) {
        if (uncut != null) {
            uncut = Stream.concat(uncut.stream(), Stream.of(fresh)).toList();
        }
    }

    /** Whether to look at the table before all rows of a block are set aside: once, until a block is stored. */
    boolean isLookWanted() {
        boolean isFirst = !isLookedAt;
        isLookedAt = true;
        return isFirst;
    }

    /**
     * A block nobody wants as it is, in halves, behind all others: large parts are tried before small ones. One that is
     * taken proves that it is the rows of others that are at fault; a row alone comes last.
     */
    static List<Block> inParts(Block cause, List<Block> blocks) {
        List<Block> parts = new ArrayList<>(blocks);
        boolean unused = parts.remove(cause);
        int rows = cause.rows.rows();
        if (rows == 1) {
            parts.add(cause);
        } else {
            parts.add(cause.part(0, rows / 2));
            parts.add(cause.part(rows / 2, rows));
        }
        return parts;
    }
}
