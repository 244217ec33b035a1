package com.barnebys.analytics.sink;

import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches of rows, each row exactly once.
 *
 * <p>The position is kept by the sink, in the same step as the rows it stands for; so after a crash at any moment
 * {@link #position()} tells what is stored and what has to be sent again. {@link #store} is called by one thread;
 * {@link #spoolId()}, {@link #position()} and {@link #tables()} may be asked by any.
 */
public interface Sink extends AutoCloseable {
    /** The spool the position counts in; null as long as nothing is stored. */
    @Nullable UUID spoolId();

    /**
     * The first sequence number not yet stored; all below it is durable, so the spool may be trimmed up to here. Never
     * ahead of what is stored. It may lag behind after a {@link SinkException} until the sink can be asked again.
     */
    long position();

    /**
     * Stores all rows of the batch and the position behind it, or nothing. Rows below the position are passed over, so a
     * batch may be handed in again.
     *
     * @param parking takes the rows that are none; each is parked before the position steps over it
     * @throws SinkException nothing is lost: go on from {@link #position()}, which may have moved, since a commit whose
     *     answer is lost may still have counted
     */
    void store(RowBatch batch, Parking parking) throws SinkException;

    /** The kinds for which there is a table already. */
    Set<String> tables();

    /**
     * Does one small piece of upkeep, such as deleting what is past its time. Called by the thread that stores, when
     * it has nothing else to do or once a minute.
     *
     * @return whether more is to be done right away
     */
    default boolean upkeep() throws SinkException {
        return false;
    }

    /** Gives back what the sink holds. What was stored stays stored, also when this throws. */
    @Override
    void close() throws IOException;
}
