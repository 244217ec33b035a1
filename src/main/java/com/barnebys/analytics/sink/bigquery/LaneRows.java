package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.LaneStatus;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of one lane: which it wants, which it holds, and what is written down of them. A row is first {@link #fresh},
 * then in a block, of which the state has the intent, and then settled. One thread, but where it is said.
 */
final class LaneRows {
    /** Those without an intent. */
    final FreshRows fresh;
    /** One for each intent, in their order. Changed in this class only. */
    final List<Block> blocks = new ArrayList<>();

    private final LaneWorld world;
    private final boolean hasStream;

    /** Read by other threads for counters. */
    private volatile LaneState state;
    /** As on the disk: what may be forgotten by the spool. */
    private LaneState saved;

    private long wanted;
    /** Of the rows it knows of, the first that is not settled. Read by other threads. */
    private volatile long oldest = LaneStatus.NONE;

    /** Blocks in front that were there when the connection was opened, or changed since: sent one by one. */
    private int oneByOne;
    /** Below this place of the stream something may still arrive of which nobody has heard: it was given up unanswered. */
    private long uncertainBelow;

    LaneRows(LaneWorld world, LaneState state) {
        this.fresh = new FreshRows(world);
        this.world = world;
        this.hasStream = world.options().hasStream();
        this.state = state;
        this.saved = state;
        this.wanted = state.firstUnsettled();
        // What a life before has sent may arrive after its death.
        this.uncertainBelow = state.intents().isEmpty() ? 0 : state.nextOffset();
    }

    // Where each row is.

    String table() {
        return state.table();
    }

    /** Any thread. */
    LaneState state() {
        return state;
    }

    long wanted() {
        return wanted;
    }

    /** Any thread. */
    long oldest() {
        return oldest;
    }

    boolean areHeld() {
        return !blocks.isEmpty() || !fresh.isEmpty();
    }

    long bytesHeld() {
        long bytes = fresh.bytes();
        for (Block block : blocks) {
            bytes += block.rows.size();
        }
        return bytes;
    }

    boolean areSentOneByOne() {
        return oneByOne > 0;
    }

    /** Whether the block in front is one that was promised, and some of its rows are still to be read. */
    boolean areWaitedFor() {
        return oneByOne > 0 && !blocks.get(0).isSent() && !blocks.get(0).isComplete(wanted);
    }

    /** Below this number the spool may forget all rows. */
    long settledBelow() {
        long below = Math.min(wanted, saved.intents().isEmpty() ? Long.MAX_VALUE : saved.firstUnsettled());
        return fresh.isEmpty() ? below : Math.min(below, fresh.first().firstSequence());
    }

    /** There is that row, whether it is taken now or not. */
    void known(long sequence) {
        if (oldest == LaneStatus.NONE) {
            oldest = sequence;
        }
    }

    /**
     * A row that was forgotten with a connection is still waited for: it is known until it, or none, is left.
     *
     * @param isWorkKnown whether there are rows to be read that are not here
     */
    void noteOldest(boolean isWorkKnown) {
        if (!state.intents().isEmpty()) {
            oldest = state.firstUnsettled();
        } else if (!fresh.isEmpty()) {
            oldest = fresh.first().firstSequence();
        } else if (!isWorkKnown) {
            oldest = LaneStatus.NONE;
        }
    }

    // In.

    /** Takes the row that is wanted, or one behind it. */
    void add(long sequence, byte[] buffer, int offset, int length) {
        if (sequence > state.taken()) {
            fresh.add(sequence, buffer, offset, length);
        } else {
            for (Block block : blocks) {
                if (block.intent.holds(sequence)) {
                    block.rows.add(sequence, buffer, offset, length);
                    break;
                }
            }
        }
        wanted = sequence + 1;
    }

    /** There is no row below that number that was not offered. */
    void passed(long next) {
        wanted = Math.max(wanted, next);
    }

    /** Lets go of all rows; they are wanted again. */
    void forget() {
        blocks.clear();
        fresh.clear();
        oneByOne = 0;
        wanted = state.firstUnsettled();
    }

    /** Lets go of all rows, and waits for those that were promised. */
    void rewind() {
        forget();
        state.intents().forEach(intent -> blocks.add(Block.of(intent)));
        oneByOne = blocks.size();
    }

    // Written down.

    /** The first fresh batch as a block behind all others: writes down what will be sent, before it is. */
    Block take() throws IOException {
        RowBatch first = fresh.first();
        Intent intent = new Intent(
                state.nextOffset(), first.firstSequence(), first.nextSequence() - 1, first.rows(), List.of());
        save(state.with(intent));
        fresh.removeFirst();
        Block block = new Block(intent, first);
        blocks.add(block);
        return block;
    }

    /** The block is done with, and so many of its rows are in the table. It need not be on the disk: see LaneStore. */
    void settled(Block block, int stored) {
        boolean unused = blocks.remove(block);
        state = state.stored(block.intent, stored);
        oneByOne = Math.max(0, oneByOne - 1);
    }

    /** Gives the blocks other places, from that one on. */
    void layOutFrom(long offset) throws IOException {
        save(state.laidOutFrom(offset));
        refresh();
    }

    /** Other blocks in place of those there were, to be sent to other places of the stream. */
    void replace(List<Block> others, int parked) throws IOException {
        save(state.with(others.stream().map(block -> block.intent).toList(), parked));
        blocks.clear();
        blocks.addAll(others);
        blocks.forEach(Block::unsent);
        refresh();
        oneByOne = blocks.size();
    }

    /** Gives the blocks the places their intents have now. */
    private void refresh() {
        for (int i = 0; i < blocks.size(); i++) {
            blocks.get(i).intent = state.intents().get(i);
        }
    }

    /** On another stream, or on none: nothing was sent to it. */
    void moved(LaneState onAnother) throws IOException {
        save(onAnother);
        uncertainBelow = 0;
    }

    /** On the disk when this returns. */
    void save(LaneState next) throws IOException {
        world.store().save(next, true);
        state = next;
        saved = next;
    }

    /** What was settled since, for the disk to have when it likes. */
    void saveSettled() throws IOException {
        if (!saved.equals(state)) {
            world.store().save(state, false);
            saved = state;
        }
    }

    // What may still be on its way.

    /** Whether nothing sent before can arrive at a place of the stream that is to mean other rows from now on. */
    boolean mayRenumber(Block first) {
        return !hasStream || first.intent.offset() >= uncertainBelow;
    }

    /** To be called before requests are given up: those that nobody has answered may still arrive. */
    void noteUncertain() {
        for (Block block : blocks) {
            if (block.isSent() && (!block.isAnswered() || isDoubtful(block.result()))) {
                allAreUncertain();
            }
        }
    }

    /** No answer counts for anything. */
    void allAreUncertain() {
        uncertainBelow = state.nextOffset();
    }

    /** How many rows of the intents may be in the stream. */
    long uncertain() {
        return state.intents().stream()
                .filter(intent -> intent.offset() < uncertainBelow)
                .mapToLong(Intent::rows)
                .sum();
    }

    private static boolean isDoubtful(AppendResult result) {
        return result instanceof Failed failed
                && switch (failed.failure()) {
                    case CONNECTION, TIMEOUT, OTHER -> true;
                    case NOT_FOUND -> false; // Nothing is stored in what is not there.
                    default -> failed.endsCall();
                };
    }
}
