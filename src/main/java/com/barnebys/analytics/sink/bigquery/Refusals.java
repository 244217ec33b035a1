package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
 *
 * <p>A refusal that ends the call is no answer: the block may be stored, and then its rows must not be sent to other
 * places. So its stream is ended and counted first, and what the refusal asks for is done before the block is sent again.
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

    /** Rows of blocks that were refused without a word on their rows, and are not settled since. */
    private final Set<Long> suspects = new HashSet<>();

    private boolean isProven;
    private int unproven;
    private int unprovenMax = WITHOUT_SUCCESS_MIN;
    /** Whether the table was looked at since no row of a block was taken, and no block was stored since. */
    private boolean isLookedAt;
    /** The intents as they were before blocks were cut in parts of which none was taken yet. */
    private @Nullable List<Intent> uncut;
    /** The block that was the first under way when a call ended with a refusal. */
    private @Nullable Ending ending;

    private record Ending(long first, long last, Failed failed, boolean isGuilty) {}

    /** How the lane goes on. */
    sealed interface Remedy {}

    /** With the blocks there are now, at the places they have now. */
    record SendAgain() implements Remedy {}

    /** With another connection, after a while. */
    record ComeBack(Failure why, String message, @Nullable Throwable cause) implements Remedy {}

    /** With another stream: rows need other places, where something sent before may still arrive. */
    record EndStream(Failure why, String message) implements Remedy {
        EndStream() {
            this(Failure.CONNECTION, "rows need other places while something may be on its way");
        }
    }

    Refusals(LaneWorld world, LaneRows rows) {
        this.world = world;
        this.metrics = world.metrics();
        this.rows = rows;
    }

    /** Over another connection nothing is proven yet. */
    void opened() {
        if (ending == null) { // Else it is there to go on with what ended the one before.
            isProven = false;
            unproven = 0;
            suspects.clear();
        }
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
        if (!suspects.isEmpty()) {
            suspects.removeIf(rows.state()::isSettled);
        }
        if (ending != null && rows.state().isSettled(ending.first())) {
            ending = null;
        }
    }

    /** A block was refused without a word on its rows. */
    Remedy refused(Block cause, Failed failed) throws IOException {
        Failure why = failed.failure();
        boolean isRow = cause.rows.rows() == 1;
        metrics.retry(rows.table(), why.retryCause());
        if (why == Failure.TOO_LARGE && !isRow) {
            rows.fresh.tooLarge(cause.rows.size());
        }
        boolean isGuilty =
                isRow && (why == Failure.TOO_LARGE || (isProven && suspects.contains(cause.rows.firstSequence())));
        if (failed.endsCall() && (isGuilty || !isAlone(cause))) {
            ending = new Ending(cause.intent.first(), cause.intent.last(), failed, isGuilty);
            return new EndStream(why, failed.message());
        }
        return refused(cause, failed, isGuilty);
    }

    /** A row with nothing to be compared with. It stays where it is. */
    private boolean isAlone(Block block) {
        return block.rows.rows() == 1 && rows.blocks.size() == 1 && rows.fresh.isEmpty();
    }

    /** Whether a call has ended with the refusal of this block, of which is known by now that it was not stored. */
    boolean isRefused(Block next) {
        Ending known = ending;
        return known != null
                && known.first() == next.intent.first()
                && known.last() == next.intent.last()
                && rows.mayRenumber(next);
    }

    /** Does what the end of that call asks for. The block must not have been sent since. */
    Remedy refusedBefore(Block next) throws IOException {
        Ending known = Objects.requireNonNull(ending);
        ending = null;
        return refused(next, known.failed(), known.isGuilty());
    }

    private Remedy refused(Block cause, Failed failed, boolean isGuilty) throws IOException {
        Failure why = failed.failure();
        if (isGuilty) {
            return park(cause, new TreeMap<>(Map.of(0, failed.message())));
        }
        isProven = false; // A proof is good for the rows it leaves alone, not for ever.
        for (int i = 0; i < cause.rows.rows(); i++) {
            suspects.add(cause.rows.sequence(i));
        }
        unproven++;
        if (unproven == 1) {
            uncut = rows.state().intents();
        }
        if (isAlone(cause) || unproven > unprovenMax) {
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
