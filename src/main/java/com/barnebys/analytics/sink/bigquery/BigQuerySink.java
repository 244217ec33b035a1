package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.Lane;
import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.LaneSink;
import com.barnebys.analytics.sink.LaneStatus;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Delivers into BigQuery tables, one lane for each. Opening needs the local disk only: BigQuery may be away, wrong or
 * forbidden, then the lanes say so and the rows stay in the spool.
 *
 * <p>Threads: one delivers; up to {@value #BLOCKING_THREADS_MAX} daemons make the calls that block. Memory: up to {@value
 * #BYTES_MAX} bytes of rows over all lanes; when others hold that much, {@value #LANE_BYTES_MIN} for each lane more, so that
 * none is starved by those that hang. On top comes what one reading of the spool brings, and what was promised before a
 * crash or a lost connection: a lane reads such a block whole.
 */
public final class BigQuerySink implements LaneSink {
    /** In DATA_DIR: what is stored, and what is under way. */
    public static final String STATE_FILE = "bigquery.db";

    static final int BLOCKING_THREADS_MAX = 8;
    static final long BYTES_MAX = 64L << 20;
    static final long LANE_BYTES_MAX = 16L << 20;
    static final long LANE_BYTES_MIN = 1L << 20;

    /** The lane that stands for records of no table. It sends nothing. */
    private static final String NO_TABLE = "";

    private final LaneOptions options;
    private final LaneStore store;
    private final Connector connector;
    private final Parking parking;
    private final LaneMetrics metrics;
    private final LongSupplier nanos;
    private final RandomGenerator random = new SplittableRandom();
    private final ExecutorService executor = executor();
    // Read by other threads for counters; changed by the delivering one only.
    private final Map<String, TableLane> lanes = new ConcurrentHashMap<>();

    private final LaneWorld world = new World();

    private volatile LaneState noTable = LaneState.fresh(NO_TABLE, 0);
    private volatile LaneStore.@Nullable Binding binding;
    private volatile Runnable wake = () -> {};
    private volatile boolean isDraining;

    private BigQuerySink(
            LaneOptions options,
            LaneStore store,
            Connector connector,
            Parking parking,
            LaneMetrics metrics,
            LongSupplier nanos) {
        this.options = options;
        this.store = store;
        this.connector = connector;
        this.parking = parking;
        this.metrics = metrics;
        this.nanos = nanos;
    }

    /**
     * Opens the state of the lanes in the data directory. Google's clients are made when the first row comes.
     *
     * @param instance tells this process apart from others in what Google's support can see
     * @throws IOException the state cannot be read or written
     */
    public static BigQuerySink open(
            Path dataDir,
            BigQueryOptions bigQuery,
            LaneOptions lanes,
            String instance,
            Parking parking,
            LaneMetrics metrics)
            throws IOException {
        GoogleAccess access = new GoogleAccess(bigQuery);
        Tables tables = new Tables(new TableService(access), bigQuery);
        return open(dataDir, lanes, new GoogleConnector(access, tables, instance), parking, metrics, System::nanoTime);
    }

    static BigQuerySink open(
            Path dataDir,
            LaneOptions options,
            Connector connector,
            Parking parking,
            LaneMetrics metrics,
            LongSupplier nanos)
            throws IOException {
        LaneStore store = LaneStore.open(dataDir);
        try {
            BigQuerySink sink = new BigQuerySink(options, store, connector, parking, metrics, nanos);
            sink.load();
            return sink;
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private void load() throws IOException {
        binding = store.binding();
        Map<String, LaneState> states = new LinkedHashMap<>(store.load());
        LaneState none = states.remove(NO_TABLE);
        noTable = none == null ? noTable : none;
        states.forEach((table, state) -> lanes.put(table, new TableLane(world, state)));
    }

    /** A task that asks for more than this many threads waits for one. */
    private static ExecutorService executor() {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                BLOCKING_THREADS_MAX, BLOCKING_THREADS_MAX, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "bigquery-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public @Nullable UUID spoolId() {
        LaneStore.Binding bound = binding;
        return bound == null ? null : bound.spoolId();
    }

    @Override
    public void bind(UUID spool, long from) throws IOException {
        LaneStore.Binding bound = binding;
        if (bound == null || !bound.spoolId().equals(spool)) {
            // Rows settled before belong to numbers of another spool: count from here as if they had been none.
            LaneStore.Binding fresh = new LaneStore.Binding(spool, from - totalSettled());
            store.bind(fresh);
            binding = fresh;
        }
    }

    @Override
    public long firstUnused() {
        long last = noTable.taken();
        for (TableLane lane : lanes.values()) {
            last = Math.max(last, lane.state().taken());
        }
        return last + 1;
    }

    @Override
    public long countedFrom() {
        LaneStore.Binding bound = binding;
        return bound == null ? 0 : bound.countedFrom();
    }

    @Override
    public long settledRows() {
        return totalSettled();
    }

    private long totalSettled() {
        long rows = noTable.parked();
        for (TableLane lane : lanes.values()) {
            LaneState state = lane.state();
            rows += state.delivered() + state.parked();
        }
        return rows;
    }

    /**
     * Whether a row of a table is stored or parked, durably if it is parked; the table is empty when the row names none.
     * Any thread.
     */
    public boolean isSettled(String table, long sequence) {
        if (table.equals(NO_TABLE)) {
            return noTable.isSettled(sequence);
        }
        TableLane lane = lanes.get(table);
        return lane != null && lane.state().isSettled(sequence);
    }

    @Override
    public void allSettledBelow(long next) throws IOException {
        LaneStore.Binding bound = binding;
        if (bound != null && bound.countedFrom() + totalSettled() != next) {
            LaneStore.Binding recounted = new LaneStore.Binding(bound.spoolId(), next - totalSettled());
            store.bind(recounted);
            binding = recounted;
        }
    }

    @Override
    public Set<String> tables() {
        return Set.copyOf(lanes.keySet());
    }

    @Override
    public void onProgress(Runnable wakeUp) {
        wake = wakeUp;
    }

    @Override
    public Collection<Lane> lanes() {
        return List.copyOf(lanes.values());
    }

    @Override
    public Lane lane(String table, long from) {
        TableLane known = lanes.get(table);
        if (known != null) {
            return known;
        }
        TableLane lane = new TableLane(world, LaneState.fresh(table, from));
        if (isDraining) {
            lane.drain();
        }
        lanes.put(table, lane);
        return lane;
    }

    @Override
    public void parkMalformed(long sequence, byte[] buffer, int offset, int length, String detail) throws IOException {
        if (sequence <= noTable.taken()) {
            return;
        }
        parking.park(sequence, buffer, offset, length, ParkReason.MALFORMED_ROW, detail);
        LaneState next = new LaneState(NO_TABLE, null, 0, sequence, List.of(), 0, noTable.parked() + 1);
        store.save(next, true);
        noTable = next;
        metrics.parked(NO_TABLE, ParkReason.MALFORMED_ROW);
    }

    @Override
    public void drain() {
        isDraining = true;
        lanes.values().forEach(TableLane::drain);
    }

    @Override
    public void close() throws IOException {
        lanes.values().forEach(TableLane::close);
        List<Runnable> unused = executor.shutdownNow();
        // By a thread nobody waits for: a client that is just being made, say in search of credentials, holds the end
        // up.
        Thread end = new Thread(connector::close, "bigquery-close");
        end.setDaemon(true);
        end.start();
        store.close();
    }

    /** Values left out since the start because their table has no column for them and may not be given one. */
    public long droppedValues() {
        return connector.droppedValues();
    }

    /** How each lane does, for the management port. Any thread. */
    public List<LaneStatus> statuses() {
        return lanes.values().stream().map(TableLane::status).toList();
    }

    /** What lanes share. */
    private final class World implements LaneWorld {
        @Override
        public LaneOptions options() {
            return options;
        }

        @Override
        public LaneMetrics metrics() {
            return metrics;
        }

        @Override
        public LaneStore store() {
            return store;
        }

        @Override
        public Connector connector() {
            return connector;
        }

        @Override
        public Parking parking() {
            return parking;
        }

        @Override
        public RandomGenerator random() {
            return random;
        }

        @Override
        public UUID spoolId() {
            LaneStore.Binding bound = binding;
            if (bound == null) {
                throw new IllegalStateException("no rows before bind()");
            }
            return bound.spoolId();
        }

        @Override
        public long nanos() {
            return nanos.getAsLong();
        }

        /**
         * As much as is left: lanes that fill up together get even shares by that, and whoever comes late finds something
         * ("Dynamic queue length thresholds", Choudhury and Hahne 1998). An even share of everything would not do, since
         * those who came early hold more than that.
         */
        @Override
        public long laneBytesMax() {
            long held = 0;
            for (TableLane lane : lanes.values()) {
                held += lane.bytesHeld();
            }
            return Math.max(LANE_BYTES_MIN, Math.min(LANE_BYTES_MAX, BYTES_MAX - held));
        }

        @Override
        public <T> CompletableFuture<T> blocking(Callable<T> task) {
            CompletableFuture<T> result = new CompletableFuture<>();
            try {
                executor.execute(() -> {
                    try {
                        boolean unused = result.complete(task.call());
                    } catch (Throwable e) { // A lane would wait for ever for a call that ends without a word.
                        boolean unused = result.completeExceptionally(e);
                    } finally {
                        wake();
                    }
                });
            } catch (RejectedExecutionException closed) {
                boolean unused = result.completeExceptionally(closed);
            }
            return result;
        }

        @Override
        public void wake() {
            wake.run();
        }
    }
}
