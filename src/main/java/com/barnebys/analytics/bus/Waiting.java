package com.barnebys.analytics.bus;

/** Who waits for an answer, and so for how long it may wait for the disk. */
public enum Waiting {
    /** A visitor in front of an empty page. Needs nothing from us but the redirect. */
    VISITOR(1000),
    /** A partner's server, a script, a picture nobody looks at: told too early that its rows are lost, a server sends them again. */
    MACHINE(4000);

    private final long millisMax;

    Waiting(long millisMax) {
        this.millisMax = millisMax;
    }

    /** When so many milliseconds have passed the answer is {@link Receipt#LATE}. Looked at four times a second. */
    public long millisMax() {
        return millisMax;
    }
}
