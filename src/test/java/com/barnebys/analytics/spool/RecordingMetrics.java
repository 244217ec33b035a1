package com.barnebys.analytics.spool;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it hears, one line an event. */
final class RecordingMetrics implements SpoolMetrics {
    final List<String> lines = new CopyOnWriteArrayList<>();
    /** Sequences reported as lost. */
    final List<Long> lost = new CopyOnWriteArrayList<>();

    @Override
    public void appended(long first, int count) {}

    @Override
    public void synced(long nanos) {}

    @Override
    public void damaged(String segment, long offset, long first, long last) {
        lines.add("damaged " + segment + " at " + offset + ": " + first + " to " + last);
        lose(first, last);
    }

    @Override
    public void missing(long first, long last) {
        lines.add("missing " + first + " to " + last);
        lose(first, last);
    }

    @Override
    public void full(SpoolFullException.Reason reason) {
        lines.add("full " + reason);
    }

    @Override
    public void roomAgain() {
        lines.add("room again");
    }

    @Override
    public void failed(IOException cause) {
        lines.add("failed " + cause.getMessage());
    }

    @Override
    public void recoveredTail(String segment, long bytes) {
        lines.add("tail " + segment + ": " + bytes);
    }

    @Override
    public void startedAt(long end, long atLeast) {
        lines.add("started at " + atLeast + " instead of " + end);
    }

    @Override
    public void trimFailed(String segment, IOException cause) {
        lines.add("trim failed " + segment + ": " + cause.getMessage());
    }

    private void lose(long first, long last) {
        for (long sequence = first; sequence <= last; sequence++) {
            lost.add(sequence);
        }
    }
}
