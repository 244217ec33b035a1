package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.sink.ParkReason;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code replay}: sends rows again that were set aside, or those that the spool of a removed process still holds. */
@Command(
        name = "replay",
        description = "Sends what was set aside, or what a removed process left.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "--dead-letters, after their cause is mended: rows go behind all others into",
            "the spool, with the same eventId. A second call adds nothing. Works beside a",
            "running server (asked at MANAGEMENT_PORT) and without one. before: replayed",
            "before; waiting: the store is not done with them; unreadable: torn lines.",
            "--dir: delivers what the spool in another DATA_DIR holds, each row once, and",
            "ends. Not beside a server on it, nor on a copy of one that still runs.",
            "",
            "  ba replay --dead-letters --kind click --reason REFUSED_ROW",
            "  ba replay --dir /volumes/removed-replica --timeout 1h",
            "",
            "Exit code: 0 done, 1 failed or ended early, 2 wrong call or settings."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([smh])");

    private final SettingsSource settings;
    private final DeadLetterReplay deadLetters;
    private final SpoolReplay spool;
    private final Terminal terminal;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private What what;

    @Option(names = "--kind", paramLabel = "KIND", description = "Only dead letters of this kind.")
    private @Nullable String kind;

    @Option(names = "--reason", paramLabel = "REASON", description = "Only ${COMPLETION-CANDIDATES}.")
    private @Nullable ParkReason reason;

    @Option(names = "--dry-run", description = "Only count dead letters.")
    private boolean isDry;

    @Option(names = "--timeout", paramLabel = "TIME", description = "For --dir: 90s, 10m or 2h (default: 10m).")
    private @Nullable String timeout;

    /** Which rows. */
    static final class What {
        @Option(names = "--dead-letters", description = "The rows in DATA_DIR/deadletter.")
        @SuppressWarnings("UnusedVariable") // it is that when there is no directory
        private boolean isDeadLetters;

        @Option(names = "--dir", paramLabel = "DATA_DIR", description = "The rows in DATA_DIR/spool.")
        private @Nullable Path directory;
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    ReplayCommand(SettingsSource settings, DeadLetterReplay deadLetters, SpoolReplay spool, Terminal terminal) {
        this.settings = settings;
        this.deadLetters = deadLetters;
        this.spool = spool;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        Path directory = what.directory;
        if (directory == null) {
            refuse(timeout != null, "--timeout goes with --dir");
            return replayDeadLetters();
        }
        refuse(kind != null || reason != null || isDry, "--kind, --reason and --dry-run go with --dead-letters");
        return replaySpool(directory, timeout == null ? TIMEOUT : duration(timeout));
    }

    private void refuse(boolean isWrong, String message) {
        if (isWrong) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        refuse(!matcher.matches(), "--timeout: " + text + " (expected: 90s, 10m or 2h)");
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    private int replaySpool(Path directory, Duration atMost) throws Exception {
        SpoolReplay.Sums sums = spool.run(
                settings.get().withDataDir(directory), atMost, (done, total) -> terminal.progress("Sent", done, total));
        terminal.endLine();
        PrintWriter out = spec.commandLine().getOut();
        out.print("found " + sums.found() + "\n");
        out.print("delivered " + sums.delivered() + "\n");
        out.print("parked " + sums.parked() + "\n");
        out.print("lost " + sums.lost() + "\n");
        out.print("left " + sums.left() + "\n");
        out.flush();
        if (sums.left() > 0) {
            spec.commandLine().getErr().println("Ended early: the time is over; call it again.");
        }
        return sums.left() > 0 || out.checkError() ? Commands.NO : Commands.OK;
    }

    private int replayDeadLetters() throws Exception {
        Settings read = settings.get();
        Map<String, Long> rows = new TreeMap<>();
        long replayed = 0;
        JsonObject part;
        do {
            part = deadLetters.run(read, kind, reason, isDry);
            replayed += part.getLong("replayed", 0L);
            for (Object each : part.getJsonArray("rows")) {
                JsonObject row = (JsonObject) each;
                String named = row.getString("kind").isEmpty() ? "(no kind)" : row.getString("kind");
                rows.merge(named + " " + row.getString("reason"), row.getLong("rows"), Long::sum);
            }
        } while (part.getBoolean("isMore", false));

        PrintWriter out = spec.commandLine().getOut();
        rows.forEach((row, count) -> out.print(row + " " + count + "\n"));
        long inEarlierParts = replayed - part.getLong("replayed", 0L);
        out.print((isDry ? "to replay " : "replayed ") + replayed + "\n");
        out.print("before " + Math.max(0, part.getLong("before", 0L) - inEarlierParts) + "\n");
        out.print("waiting " + part.getLong("waiting", 0L) + "\n");
        out.print("unreadable " + part.getLong("unreadable", 0L) + "\n");
        out.flush();
        String stopped = part.getString("stopped");
        if (stopped != null) {
            spec.commandLine().getErr().println("Ended early: " + stopped);
        }
        return stopped != null || out.checkError() ? Commands.NO : Commands.OK;
    }
}
