package com.barnebys.analytics.cli;

import com.barnebys.analytics.cli.DemoTraffic.DemoHit;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.sink.local.DailyTotal;
import com.barnebys.analytics.sink.local.LocalStoreReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends an hour's worth of traffic through the real port, then says what the store has. */
@Command(
        name = "demo",
        description = "Send an hour's worth of believable traffic, and show what was stored.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final int HITS_MAX = 1_000_000;
    private static final Duration DELIVERY_MAX = Duration.ofSeconds(60);

    private final Tracker.Starter starter;
    private final Terminal terminal;

    @Option(
            names = "--hits",
            defaultValue = "18000",
            description = "How many (default: ${DEFAULT-VALUE}, 5 a second for an hour).")
    private int hits;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The same seed sends the same hits (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    DemoCommand(Tracker.Starter starter, Terminal terminal) {
        this.starter = starter;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        if (hits < 1 || hits > HITS_MAX) {
            throw new ParameterException(spec.commandLine(), "--hits: " + hits + " (expected: 1 to " + HITS_MAX + ")");
        }
        Settings settings = Commands.settings();
        if (settings.store() != Settings.Store.LOCAL) {
            throw new IOException("the demo shows what the embedded store has (expected: STORE=local)");
        }
        if (isListening(settings.port())) {
            return run(settings, settings.port());
        }
        try (Tracker tracker = starter.start(settings, false)) {
            tracker.serve();
            return run(settings, tracker.port());
        }
    }

    /** A tracker that runs already is used; it must have the same DATA_DIR, or its rows are not seen. */
    private static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("localhost", port), 1000);
            return port != 0;
        } catch (IOException nobody) {
            return false;
        }
    }

    private int run(Settings settings, int port) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        long before = total(read(settings));
        DemoTraffic traffic = new DemoTraffic(seed, settings.secrets().current(), "http://localhost:" + port, hits);
        List<DemoHit> sent = traffic.hits(hits);
        long start = System.nanoTime();
        long refused = new DemoClient().send(sent, terminal);
        double seconds = (System.nanoTime() - start) / 1e9;
        List<DailyTotal> stored = awaitStored(settings, before + hits - refused);

        out.printf(
                "%n%,d hits sent in %.1f s, %,d refused; the store has %,d rows.%n%n",
                hits, seconds, refused, total(stored));
        report(stored, out);
        out.printf("%nLook yourself:%n  bin/ba query \"SELECT * FROM click ORDER BY timestamp DESC LIMIT 5\"%n");
        out.printf("  bin/ba export --table click | head -n 3%n");
        out.flush();
        return refused == 0 && total(stored) >= before + hits ? Commands.OK : Commands.NO;
    }

    /** Waits until the store has at least so many rows: delivery is a second behind the answers. */
    private static List<DailyTotal> awaitStored(Settings settings, long rows) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + DELIVERY_MAX.toNanos();
        List<DailyTotal> stored = read(settings);
        while (total(stored) < rows && System.nanoTime() - deadline < 0) {
            Thread.sleep(200);
            stored = read(settings);
        }
        return stored;
    }

    private static List<DailyTotal> read(Settings settings) throws IOException {
        try (LocalStoreReader store = LocalStoreReader.open(LocalStorePath.of(settings))) {
            return store.dailyTotals(null, null, null, null);
        } catch (FileNotFoundException nothingYet) {
            return List.of();
        }
    }

    private static long total(List<DailyTotal> totals) {
        return totals.stream().mapToLong(DailyTotal::hits).sum();
    }

    private static void report(List<DailyTotal> stored, PrintWriter out) throws IOException {
        Map<String, ProgramCounts> programs = new TreeMap<>();
        for (DailyTotal total : stored) {
            programs.merge(total.programId(), ProgramCounts.of(total), ProgramCounts::plus);
        }
        ResultPrinter table = ResultFormat.TABLE.printer(out);
        table.columns(List.of("program", "impressions", "clicks", "CTR", "leads", "other"));
        for (Map.Entry<String, ProgramCounts> program : programs.entrySet()) {
            ProgramCounts counts = program.getValue();
            @Nullable Object[] row = {
                program.getKey(),
                counts.impressions(),
                counts.clicks(),
                counts.clickThroughRate(),
                counts.leads(),
                counts.other()
            };
            table.row(row);
        }
        table.end();
    }

    /** What one program has, over all days. */
    private record ProgramCounts(long impressions, long clicks, long leads, long other) {
        static ProgramCounts of(DailyTotal total) {
            if (total.isLead()) {
                return new ProgramCounts(0, 0, total.hits(), 0);
            }
            return switch (total.kind()) {
                case "impression" -> new ProgramCounts(total.hits(), 0, 0, 0);
                case "click" -> new ProgramCounts(0, total.hits(), 0, 0);
                default -> new ProgramCounts(0, 0, 0, total.hits());
            };
        }

        ProgramCounts plus(ProgramCounts more) {
            return new ProgramCounts(
                    impressions + more.impressions, clicks + more.clicks, leads + more.leads, other + more.other);
        }

        String clickThroughRate() {
            return impressions == 0 ? "" : String.format(Locale.ROOT, "%.1f %%", 100.0 * clicks / impressions);
        }
    }
}
