package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.Lane;
import com.barnebys.analytics.sink.LaneSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Lanes in memory that do as {@link Lane} says, and complain when they are told of rows they never got. */
final class FakeLaneSink implements LaneSink {
    final TreeMap<String, FakeLane> lanes = new TreeMap<>();
    final List<Long> malformed = new ArrayList<>();

    /** The numbers below which all was said to be settled. */
    final List<Long> settled = new ArrayList<>();

    private final FakeBacklog spool;
    boolean isDraining;
    long malformedBelow;

    /** Whether a new lane has a connection at once. */
    boolean areOpen = true;

    @Nullable IOException parkFails;

    FakeLaneSink(FakeBacklog spool) {
        this.spool = spool;
    }

    FakeLane add(String table, long from) {
        FakeLane lane = new FakeLane(table, from);
        lane.isOpen = areOpen;
        lanes.put(table, lane);
        return lane;
    }

    @Override
    public @Nullable UUID spoolId() {
        return spool.id();
    }

    @Override
    public void bind(UUID spoolId, long from) {}

    @Override
    public long firstUnused() {
        return 0;
    }

    @Override
    public long countedFrom() {
        return 0;
    }

    @Override
    public long settledRows() {
        return 0;
    }

    @Override
    public void allSettledBelow(long next) {
        settled.add(next);
    }

    @Override
    public Set<String> tables() {
        return lanes.keySet();
    }

    @Override
    public void onProgress(Runnable wake) {}

    @Override
    public Collection<Lane> lanes() {
        return List.copyOf(lanes.values());
    }

    @Override
    public Lane lane(String table, long from) {
        FakeLane lane = lanes.get(table);
        return lane == null ? add(table, from) : lane;
    }

    @Override
    public void parkMalformed(long sequence, byte[] buffer, int offset, int length, String detail) throws IOException {
        if (sequence < malformedBelow) {
            return;
        }
        if (parkFails != null) {
            throw parkFails;
        }
        malformed.add(sequence);
        malformedBelow = sequence + 1;
    }

    @Override
    public void drain() {
        isDraining = true;
    }

    @Override
    public void close() {}

    /** Holds up to {@link #roomRows}; each step stores up to {@link #stepRows} of them. */
    final class FakeLane implements Lane {
        final NavigableSet<Long> stored = new TreeSet<>();
        final List<Long> offered = new ArrayList<>();
        private final NavigableSet<Long> held = new TreeSet<>();
        private final String table;
        private final RecordTables tables = new RecordTables();
        private long wanted;
        private boolean isWorkKnown;
        int roomRows = 5000;
        int stepRows = Integer.MAX_VALUE;
        boolean isOpen;
        boolean isFailing;
        int steps;
        int heldMost;
        long waitNanos = Long.MAX_VALUE;

        @Nullable RuntimeException bug;

        FakeLane(String table, long from) {
            this.table = table;
            wanted = from;
        }

        /** Loses its connection, and with it its rows. */
        void drop() {
            isOpen = false;
            if (!held.isEmpty()) {
                isWorkKnown = true;
                wanted = held.first();
                held.clear();
            }
        }

        void connect() {
            isOpen = true;
            isWorkKnown = false;
        }

        @Override
        public String table() {
            return table;
        }

        @Override
        public long wanted() {
            return wanted;
        }

        @Override
        public boolean isConnected() {
            return isOpen;
        }

        @Override
        public boolean hasRoom() {
            return isOpen && held.size() < roomRows;
        }

        @Override
        public void offer(long sequence, byte[] buffer, int offset, int length) {
            if (!table.equals(tables.of(buffer, offset, length))) {
                throw new AssertionError("another table's row " + sequence);
            }
            if (sequence < wanted) {
                return;
            }
            missed(sequence);
            if (!isOpen) {
                isWorkKnown = true;
                return;
            }
            boolean unused = held.add(sequence);
            heldMost = Math.max(heldMost, held.size());
            offered.add(sequence);
            wanted = sequence + 1;
        }

        @Override
        public void passed(long next) {
            if (isOpen || !isWorkKnown) {
                missed(next);
                wanted = Math.max(wanted, next);
            }
        }

        private void missed(long before) {
            if (before <= wanted || (!isOpen && isWorkKnown)) {
                return;
            }
            spool.records.subMap(wanted, before).forEach((sequence, record) -> {
                if (table.equals(tables.of(record, 0, record.length))) {
                    throw new AssertionError("row " + sequence + " of " + table + " was never offered");
                }
            });
        }

        @Override
        public long step(boolean isMoreComing) {
            steps++;
            if (bug != null) {
                throw bug;
            }
            for (int i = 0; i < stepRows && !held.isEmpty() && isOpen; i++) {
                Long sequence = held.pollFirst();
                if (!stored.add(sequence)) {
                    throw new AssertionError("row " + sequence + " stored twice");
                }
            }
            return waitNanos;
        }

        @Override
        public long settledBelow() {
            return held.isEmpty() ? wanted : held.first();
        }

        @Override
        public boolean hasWork() {
            return isWorkKnown || !held.isEmpty();
        }

        @Override
        public long oldest() {
            return hasWork() ? wanted() : -1;
        }

        @Override
        public boolean isFailing() {
            return isFailing;
        }
    }
}
