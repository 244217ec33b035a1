package com.barnebys.analytics.reference;

import java.util.Locale;

/**
 * The store did not do what it was asked. Has no cause: what drivers say may hold user or password; the message has their
 * words without these.
 */
public final class ReferenceStoreException extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    ReferenceStoreException(Reason reason, String message) {
        // Made for each question while the store is away, and always at the same few places.
        super(reason.word() + ": " + message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What can be done about it. */
    public enum Reason {
        /** Too many questions wait. Ask later. */
        FULL,
        /** Nobody answers at its address. It comes back by itself. */
        AWAY,
        /** No answer in time. What was to be stored may be. */
        TIMEOUT,
        /** It does not let us in: login, database, a newer schema. A person has to act. */
        REFUSED,
        /** Anything else: disk, a statement that failed. */
        FAILED,
        /** Asked after {@code close}. */
        CLOSED;

        /** As in logs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
