package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.sink.ParkReason;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replay --dead-letters}: sends rows again that were set aside. */
@Command(
        name = "replay",
        description = "Sends again what was set aside, after its cause is mended.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Rows go behind all others into the spool, as they were and with the same",
            "eventId, and from there their normal way. What was replayed is remembered: a",
            "second call adds nothing. A row that is refused again is set aside again.",
            "Works beside a running server (it is asked, at MANAGEMENT_PORT) and without one.",
            "",
            "  ba replay --dead-letters --dry-run",
            "  ba replay --dead-letters --kind click --reason REFUSED_ROW",
            "",
            "Prints rows by kind and reason, then sums. before: replayed before; waiting:",
            "not done with by the store yet, try later; unreadable: lines torn by a crash.",
            "Exit code: 0 done, 1 failed or ended early, 2 wrong call or settings."
        })
final class ReplayCommand implements Callable<Integer> {
    private final SettingsSource settings;
    private final DeadLetterReplay replay;

    @Option(names = "--dead-letters", required = true, description = "The rows in DATA_DIR/deadletter.")
    @SuppressWarnings("UnusedVariable") // picocli asks its annotation, not its value
    private boolean isDeadLetters;

    @Option(names = "--kind", paramLabel = "KIND", description = "Only rows of this kind.")
    private @Nullable String kind;

    @Option(names = "--reason", paramLabel = "REASON", description = "Only ${COMPLETION-CANDIDATES}.")
    private @Nullable ParkReason reason;

    @Option(names = "--dry-run", description = "Count only; change nothing.")
    private boolean isDry;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    ReplayCommand(SettingsSource settings, DeadLetterReplay replay) {
        this.settings = settings;
        this.replay = replay;
    }

    @Override
    public Integer call() throws Exception {
        Settings read = settings.get();
        Map<String, Long> rows = new TreeMap<>();
        long replayed = 0;
        JsonObject part;
        do {
            part = replay.run(read, kind, reason, isDry);
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
