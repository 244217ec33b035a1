package com.barnebys.analytics.event;

/** The bytes of a record cannot be read as a row. */
public final class MalformedRowException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRowException(String what) {
        super("not a row: " + what);
    }
}
