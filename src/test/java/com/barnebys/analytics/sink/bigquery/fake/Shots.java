package com.barnebys.analytics.sink.bigquery.fake;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Faults that wait for a request they fit: first come, first served, each so many times. */
final class Shots<K, F> {
    private final List<Shot<K, F>> waiting = new ArrayList<>();

    private static final class Shot<K, F> {
        private final @Nullable K kind;
        private final @Nullable String table;
        private final F fault;
        private int left;

        private Shot(@Nullable K kind, @Nullable String table, F fault, int left) {
            this.kind = kind;
            this.table = table;
            this.fault = fault;
            this.left = left;
        }
    }

    /** Null fits everything. */
    synchronized void add(@Nullable K kind, @Nullable String table, F fault, int times) {
        if (times > 0) {
            waiting.add(new Shot<>(kind, table, fault, times));
        }
    }

    synchronized @Nullable F take(K kind, String table) {
        for (Iterator<Shot<K, F>> shots = waiting.iterator(); shots.hasNext(); ) {
            Shot<K, F> shot = shots.next();
            if ((shot.kind == null || shot.kind.equals(kind)) && (shot.table == null || shot.table.equals(table))) {
                if (--shot.left == 0) {
                    shots.remove();
                }
                return shot.fault;
            }
        }
        return null;
    }

    synchronized void clear() {
        waiting.clear();
    }
}
