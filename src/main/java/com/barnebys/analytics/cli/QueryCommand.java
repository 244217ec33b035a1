package com.barnebys.analytics.cli;

import com.barnebys.analytics.sink.local.LocalStoreReader;
import com.barnebys.analytics.sink.local.ResultConsumer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
        try (LocalStoreReader store = LocalStorePath.open(settings.get())) {
            ResultPrinter printer = format.printer(out);
            store.query(sql, new WhileRead(printer, out));
            printer.end();
        } catch (NobodyReadsException e) {
            return Commands.NO;
        }
        out.flush();
        return out.checkError() ? Commands.NO : Commands.OK;
    }

    /** Hands rows on until nobody reads them any more, as with {@code query | head}: the query may be a long one. */
    private static final class WhileRead implements ResultConsumer {
        private static final int ROWS_BETWEEN_LOOKS = 1000;

        private final ResultConsumer next;
        private final PrintWriter out;
        private long rows;

        WhileRead(ResultConsumer next, PrintWriter out) {
            this.next = next;
            this.out = out;
        }

        @Override
        public void columns(List<String> names) throws IOException {
            next.columns(names);
        }

        @Override
        public void row(@Nullable Object[] values) throws IOException {
            next.row(values);
            if (++rows % ROWS_BETWEEN_LOOKS == 0 && out.checkError()) {
                throw new NobodyReadsException();
            }
        }
    }
}
