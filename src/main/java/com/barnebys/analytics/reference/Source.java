package com.barnebys.analytics.reference;

import org.jspecify.annotations.Nullable;

/** Where a visitor came from: the type of a reference, and the source of events. */
public enum Source {
    BARNEBYS("barnebys"),
    OTHER("other");

    private final String word;

    Source(String word) {
        this.word = word;
    }

    /** As it is stored and answered. */
    public String word() {
        return word;
    }

    /** Whatever is not exactly {@code barnebys} is {@link #OTHER}, nothing included. */
    public static Source of(@Nullable String word) {
        return BARNEBYS.word.equals(word) ? BARNEBYS : OTHER;
    }
}
