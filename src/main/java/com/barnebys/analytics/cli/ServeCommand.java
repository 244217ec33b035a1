package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the tracker until the process is told to end. */
@Command(name = "serve", description = "Run the tracker.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private static final String BUILT_IN = "built in";

    private final Tracker.Starter starter;

    @Option(
            names = "--accept-spool",
            description = "Go on with a spool that does not fit the store's position, after you have looked at both.")
    private boolean acceptSpool;

    private volatile @Nullable Tracker running;
    private volatile boolean hasFailed;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    ServeCommand(Tracker.Starter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws Exception {
        Settings settings = Commands.settings();
        LogLevel.apply(settings.logLevel());
        LogLines.use(settings.logFormat());
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, error) -> LOG.error("A thread ended by an error. thread={}", thread.getName(), error));
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        LOG.info("{}", Build.THIS);
        say(settings);
        Tracker tracker = start(settings);
        tracker.serve();
        tracker.follow(changed -> LogLevel.apply(changed.logLevel()));
        if (!settings.isProd()) {
            PrintWriter out = spec.commandLine().getOut();
            FirstContact.print(settings, tracker, out);
        }
        new CountDownLatch(1).await();
        return Commands.OK;
    }

    private Tracker start(Settings settings) throws Exception {
        try {
            Tracker started = starter.start(settings, acceptSpool);
            running = started;
            return started;
        } finally {
            hasFailed = running == null;
        }
    }

    /**
     * Being told to end is no failure: without the halt the JVM would exit with 128 and the signal's number. A start is not
     * waited for: what it has done so far is what a killed one leaves. The exit after a failed one comes by here, too.
     */
    private void stop() {
        Tracker tracker = running;
        if (hasFailed) {
            return;
        }
        if (tracker == null) {
            LOG.info("Told to end while starting.");
        } else {
            tracker.close();
        }
        Runtime.getRuntime().halt(Commands.OK);
    }

    /** What an operator should know of the settings, once. */
    private static void say(Settings settings) {
        settings.warnings().forEach(warning -> LOG.warn("{}", warning));
        settings.hidden().forEach(hidden -> LOG.info("Setting {}.", hidden));
        if (!settings.notUsed().isEmpty()) {
            LOG.info("Settings of the replaced service, not used any more. names={}", settings.notUsed());
        }
        if (!settings.notInThisVersion().isEmpty()) {
            LOG.warn("Settings this version does not know yet. names={}", settings.notInThisVersion());
        }
        settings.describe().forEach((name, value) -> {
            if (!value.source().equals(BUILT_IN)) {
                LOG.info("Setting {}={} from {}.", name, value.value(), value.source());
            }
        });
    }
}
