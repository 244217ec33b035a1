package com.barnebys.analytics.delivery;

/** What brings rows from the spool to a sink, one step a call. One thread calls {@link #runOnce}; the rest, any. */
interface Loop {
    /** What {@link #runOnce()} says when the next step should come at once. */
    long CONTINUE = 0;

    /**
     * Takes one step and returns how many nanoseconds there is nothing to do after it, at most; {@link #CONTINUE} when
     * there is. Throws Errors only.
     */
    long runOnce();

    /** From now on takes whatever is there without waiting for more, and tries once more at once where it failed. */
    void drain();

    /** Whether nothing waited any more at the last step, and {@link #drain()} had been called before. */
    boolean isDrained();

    /** The least number that may belong to a row which is neither stored nor parked. */
    long oldest();

    /** Whether the last try failed. */
    boolean isFailing();
}
