package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What it costs to send rows to a stream: blocks of 500 and 5,000 rows of about 400 bytes, four in flight, against a fake
 * in a second process that checks offsets only; then what connections cost that send nothing. CPU is that of this process,
 * all threads. Run by hand: {@code main [seconds a round] [rounds]}.
 */
final class StreamAppenderBenchmark {
    private static final int IN_FLIGHT = 4;

    private StreamAppenderBenchmark() {}

    public static void main(String[] args) throws Exception {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 2;
        Process fake = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FakeBigQuery.class.getName(),
                        "dataset=d",
                        "count")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(fake.getInputStream(), StandardCharsets.UTF_8))) {
            GoogleAccess access = TestAccess.to(lines.readLine(), lines.readLine(), DeliveryMode.EXACTLY_ONCE);
            GoogleConnector connector =
                    new GoogleConnector(access, new Tables(new TableService(access), access.options()), "benchmark");
            TableShape shape = connector.prepare("click");
            for (int round = 0; round <= rounds; round++) {
                for (int rows : new int[] {500, 5_000}) {
                    // The first round warms up.
                    run(connector, shape, rows, round == 0 ? 3 : seconds, round > 0);
                }
            }
            idle(connector, shape);
            connector.close();
            fake.getOutputStream().close();
            lines.lines().forEach(System.out::println);
        } finally {
            fake.destroy();
        }
    }

    private static void run(GoogleConnector connector, TableShape shape, int rows, int seconds, boolean isShown)
            throws Exception {
        Appender appender = connector.open(shape, connector.createStream("click"));
        RowBatch[] batches = new RowBatch[IN_FLIGHT];
        for (int i = 0; i < IN_FLIGHT; i++) {
            batches[i] = batch(rows, i);
        }
        Semaphore window = new Semaphore(IN_FLIGHT);
        AtomicReference<AppendResult> bad = new AtomicReference<>();
        long offset = 0;
        long converting = 0;
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        for (int i = 0; System.nanoTime() - start < Duration.ofSeconds(seconds).toNanos(); i++) {
            window.acquire();
            long begin = System.nanoTime();
            var unused = appender.append(batches[i % IN_FLIGHT], offset).thenAccept(result -> {
                if (!(result instanceof Stored)) {
                    bad.compareAndSet(null, result);
                }
                window.release();
            });
            converting += System.nanoTime() - begin;
            offset += rows;
        }
        window.acquire(IN_FLIGHT);
        double nanos = System.nanoTime() - start;
        cpu = system.getProcessCpuTime() - cpu;
        appender.close();
        if (bad.get() != null) {
            throw new IOException(bad.get().toString());
        }
        if (isShown) {
            System.out.printf(
                    "%,d rows a block, %.0f bytes a row: %,.0f rows/s, %.2f us of CPU a row, %.2f us in append()%n",
                    rows,
                    (double) batches[0].size() / rows,
                    offset * 1e9 / nanos,
                    cpu / 1e3 / offset,
                    converting / 1e3 / offset);
        }
    }

    /** StreamWriter looks ten times a second whether there is something to send. */
    private static void idle(GoogleConnector connector, TableShape shape) throws Exception {
        int writers = 20;
        int seconds = 5;
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Appender[] appenders = new Appender[writers];
        int threads = Thread.activeCount();
        for (int i = 0; i < writers; i++) {
            appenders[i] = connector.open(shape, connector.createStream("click"));
            AppendResult unused = appenders[i].append(batch(1, i), 0).join();
        }
        threads = Thread.activeCount() - threads;
        long cpu = system.getProcessCpuTime();
        Thread.sleep(Duration.ofSeconds(seconds).toMillis());
        cpu = system.getProcessCpuTime() - cpu;
        System.out.printf(
                "%d idle writers: %.2f ms of CPU a second and %.1f threads each%n",
                writers, cpu / 1e6 / seconds / writers, (double) threads / writers);
        for (Appender appender : appenders) {
            long start = System.nanoTime();
            appender.close();
            while (connector.counts().closing.get() > 0) {
                Thread.sleep(1);
            }
            System.out.printf("%.0f ", (System.nanoTime() - start) / 1e6);
        }
        System.out.println("ms to close each");
    }

    private static RowBatch batch(int rows, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RowBatch batch = new RowBatch();
        batch.clear(SampleRows.SPOOL);
        for (int i = 0; i < rows; i++) {
            byte[] record = SampleRows.record(new TrackEvent(
                    "click",
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
                    null,
                    SampleRows.TIME.toEpochMilli() + i,
                    true,
                    new TrackEvent.Click(null, true)));
            batch.add(i, record, 0, record.length);
        }
        return batch;
    }
}
