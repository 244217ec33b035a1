package com.barnebys.analytics.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.Lane;
import com.barnebys.analytics.sink.LaneSink;
import com.barnebys.analytics.sink.SampleRows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Lanes that are not where the shared reader is get every row nevertheless, once and in order. */
class LanesBehindTest {
    private final FakeBacklog backlog = new FakeBacklog();
    private final FakeLanes lanes = new FakeLanes();
    private long now;
    private final LaneLoop loop = new LaneLoop(backlog, lanes, 10, () -> now);

    @Test
    void laneThatComesBackIsNotTakenPastWhatItMissed() {
        backlog.add(20);
        run(1);
        FakeLane lane = lanes.byTable.get("click");
        assertThat(lane.rows).isEmpty();

        lane.connect();
        backlog.add(20); // The shared reader goes on before the lane has caught up.
        run(5);

        assertThat(lane.rows).containsExactlyElementsOf(numbers(0, 40));
    }

    @Test
    void laneIsLeftBehindWhenItHasNoRoomAndLaterGetsAll() {
        backlog.add(SampleRows.record("view", "p"));
        backlog.add(SampleRows.record("click", "p"));
        run(2);
        lanes.byTable.values().forEach(FakeLane::connect);
        run(2);
        FakeLane slow = lanes.byTable.get("view");
        slow.room = 100;

        for (int i = 0; i < 5000; i++) {
            backlog.add(SampleRows.record("view", "p"));
            backlog.add(SampleRows.record("click", "p"));
            if (i % 100 == 99) {
                run(20);
            }
        }

        assertThat(lanes.byTable.get("click").rows).hasSize(5001);
        assertThat(slow.rows).hasSizeLessThan(100 + LaneLoop.READ_RECORDS_MAX);
        slow.room = Integer.MAX_VALUE;
        run(20);
        assertThat(slow.rows)
                .containsExactlyElementsOf(
                        numbers(0, 5001).stream().map(n -> 2 * n).toList());
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private void run(int steps) {
        for (int i = 0; i < steps; i++) {
            long unused = loop.runOnce();
            now += LaneLoop.READ_NANOS_MIN;
        }
    }

    /** Takes rows while it is connected, and has room for some. */
    private static final class FakeLane implements Lane {
        private final String table;
        private final List<Long> rows = new ArrayList<>();
        private long wanted;
        private boolean isConnected;
        private boolean isWorkKnown;
        private int room = Integer.MAX_VALUE;

        private FakeLane(String table, long from) {
            this.table = table;
            this.wanted = from;
        }

        private void connect() {
            isConnected = true;
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
            return isConnected;
        }

        @Override
        public boolean hasRoom() {
            return isConnected && rows.size() < room;
        }

        @Override
        public void offer(long sequence, byte[] buffer, int offset, int length) {
            if (sequence < wanted) {
                return;
            }
            if (isConnected) {
                rows.add(sequence);
                wanted = sequence + 1;
            } else {
                isWorkKnown = true;
            }
        }

        @Override
        public void passed(long next) {
            if (isConnected || !isWorkKnown) {
                wanted = Math.max(wanted, next);
            }
        }

        @Override
        public long step(boolean isMoreComing) {
            return 1;
        }

        @Override
        public long settledBelow() {
            return rows.isEmpty() ? wanted : rows.get(0);
        }

        @Override
        public boolean hasWork() {
            return isWorkKnown || !rows.isEmpty();
        }

        @Override
        public long oldest() {
            return hasWork() ? wanted() : -1;
        }

        @Override
        public boolean isFailing() {
            return false;
        }
    }

    private static final class FakeLanes implements LaneSink {
        private final Map<String, FakeLane> byTable = new LinkedHashMap<>();

        @Override
        public @Nullable UUID spoolId() {
            return null;
        }

        @Override
        public void bind(UUID spool, long from) {}

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
        public void allSettledBelow(long next) {}

        @Override
        public Set<String> tables() {
            return byTable.keySet();
        }

        @Override
        public void onProgress(Runnable wake) {}

        @Override
        public Collection<Lane> lanes() {
            return List.copyOf(byTable.values());
        }

        @Override
        public Lane lane(String table, long from) {
            return byTable.computeIfAbsent(table, name -> new FakeLane(name, from));
        }

        @Override
        public void parkMalformed(long sequence, byte[] buffer, int offset, int length, String detail) {}

        @Override
        public void drain() {}

        @Override
        public void close() {}
    }
}
