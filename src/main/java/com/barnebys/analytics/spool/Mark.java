package com.barnebys.analytics.spool;

import org.jspecify.annotations.Nullable;

/**
 * How far the log goes: the next sequence, and the segment and place in it where the next group will stand. Immutable, so
 * that one volatile reference moves all three together. No segment: nothing was ever written.
 */
final class Mark {
    private final long next;
    private final @Nullable Segment segment;
    private final long position;

    Mark(long next, @Nullable Segment segment, long position) {
        this.next = next;
        this.segment = segment;
        this.position = position;
    }

    long next() {
        return next;
    }

    @Nullable Segment segment() {
        return segment;
    }

    long position() {
        return position;
    }
}
