package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a block that was refused for its rows. Those that are named are parked. A block without a word on its
 * rows is sent in parts until a row is left alone, which is at fault only if another part was taken since: perhaps
 * nothing is taken any more. Nothing may be under way when it is asked. One thread.
 */
final class Refusals {
    /** The lane's own: who reads the log need not know of this class. */
    private static final Logger LOG = LoggerFactory.getLogger(TableLane.class);

    /** So many parts of blocks may be refused, and none taken, before the lane waits; twice as many the next time. */
    private static final int WITHOUT_SUCCESS_MIN = 32;

    private static final int WITHOUT_SUCCESS_MAX = 128;

    private final LaneWorld world;
    private final LaneMetrics metrics;
    private final LaneRows rows;

    private boolean isProven;
    private int unproven;
    private int unprovenMax = WITHOUT_SUCCESS_MIN;
    /** Whether the table was looked at since no row of a block was taken, and no block was stored since. */
    private boolean isLookedAt;
    /** The intents as they were before blocks were cut in parts of which none was taken yet. */
    private @Nullable List<Intent> uncut;

    /** How the lane goes on. */
    sealed interface Remedy {}

    /** With the blocks there are now, at the places they have now. */
    record SendAgain() implements Remedy {}

    /** With another connection, after a while. */
    record ComeBack(Failure why, String message, @Nullable Throwable cause) implements Remedy {}

    /** With another stream: rows need other places, where something sent before may still arrive. */
    record EndStream() implements Remedy {}

    Refusals(LaneWorld world, LaneRows rows) {
        this.world = world;
        this.metrics = world.metrics();
        this.rows = rows;
    }

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

    /** A block was refused without a word on its rows. */
    Remedy refused(Block cause, Failed failed) throws IOException {
        Failure why = failed.failure();
        boolean isRow = cause.rows.rows() == 1;
        metrics.retry(rows.table(), why.retryCause());
        if (why == Failure.TOO_LARGE && !isRow) {
            rows.fresh.tooLarge(cause.rows.size());
        }
        if (isRow && (why == Failure.TOO_LARGE || (isProven && cause.isSuspect()))) {
            return park(cause, new TreeMap<>(Map.of(0, failed.message())));
        }
        isProven = false; // A proof is good for the rows it leaves alone, not for ever.
        cause.suspect();
        unproven++;
        if (unproven == 1) {
            uncut = rows.state().intents();
        }
        boolean isAlone = isRow && rows.blocks.size() == 1 && rows.fresh.isEmpty();
        if (isAlone || unproven > unprovenMax) {
            // Whatever is sent is refused: that is no row's fault.
            if (uncut != null && rows.mayRenumber(cause)) {
                rows.save(rows.state().with(uncut, 0));
            }
            unprovenMax = Math.min(unprovenMax * 2, WITHOUT_SUCCESS_MAX);
            return new ComeBack(why, failed.message(), failed.cause());
        }
        if (!rows.mayRenumber(cause)) {
            return new EndStream();
        }
        if (!rows.fresh.isEmpty() && rows.blocks.stream().allMatch(block -> block.rows.rows() == 1)) {
            // Nothing new is sent behind blocks that are sent again: what could prove anything has to join them.
            Block fresh = rows.take();
            if (uncut != null) {
                uncut = Stream.concat(uncut.stream(), Stream.of(fresh.intent)).toList();
            }
        }
        rows.replace(inParts(cause, rows.blocks), 0);
        return new SendAgain();
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

    /** Parks the rows the service has named, which are durable then, and goes on without them. */
    Remedy exclude(Block cause, RowsRefused refused) throws IOException {
        TreeMap<Integer, String> errors = new TreeMap<>(refused.errors());
        errors.keySet().removeIf(place -> place < 0 || place >= cause.rows.rows());
        if (errors.isEmpty()) {
            return new ComeBack(Failure.INVALID, "rows refused, and none named", null);
        }
        if (errors.size() == cause.rows.rows() && !isLookedAt) {
            // So it is with a table that wants a column of each row; which is seen when it is prepared anew.
            isLookedAt = true;
            return new ComeBack(Failure.INVALID, "no row of a block is taken: " + errors.get(0), null);
        }
        return park(cause, errors);
    }

    private Remedy park(Block cause, SortedMap<Integer, String> errors) throws IOException {
        if (!rows.mayRenumber(cause)) {
            return new EndStream(); // They will be refused again, and then nothing is under way.
        }
        world.parking().park(cause.rows, errors, ParkReason.REFUSED_ROW);
        List<Long> parked = errors.keySet().stream().map(cause.rows::sequence).toList();
        LOG.warn("Rows were set aside, see deadletter/ table={} rows={}", rows.table(), parked.size());
        List<Block> left = new ArrayList<>();
        for (Block block : rows.blocks) {
            if (block != cause) {
                left.add(block);
            } else if (parked.size() < cause.rows.rows()) {
                left.add(cause.without(errors.keySet(), cause.intent.without(parked)));
            }
        }
        uncut = null;
        rows.replace(left, parked.size());
        parked.forEach(sequence -> metrics.parked(rows.table(), ParkReason.REFUSED_ROW));
        return new SendAgain();
    }
}
