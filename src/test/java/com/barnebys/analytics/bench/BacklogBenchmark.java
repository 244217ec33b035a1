package com.barnebys.analytics.bench;

import com.barnebys.analytics.delivery.Delivery;
import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions;
import com.barnebys.analytics.sink.bigquery.BigQueryOptions.Emulator;
import com.barnebys.analytics.sink.bigquery.BigQuerySink;
import com.barnebys.analytics.sink.bigquery.DeliveryMode;
import com.barnebys.analytics.sink.bigquery.LaneOptions;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolMetrics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * How fast a backlog in the spool goes to BigQuery, and what it costs: {@code main REST_URL GRPC_ADDRESS [rows] [rounds]
 * [mode]}. Run by hand against the fake in another process (see {@code bench/backlog.sh}); the spool is filled first, each
 * round with a fresh one, so that the CPU counted is reading, sending and acknowledging, and nothing else.
 */
final class BacklogBenchmark {
    private static final long SECONDS_MAX = 300;

    private BacklogBenchmark() {}

    public static void main(String[] args) throws Exception {
        BigQueryOptions bigQuery = new BigQueryOptions(
                Optional.of("project"),
                "bench",
                DeliveryMode.valueOf((args.length > 4 ? args[4] : "exactly_once").toUpperCase(Locale.ROOT)),
                Optional.empty(),
                Optional.of(new Emulator(args[0], args[1])),
                true,
                "US",
                true);
        int rows = args.length > 2 ? Integer.parseInt(args[2]) : 1_000_000;
        int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 5;
        for (int round = 0; round < rounds; round++) {
            Path directory = Files.createTempDirectory("backlog-benchmark");
            try {
                run(directory, bigQuery, rows);
            } finally {
                delete(directory);
            }
        }
        System.exit(0); // Google's clients leave threads behind.
    }

    private static void run(Path directory, BigQueryOptions bigQuery, int rows) throws Exception {
        Parking parking = (sequence, buffer, offset, length, reason, detail) -> {
            throw new IOException("nothing should be parked: " + detail);
        };
        LaneOptions lanes = new LaneOptions(bigQuery.mode(), 500, 5_000, Duration.ofSeconds(1));
        try (BigQuerySink sink = BigQuerySink.open(directory, bigQuery, lanes, "bench", parking, LaneMetrics.NONE);
                Spool spool = Spool.open(SpoolFiller.options(directory), 0, SpoolMetrics.NONE)) {
            long bytes = SpoolFiller.fill(spool, rows);
            Delivery delivery = Delivery.ofLanes(spool, sink, 5_000, false, error -> System.exit(1));
            long cpu = cpuNanos();
            long start = System.nanoTime();
            delivery.start();
            while (sink.settledRows() < rows) {
                if (System.nanoTime() - start > SECONDS_MAX * 1_000_000_000L) {
                    throw new IOException(sink.settledRows() + " of " + rows + " rows settled " + sink.statuses());
                }
                Thread.sleep(1);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            double micros = (cpuNanos() - cpu) / 1e3;
            System.out.printf(
                    Locale.ROOT,
                    "%d rows of %d bytes: %.0f rows/s, %.2f CPU us/row, RSS %d MiB%n",
                    rows,
                    bytes / rows,
                    rows / seconds,
                    micros / rows,
                    rssMiB());
            if (!delivery.stop(Duration.ofSeconds(5))) {
                throw new IOException("delivery does not stop");
            }
        }
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long rssMiB() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return 0;
    }

    private static void delete(Path directory) throws IOException {
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
