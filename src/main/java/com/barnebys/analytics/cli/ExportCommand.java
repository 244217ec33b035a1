package com.barnebys.analytics.cli;

import com.barnebys.analytics.sink.local.LocalStoreReader;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints every stored row as a line of JSON: member {@code table} and the table's columns. */
@Command(
        name = "export",
        description = "Print stored rows as NDJSON, one object a line.",
        mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
    private final SettingsSource settings;
    private final Terminal terminal;
    private long rows;

    @Option(names = "--table", paramLabel = "KIND", description = "Only this table.")
    private @Nullable String table;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "From this day or moment on (UTC): 2026-11-23, 2026-11-23T18:00.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Up to and without this moment; a day counts whole.")
    private @Nullable String to;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    ExportCommand(SettingsSource settings, Terminal terminal) {
        this.settings = settings;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        TimeLimits limits = TimeLimits.parse(from, to, spec.commandLine());
        PrintWriter out = spec.commandLine().getOut();
        try (LocalStoreReader store = LocalStorePath.open(settings.get())) {
            store.export(
                    table, limits.from(), limits.to(), (kind, columns, values) -> print(kind, columns, values, out));
        } catch (NobodyReadsException e) {
            return Commands.NO;
        }
        terminal.endLine();
        out.flush();
        return out.checkError() ? Commands.NO : Commands.OK;
    }

    private void print(String kind, List<String> columns, @Nullable Object[] values, PrintWriter out)
            throws NobodyReadsException {
        JsonObject row = new JsonObject().put("table", kind);
        for (int i = 0; i < values.length; i++) {
            row.put(columns.get(i), values[i]);
        }
        out.print(row.encode() + "\n");
        rows++;
        if (rows % 1000 == 0) {
            if (out.checkError()) {
                throw new NobodyReadsException();
            }
            terminal.count("exported", rows);
        }
    }
}
