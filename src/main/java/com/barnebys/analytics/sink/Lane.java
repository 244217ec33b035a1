package com.barnebys.analytics.sink;

/**
 * One table's way into a {@link LaneSink}, with its own place in the spool. A lane that fails holds up no other.
 *
 * <p>Rows are handed in by ascending sequence number from {@link #wanted()} on. When a lane loses its connection it
 * forgets the rows it holds and wants them again: {@code wanted()} goes back, and whoever feeds it reads the spool from
 * there. So a lost connection and a crash are the same to a lane. One thread calls.
 */
public interface Lane {
    /** Which table's rows it wants. */
    String table();

    /** The sequence number from which on it wants the rows of its table. */
    long wanted();

    /** Whether it has a connection. One without cannot be waited for. */
    boolean isConnected();

    /** Whether it takes rows now: it has a connection, and room for a few thousand more. */
    boolean hasRoom();

    /**
     * Hands in a row, which is copied; one below {@link #wanted()} is passed over. A lane without a connection does not
     * take it, and remembers that there is work.
     */
    void offer(long sequence, byte[] buffer, int offset, int length);

    /** Says that all rows of its table below that number were offered. */
    void passed(long next);

    /**
     * Does what is due, without blocking longer than a write to the local disk takes.
     *
     * @param isMoreComing whether more rows wait to be offered right now, so that a larger batch is worth waiting for
     * @return nanoseconds until it has something to do by itself
     */
    long step(boolean isMoreComing);

    /** Below this number every row of its table is stored or parked, and that is on the disk: the spool may forget them. */
    long settledBelow();

    /** Whether it holds rows, or knows of some, that are not settled. */
    boolean hasWork();

    /** The number of the first row it knows of that is not settled; negative when there is none. Any thread. */
    long oldest();

    /** Whether its last try failed. */
    boolean isFailing();
}
