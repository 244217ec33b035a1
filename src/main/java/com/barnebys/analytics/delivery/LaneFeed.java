package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.Lane;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Brings rows to one lane: with the reader all lanes share as long as the lane keeps up, else with a reader of its own
 * that passes over other tables' rows, until it has caught up. One thread.
 */
final class LaneFeed {
    final Lane lane;
    private final Backlog backlog;
    private final RecordTables tables;
    private Backlog.@Nullable Reader own;
    private boolean isAlong = true;

    LaneFeed(Lane lane, Backlog backlog, RecordTables tables) {
        this.lane = lane;
        this.backlog = backlog;
        this.tables = tables;
    }

    /** Whether the lane wants nothing that the shared reader has passed. */
    boolean keepsUp(long head) {
        return lane.wanted() >= head;
    }

    /**
     * Decides, before the shared reader goes on from there, whether the lane goes with it. One that does not wants what is
     * read now later, from its own reader: it must neither be offered these rows nor be told that they have passed.
     */
    void goAlong(long head) {
        isAlong = keepsUp(head) && (lane.hasRoom() || !lane.isConnected());
    }

    /** Whether the lane goes with the shared reader; a new one does. */
    boolean isAlong() {
        return isAlong;
    }

    /**
     * Reads on for a lane that is behind.
     *
     * @param head where the shared reader is
     * @return whether there is more to read for it now
     */
    boolean catchUp(long head, int maxRecords, long maxBytes) throws IOException {
        if (keepsUp(head)) {
            stopReading();
            return false;
        }
        // One that rests, without a connection and without knowing of work, is read for too: so it hears of its next
        // row.
        boolean isResting = !lane.isConnected() && !lane.hasWork();
        if (!lane.hasRoom() && !isResting) {
            return false;
        }
        Backlog.Reader reader = reader();
        long limit = Math.min(maxRecords, head - reader.position());
        if (limit > 0) {
            int unused = reader.read((int) limit, maxBytes, (sequence, buffer, offset, length) -> {
                if (sequence < head && lane.table().equals(tables.of(buffer, offset, length))) {
                    lane.offer(sequence, buffer, offset, length);
                }
            });
        }
        lane.passed(Math.min(reader.position(), head));
        if (keepsUp(head)) {
            stopReading();
            return false;
        }
        return lane.hasRoom() || isResting;
    }

    private Backlog.Reader reader() throws IOException {
        Backlog.Reader reader = own;
        if (reader == null) {
            reader = backlog.read(lane.wanted());
            own = reader;
        } else if (reader.position() != lane.wanted()) {
            reader.seek(lane.wanted());
        }
        return reader;
    }

    void stopReading() throws IOException {
        Backlog.Reader reader = own;
        own = null;
        if (reader != null) {
            reader.close();
        }
    }
}
