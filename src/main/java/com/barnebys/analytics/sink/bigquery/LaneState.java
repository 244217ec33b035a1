package com.barnebys.analytics.sink.bigquery;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a lane must still know after a crash.
 *
 * <p>Every row up to {@code taken} is in one of the intents, or settled: stored or parked. Every row behind it was never
 * sent. Intents stand in the order of their offsets, one behind the other up to {@code nextOffset}.
 *
 * @param stream null when there is none
 * @param nextOffset the place of the next row in the stream
 * @param taken the last sequence number that was put into an intent
 * @param delivered rows stored since the lane was made
 * @param parked rows set aside since the lane was made
 */
record LaneState(
        String table,
        @Nullable String stream,
        long nextOffset,
        long taken,
        List<Intent> intents,
        long delivered,
        long parked) {
    LaneState {
        intents = List.copyOf(intents);
    }

    /** A lane that has sent nothing and wants rows from that number on. */
    static LaneState fresh(String table, long from) {
        return new LaneState(table, null, 0, from - 1, List.of(), 0, 0);
    }

    /** The lowest number that may belong to a row that is not settled. */
    long firstUnsettled() {
        return intents.stream().mapToLong(Intent::first).min().orElse(taken + 1);
    }

    /** Whether nothing is left to be done about a row of this table: it is stored or parked. */
    boolean isSettled(long sequence) {
        return sequence <= taken && intents.stream().noneMatch(intent -> intent.holds(sequence));
    }

    /** So many rows of the stream are settled for certain: those before the first intent. */
    long acknowledged() {
        return intents.isEmpty() ? nextOffset : intents.get(0).offset();
    }

    /** On another stream, or on none. The intents are laid out anew from its beginning. */
    LaneState on(@Nullable String newStream) {
        return new LaneState(table, newStream, 0, taken, intents, delivered, parked).laidOutFrom(0);
    }

    /** With one more intent, for rows behind all others. */
    LaneState with(Intent next) {
        List<Intent> all = new ArrayList<>(intents);
        all.add(next);
        return new LaneState(table, stream, next.end(), next.last(), all, delivered, parked);
    }

    /** With an intent settled: its rows are in the table. */
    LaneState stored(Intent intent, long rows) {
        List<Intent> left = new ArrayList<>(intents);
        boolean unused = left.remove(intent);
        return new LaneState(table, stream, nextOffset, taken, left, delivered + rows, parked);
    }

    /** With other intents in place of what is there, one behind the other from where those begin. */
    LaneState with(List<Intent> others, long nowParked) {
        LaneState empty = new LaneState(table, stream, acknowledged(), taken, List.of(), delivered, parked + nowParked);
        return empty.laidOut(others);
    }

    /** With all intents laid out one behind the other from that place. */
    LaneState laidOutFrom(long offset) {
        return new LaneState(table, stream, offset, taken, List.of(), delivered, parked).laidOut(intents);
    }

    private LaneState laidOut(List<Intent> others) {
        List<Intent> placed = new ArrayList<>();
        long offset = nextOffset;
        for (Intent other : others) {
            placed.add(other.at(offset));
            offset += other.rows();
        }
        return new LaneState(table, stream, offset, taken, placed, delivered, parked);
    }
}
