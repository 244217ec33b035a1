package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Parks a row once, however often its batch is tried, and remembers which rows were parked until the position is past
 * them. Bounded by the rows of a batch. One thread.
 */
final class ParkedRows implements Parking {
    private final Parking parking;
    private final Map<Long, ParkReason> reasons = new TreeMap<>();

    ParkedRows(Parking parking) {
        this.parking = parking;
    }

    @Override
    public void park(long sequence, byte[] buffer, int offset, int length, ParkReason reason, String detail)
            throws IOException {
        if (!reasons.containsKey(sequence)) {
            parking.park(sequence, buffer, offset, length, reason, detail);
            reasons.put(sequence, reason);
        }
    }

    boolean isEmpty() {
        return reasons.isEmpty();
    }

    /** By sequence number. */
    Map<Long, ParkReason> reasons() {
        return reasons;
    }

    void forgetBelow(long position) {
        reasons.keySet().removeIf(sequence -> sequence < position);
    }
}
