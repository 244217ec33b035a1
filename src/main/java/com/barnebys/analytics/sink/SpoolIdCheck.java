package com.barnebys.analytics.sink;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a position from being applied to numbers of another spool. Without it a volume mounted in the wrong place would
 * make the sink pass over new events as already stored.
 */
public final class SpoolIdCheck {
    private SpoolIdCheck() {}

    /**
     * To be called once on start, before the first batch. A sink that has stored nothing takes any spool, and writes down
     * its id with the first batch; so does one whose spool was accepted.
     *
     * @param acceptSpool a person has said that this spool goes on where the other one ended
     */
    public static void check(UUID spool, @Nullable UUID stored, long position, boolean acceptSpool)
            throws ForeignSpoolException {
        if (stored != null && position > 0 && !stored.equals(spool) && !acceptSpool) {
            throw new ForeignSpoolException(spool, stored, position);
        }
    }
}
