package com.barnebys.analytics.spool;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The group was not taken and nothing of it is in the log. Shed the request, and try again when there may be room. */
public final class SpoolFullException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    SpoolFullException(Reason reason, String message, @Nullable IOException cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What there is not enough of. */
    public enum Reason {
        /** The log would be larger than {@link SpoolOptions#maxBytes}. */
        MAX_BYTES,
        /** The volume has less free than {@link SpoolOptions#minFreeBytes}. */
        MIN_FREE,
        /** The disk would not write: no space, a quota, read-only. The cause says which. */
        DISK
    }
}
