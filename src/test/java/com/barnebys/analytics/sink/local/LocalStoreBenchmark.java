package com.barnebys.analytics.sink.local;

import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How fast the embedded store takes rows: batches of 5,000 of about 400 bytes each, flushed like in production. Run by
 * hand: {@code main [directory] [batches] [rounds]}; the directory should be on the disk in question.
 */
final class LocalStoreBenchmark {
    private static final int BATCH_ROWS = 5_000;

    private LocalStoreBenchmark() {}

    public static void main(String[] args) throws Exception {
        Path parent = args.length > 0 ? Path.of(args[0]) : Path.of(System.getProperty("java.io.tmpdir"));
        int batches = args.length > 1 ? Integer.parseInt(args[1]) : 100;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 4;
        byte[][] records = records();
        System.out.printf(
                "bytes a record: %.0f%n",
                Arrays.stream(records).mapToInt(r -> r.length).average().orElseThrow());
        for (int round = 0; round < rounds; round++) {
            Path directory = Files.createTempDirectory(parent, "local-store-benchmark");
            StoreFile file = new StoreFile(directory);
            try (LocalStore store = LocalStore.open(file.options(0))) {
                run(store, file, records, batches);
            }
            System.out.printf(" %.0f bytes of file a row%n", (double) Files.size(file.path) / batches / BATCH_ROWS);
            Files.delete(file.path);
            Files.delete(directory);
        }
    }

    private static void run(LocalStore store, StoreFile file, byte[][] records, int batches) throws Exception {
        RowBatch batch = new RowBatch();
        long[] nanos = new long[batches];
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long start = System.nanoTime();
        for (int i = 0; i < batches; i++) {
            long begin = System.nanoTime();
            batch.clear(SampleRows.SPOOL);
            for (int j = 0; j < BATCH_ROWS; j++) {
                long sequence = (long) i * BATCH_ROWS + j;
                byte[] record = records[(int) (sequence % records.length)];
                batch.add(sequence, record, 0, record.length);
            }
            store.store(batch, file);
            nanos[i] = System.nanoTime() - begin;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
        Arrays.sort(nanos);
        double rows = (double) batches * BATCH_ROWS;
        System.out.printf(
                "%.0f rows/s, %.2f us of CPU a row, batch p50 %.1f ms, p99 %.1f ms,",
                rows / seconds, cpu / 1e3 / rows, nanos[batches / 2] / 1e6, nanos[batches * 99 / 100] / 1e6);
    }

    private static byte[][] records() {
        SplittableRandom random = new SplittableRandom(1);
        byte[][] records = new byte[20_000][];
        for (int i = 0; i < records.length; i++) {
            boolean isClick = random.nextInt(10) < 7;
            records[i] = SampleRows.record(new TrackEvent(
                    isClick ? "click" : "impression",
                    "auction-house-" + random.nextInt(500),
                    random.nextInt(50) == 0,
                    "https://www.auctionhouse.example/en/auctions/2026/lots/" + Long.toHexString(random.nextLong())
                            + "?utm_source=barnebys&utm_medium=referral&utm_campaign=lots",
                    "203.0." + random.nextInt(256) + ".0",
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                            + " Chrome/142.0.0.0 Safari/537.36",
                    "sv",
                    "search",
                    "lot-" + random.nextInt(1_000_000),
                    "",
                    "",
                    random.nextInt(5) == 0,
                    random.nextInt(3) == 0 ? "buy-now" : null,
                    SampleRows.TIME.toEpochMilli() + i / 100,
                    true,
                    isClick ? new TrackEvent.Click(random.nextBoolean() ? "newsletter" : null, true) : null));
        }
        return records;
    }
}
