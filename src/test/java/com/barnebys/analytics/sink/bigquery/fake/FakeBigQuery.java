package com.barnebys.analytics.sink.bigquery.fake;

import com.barnebys.analytics.event.TableSchema;
import io.grpc.Status;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A BigQuery of the test's own on loopback, plaintext and for any credentials. Tables are named {@code table} where one
 * dataset has it, or {@code dataset.table}. Any thread.
 */
public final class FakeBigQuery implements AutoCloseable {
    private final Faults faults = new Faults();
    private final Warehouse warehouse;
    private final Ledger ledger;
    private final WriteService writeService;
    private final FakeServers servers;
    private final ScheduledExecutorService clock;

    private FakeBigQuery(int restPort, int grpcPort, boolean keepsRows) {
        this.warehouse = new Warehouse(faults, keepsRows);
        this.ledger = new Ledger(keepsRows);
        this.clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "fake-bigquery-clock");
            thread.setDaemon(true);
            return thread;
        });
        this.writeService = new WriteService(warehouse, faults, ledger, clock);
        this.servers = new FakeServers(restPort, grpcPort, new RestService(warehouse, faults, ledger), writeService);
    }

    /** Empty, on free ports. */
    public static FakeBigQuery start() {
        return start(0, 0, true);
    }

    private static FakeBigQuery start(int restPort, int grpcPort, boolean keepsRows) {
        FakeBigQuery fake = new FakeBigQuery(restPort, grpcPort, keepsRows);
        try {
            fake.startServers();
        } catch (RuntimeException e) {
            fake.close();
            throw e;
        }
        return fake;
    }

    /** Ends an outage: the same ports, and all that was stored is there. */
    public void startServers() {
        servers.start();
    }

    /** Begins an outage: open calls and connections are cut, new ones refused. */
    public void stopServers() {
        servers.stop();
    }

    @Override
    public void close() {
        servers.close();
        clock.shutdownNow();
    }

    /** {@code http://127.0.0.1:PORT} */
    public String restUrl() {
        return servers.restUrl();
    }

    /** {@code 127.0.0.1:PORT} */
    public String grpcAddress() {
        return servers.grpcAddress();
    }

    public Faults faults() {
        return faults;
    }

    public void createDataset(String dataset) {
        warehouse.addDataset(dataset, "US");
    }

    public String location(String dataset) {
        return warehouse.location(dataset);
    }

    public boolean hasDataset(String dataset) {
        return warehouse.hasDataset(dataset);
    }

    /**
     * Makes a table, and its dataset where it is missing.
     *
     * @param columns {@code name TYPE} or {@code name TYPE REQUIRED}
     */
    public void createTable(String dataset, String table, String... columns) {
        warehouse.addDataset(dataset, "US");
        List<FakeColumn> parsed = Arrays.stream(columns).map(FakeColumn::parse).toList();
        if (warehouse.addTable(dataset, table, parsed, new JsonObject()) == null) {
            throw new IllegalArgumentException(dataset + "." + table + " (expected: a new one)");
        }
    }

    /** Makes a table as the tracker would. */
    public void createTrackTable(String dataset, String table) {
        createTable(
                dataset,
                table,
                TableSchema.TRACK.columns().stream()
                        .map(column -> column.name() + " "
                                + switch (column.type()) {
                                    case TEXT -> "STRING";
                                    case BOOLEAN -> "BOOLEAN";
                                    case DATETIME -> "DATETIME";
                                })
                        .toArray(String[]::new));
    }

    /** With its rows and streams. Whether it was there. */
    public boolean dropTable(String dataset, String table) {
        return warehouse.dropTable(dataset, table);
    }

    public boolean hasTable(String dataset, String table) {
        return warehouse.table(dataset, table) != null;
    }

    /** Names of all tables, {@code dataset.table}, sorted. */
    public List<String> tables() {
        return warehouse.allTables().map(FakeBigQuery::fullName).sorted().toList();
    }

    /** In order, each {@code name TYPE} or {@code name TYPE REQUIRED}. */
    public List<String> columns(String table) {
        return find(table).columns().stream().map(FakeColumn::toString).toList();
    }

    /** The table's resource, as tables.get shows it: partitioning, clustering, etag... */
    public JsonObject resource(String table) {
        return TableResource.show("fake", find(table));
    }

    /** The columns' values; NULL is null. Types: String, Boolean, Long, Double, LocalDate(Time), Instant, ByteString. */
    public List<Map<String, @Nullable Object>> rows(String table) {
        return find(table).rows();
    }

    public long rowCount(String table) {
        return find(table).rowCount();
    }

    /** How many rows have each eventId. */
    public Map<String, Integer> countsByEventId(String table) {
        return find(table).counts("eventId");
    }

    /** All write streams there are, those of dropped tables not among them. */
    public List<StreamFacts> streams() {
        return warehouse.allTables().flatMap(table -> table.streams().stream()).toList();
    }

    public List<StreamFacts> streams(String table) {
        return find(table).streams();
    }

    /** Finalizes a table's streams behind the client's back. */
    public void finalizeStreams(String table) {
        FakeTable found = find(table);
        for (StreamFacts stream : found.streams()) {
            try {
                found.finalizeStream(stream.name());
            } catch (Refusal e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A table's streams expire: their rows stay, nobody knows them any more. */
    public void forgetStreams(String table) {
        FakeTable found = find(table);
        found.streams().forEach(stream -> found.forgetStream(stream.name()));
    }

    /** The minute for which insertIds are remembered is over. */
    public void forgetInsertIds(String table) {
        find(table).forgetInsertIds();
    }

    /** Ends all open AppendRows calls; the servers stay. */
    public void cutCalls(Status status) {
        writeService.cutCalls(status);
    }

    public Counters counters() {
        return ledger.counters();
    }

    /** Every AppendRows request that found its stream, in the order of their arrival; insertAll is not among them. */
    public List<AppendFacts> appends() {
        return ledger.appends();
    }

    private FakeTable find(String table) {
        List<FakeTable> found = warehouse
                .allTables()
                .filter(t -> t.name().equals(table) || fullName(t).equals(table))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(table + " (expected: one of " + tables() + ")");
        }
        return found.get(0);
    }

    private static String fullName(FakeTable table) {
        return table.dataset() + "." + table.name();
    }

    /**
     * Runs one until stdin ends, then prints what was asked of it. First two lines: URL of REST, address of gRPC.
     *
     * @param args any of {@code rest=PORT grpc=PORT delay=MILLIS dataset=NAME count}; {@code count} checks offsets and
     *     counts rows, but neither decodes nor keeps them
     */
    public static void main(String[] args) throws IOException {
        int restPort = 0;
        int grpcPort = 0;
        Duration delay = Duration.ZERO;
        String dataset = "";
        boolean isCounting = false;
        for (String arg : args) {
            String value = arg.substring(arg.indexOf('=') + 1);
            switch (arg.substring(0, arg.length() - value.length())) {
                case "rest=" -> restPort = Integer.parseInt(value);
                case "grpc=" -> grpcPort = Integer.parseInt(value);
                case "delay=" -> delay = Duration.ofMillis(Long.parseLong(value));
                case "dataset=" -> dataset = value;
                default -> isCounting = isCounting(arg);
            }
        }
        try (FakeBigQuery fake = start(restPort, grpcPort, !isCounting)) {
            fake.faults().ackDelay(delay);
            if (!dataset.isEmpty()) {
                fake.createDataset(dataset);
            }
            System.out.println(fake.restUrl());
            System.out.println(fake.grpcAddress());
            while (System.in.read() >= 0) {
                // Until it ends.
            }
            fake.tables().forEach(table -> System.out.println(table + " " + fake.rowCount(table) + " rows"));
            System.out.println(fake.counters());
        }
    }

    private static boolean isCounting(String arg) {
        if (!arg.equals("count")) {
            throw new IllegalArgumentException(
                    arg + " (expected: rest=PORT, grpc=PORT, delay=MILLIS, dataset=NAME or count)");
        }
        return true;
    }
}
