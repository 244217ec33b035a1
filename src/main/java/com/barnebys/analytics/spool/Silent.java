package com.barnebys.analytics.spool;

import java.io.IOException;

/** {@link SpoolMetrics#NONE}. */
final class Silent implements SpoolMetrics {
    @Override
    public void appended(long first, int count) {}

    @Override
    public void synced(long nanos) {}

    @Override
    public void damaged(String segment, long offset, long first, long last) {}

    @Override
    public void missing(long first, long last) {}

    @Override
    public void full(SpoolFullException.Reason reason) {}

    @Override
    public void roomAgain() {}

    @Override
    public void failed(IOException cause) {}

    @Override
    public void recoveredTail(String segment, long bytes) {}

    @Override
    public void startedAt(long end, long atLeast) {}

    @Override
    public void trimFailed(String segment, IOException cause) {}
}
