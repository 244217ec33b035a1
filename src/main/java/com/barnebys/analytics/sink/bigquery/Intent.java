package com.barnebys.analytics.sink.bigquery;

import java.util.ArrayList;
import java.util.List;

/**
 * What a lane has said it will send: the rows of its table between two sequence numbers, both included, but for those
 * excluded (they are parked), to one place of its stream.
 *
 * @param offset the place of the first row in the stream; without a stream the numbers only keep the order
 * @param rows how many rows that is; the spool may have lost some of them since
 */
record Intent(long offset, long first, long last, int rows, List<Long> excluded) {
    Intent {
        excluded = List.copyOf(excluded);
    }

    boolean holds(long sequence) {
        return sequence >= first && sequence <= last && !excluded.contains(sequence);
    }

    /** The place behind it. */
    long end() {
        return offset + rows;
    }

    Intent at(long place) {
        return new Intent(place, first, last, rows, excluded);
    }

    /** Without rows that are parked. */
    Intent without(List<Long> parked) {
        List<Long> all = new ArrayList<>(excluded);
        all.addAll(parked);
        return new Intent(offset, first, last, rows - parked.size(), all);
    }
}
