package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.InvalidSettingsException;
import com.barnebys.analytics.config.ManagementAddress;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.config.SettingsLoader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root command, and what all commands share. */
@Command(
        name = "ba",
        description = "Barnebys Analytics: signed links and pixels in, rows out, each exactly once.",
        mixinStandardHelpOptions = true,
        versionProvider = Commands.Version.class,
        subcommands = CommandLine.HelpCommand.class,
        footer = {
            "",
            "Settings come from conf/analytics.yaml, CONFIG_DIR, the environment and -D.",
            "Exit codes: 0 yes, 1 no or failed, 2 wrong usage or settings."
        })
public final class Commands implements Runnable {
    static final int OK = 0;
    static final int NO = 1;
    static final int USAGE = 2;

    private static final Duration SETTINGS_BOUND = Duration.ofSeconds(20);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Commands() {}

    /** What the commands have done outside. */
    public record Doers(Tracker.Starter starter, DeadLetterReplay deadLetters, SpoolReplay spool) {}

    /** Runs one command line and returns its exit code. */
    public static int run(String[] arguments, Doers doers) {
        return commandLine(doers, arguments.length > 0 ? arguments[0] : "").execute(arguments);
    }

    /** @param only the command that is called; the others are then not looked at, which takes as long as a JVM to start */
    static CommandLine commandLine(Doers doers, String only) {
        CommandLine line = new CommandLine(new Commands());
        Map<String, Supplier<Object>> all = all(doers);
        Supplier<Object> called = all.get(only);
        if (called != null) {
            line.addSubcommand(only, called.get());
        } else {
            all.forEach((name, command) -> line.addSubcommand(name, command.get()));
        }
        line.setOut(new PrintWriter(System.out, false, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        line.setExecutionExceptionHandler(Commands::failed);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    private static Map<String, Supplier<Object>> all(Doers doers) {
        SecretSource keys = () -> settings().secrets();
        Map<String, Supplier<Object>> all = new LinkedHashMap<>();
        all.put("serve", () -> new ServeCommand(doers.starter()));
        all.put("health", () -> new HealthCommand(ManagementAddress::ofProcess));
        all.put("demo", () -> new DemoCommand(doers.starter(), Terminal.ofProcess()));
        all.put("sign", () -> new SignCommand(keys, Clock.systemUTC(), System.in));
        all.put("verify", () -> new VerifyCommand(keys, Clock.systemUTC(), System.in));
        all.put("query", () -> new QueryCommand(Commands::settings));
        all.put("export", () -> new ExportCommand(Commands::settings, Terminal.ofProcess()));
        all.put("schema", () -> new SchemaCommand(Commands::settings));
        all.put(
                "config",
                () -> new ConfigCommand(
                        Commands::settings, path -> SettingsLoader.checkBlocking(path, SETTINGS_BOUND)));
        all.put(
                "replay",
                () -> new ReplayCommand(Commands::settings, doers.deadLetters(), doers.spool(), Terminal.ofProcess()));
        all.put("version", VersionCommand::new);
        return all;
    }

    static Settings settings() {
        return SettingsLoader.loadBlocking(SETTINGS_BOUND);
    }

    /** A failure is one line for the operator; the stack is in the log where it is a bug. */
    private static int failed(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
        if (failure instanceof InvalidSettingsException invalid) {
            invalid.mistakes().forEach(mistake -> say(line, mistake.toString()));
            return USAGE;
        }
        say(line, Failure.text(failure));
        if (failure instanceof RuntimeException) {
            LoggerFactory.getLogger(Commands.class).debug("The command failed.", failure);
        }
        return NO;
    }

    /** A log store that reads what the tracker writes finds no line that is not JSON. */
    private static void say(CommandLine line, String message) {
        if (LogLines.isJson() && line.getCommand() instanceof ServeCommand) {
            LoggerFactory.getLogger(Commands.class).error("{}", message);
        } else {
            line.getErr().println(message);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command, for example: ba serve");
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {Build.THIS.toString()};
        }
    }
}
