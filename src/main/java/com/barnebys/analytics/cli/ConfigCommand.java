package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at settings without starting anything. */
@Command(
        name = "config",
        description = "Check a file of settings, or show the settings in force here.",
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
    private final SettingsSource settings;
    private final Checker checker;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** Reads settings from one file or directory, as a start would. */
    @FunctionalInterface
    interface Checker {
        Settings check(Path fileOrDirectory);
    }

    ConfigCommand(SettingsSource settings, Checker checker) {
        this.settings = settings;
        this.checker = checker;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name what to do, for example: ba config show");
    }

    /** Mistakes end it as they end a start: each on its line, with exit code 2. */
    @Command(
            name = "check",
            description = {
                "Say every mistake in a settings file, or in a directory of *.yaml as a ConfigMap is mounted.",
                "Each value in it is checked, and all together with NAME_FILE, the environment and -D as they are here;"
                        + " conf/analytics.yaml, CONFIG_FILE and CONFIG_DIR are left out."
            },
            mixinStandardHelpOptions = true)
    int check(
            @Parameters(paramLabel = "FILE|DIR", description = "What to check; not a Kubernetes manifest.") Path path) {
        Settings read = checker.check(path);
        PrintWriter out = spec.commandLine().getOut();
        read.warnings().forEach(warning -> out.println("Warning: " + warning));
        read.hidden().forEach(hidden -> out.println("Note: " + hidden));
        out.println(path + ": good");
        out.flush();
        return Commands.OK;
    }

    @Command(
            name = "show",
            description = "Show every setting as a start here would have it, and where it is said; secrets masked.",
            mixinStandardHelpOptions = true)
    int show(
            @Option(
                            names = {"-f", "--format"},
                            defaultValue = "table",
                            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
                    ResultFormat format)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ResultPrinter printer = format.printer(out);
        printer.columns(List.of("name", "value", "source"));
        for (Map.Entry<String, Settings.Described> setting :
                settings.get().describe().entrySet()) {
            @Nullable Object[] row = {
                setting.getKey(), setting.getValue().value(), setting.getValue().source()
            };
            printer.row(row);
        }
        printer.end();
        out.flush();
        return out.checkError() ? Commands.NO : Commands.OK;
    }
}
