package com.barnebys.analytics.spool;

import java.io.IOException;

/**
 * Hears what happens in a spool. Called from whatever thread it happens on, the writer's included: to be quick, and never
 * to throw. Every method must be written on purpose, since most of these are losses that somebody has to hear of.
 */
public interface SpoolMetrics {
    /** Hears nothing. */
    SpoolMetrics NONE = new Silent();

    /** The records from {@code first} on are published, so many. Told once for each group, by its writer. */
    void appended(long first, int count);

    /** All that was published is on the disk; it took so long. */
    void synced(long nanos);

    /**
     * A reader stepped over bytes that do not check, with the records {@code first} to {@code last}: they are lost. Told
     * once by each reader that passes.
     */
    void damaged(String segment, long offset, long first, long last);

    /** A reader found no segment for the records {@code first} to {@code last}. Told once by each reader that passes. */
    void missing(long first, long last);

    /** The spool is {@link SpoolState#FULL} from now on; told at the change, not for each refused group. */
    void full(SpoolFullException.Reason reason);

    /** The spool was full and takes groups again. */
    void roomAgain();

    /** The spool is {@link SpoolState#FAILED} from now on. Told once. */
    void failed(IOException cause);

    /**
     * Opening cut so many bytes off the last segment: what was being written when the process or the machine stopped, or
     * a last group that no longer checks.
     */
    void recoveredTail(String segment, long bytes);

    /** The log ended at {@code end} and was told to go on at {@code atLeast}: it was restored, replaced or emptied. */
    void startedAt(long end, long atLeast);

    /** A segment nobody needs could not be deleted; tried again at the next trim. */
    void trimFailed(String segment, IOException cause);
}
