package com.barnebys.analytics.sink;

import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A sink that takes each table's rows on a lane of its own, several batches at a time. What is stored is written down
 * beside the spool, lane by lane. One thread calls; {@link #spoolId()}, {@link #tables()}, {@link #firstUnused()} and
 * {@link #settledRows()} may be asked by any.
 */
public interface LaneSink extends AutoCloseable {
    /** The spool its lanes count in; null as long as there is none. */
    @Nullable UUID spoolId();

    /** Remembers which spool its lanes count in, from that number on. Before the first row; again with the same one is fine. */
    void bind(UUID spool, long from) throws IOException;

    /** No lane has anything at or above this sequence number: the spool must not give out lower ones again. */
    long firstUnused();

    /** The number from which on {@link #settledRows()} counts. */
    long countedFrom();

    /** Rows stored or parked since {@link #countedFrom()}, over all lanes and process lives. */
    long settledRows();

    /**
     * Says that every row below that number is settled, or was lost with the spool's disk, and there are none above: what
     * {@link #settledRows()} does not explain is lost.
     */
    void allSettledBelow(long next) throws IOException;

    /** The tables it has met. */
    Set<String> tables();

    /** Called, by any thread, when a lane has something to do before the time its step said. */
    void onProgress(Runnable wake);

    /** All lanes there are. */
    Collection<Lane> lanes();

    /** The lane of a table, made when it is new: its rows are wanted from that number on. */
    Lane lane(String table, long from);

    /** Parks a record that is no row of any table, once. */
    void parkMalformed(long sequence, byte[] buffer, int offset, int length, String detail) throws IOException;

    /** From now on lanes send what they have without waiting for more, and try once more at once where they failed. */
    void drain();

    /** Gives up all connections, at once; what is not acknowledged is sent again by the next start. */
    @Override
    void close() throws IOException;
}
