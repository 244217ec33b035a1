package com.barnebys.analytics.cli;

import com.barnebys.analytics.sink.local.LocalStoreReader;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks the embedded store one question, also while the tracker runs. */
@Command(
        name = "query",
        description =
                "Ask the embedded store. Tables are named like the kinds; ba_daily holds hits by kind, program, day.",
        mixinStandardHelpOptions = true)
final class QueryCommand implements Callable<Integer> {
    private final SettingsSource settings;

    @Parameters(paramLabel = "SQL", description = "A SELECT, for example \"SELECT * FROM click LIMIT 5\".")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String sql;

    @Option(
            names = {"-f", "--format"},
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ResultFormat format;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    QueryCommand(SettingsSource settings) {
        this.settings = settings;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (LocalStoreReader store = LocalStoreReader.open(LocalStorePath.of(settings.get()))) {
            ResultPrinter printer = format.printer(out);
            store.query(sql, printer);
            printer.end();
        }
        out.flush();
        return out.checkError() ? Commands.NO : Commands.OK;
    }
}
