package com.barnebys.analytics.sink;

import java.util.UUID;

/** The sink's position counts in another spool than the one at hand. Nothing may be delivered until a person decides. */
public final class ForeignSpoolException extends Exception {
    private static final long serialVersionUID = 1L;

    ForeignSpoolException(UUID spool, UUID stored, long position) {
        super("the spool is " + spool + ", but what is stored came from spool " + stored + " up to " + position
                + " (expected: the same spool; was another volume mounted?). Accept the spool only when that is meant:"
                + " its numbers below " + position + " then count as stored");
    }
}
