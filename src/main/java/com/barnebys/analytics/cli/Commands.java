package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.InvalidSettingsException;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.config.SettingsLoader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
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

    /** Runs one command line and returns its exit code. */
    public static int run(String[] arguments, Tracker.Starter starter, DeadLetterReplay replay) {
        return commandLine(starter, replay).execute(arguments);
    }

    static CommandLine commandLine(Tracker.Starter starter, DeadLetterReplay replay) {
        Terminal terminal = Terminal.ofProcess();
        SecretSource keys = () -> settings().secrets();
        CommandLine line = new CommandLine(new Commands())
                .addSubcommand("serve", new ServeCommand(starter))
                .addSubcommand("demo", new DemoCommand(starter, terminal))
                .addSubcommand("sign", new SignCommand(keys, Clock.systemUTC(), System.in))
                .addSubcommand("verify", new VerifyCommand(keys, Clock.systemUTC(), System.in))
                .addSubcommand("query", new QueryCommand(Commands::settings))
                .addSubcommand("export", new ExportCommand(Commands::settings, terminal))
                .addSubcommand("schema", new SchemaCommand(Commands::settings))
                .addSubcommand("replay", new ReplayCommand(Commands::settings, replay))
                .addSubcommand("version", new VersionCommand());
        line.setOut(new PrintWriter(System.out, false, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        line.setExecutionExceptionHandler(Commands::failed);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
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
        String message = failure.getMessage();
        say(line, message == null ? failure.toString() : message);
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
