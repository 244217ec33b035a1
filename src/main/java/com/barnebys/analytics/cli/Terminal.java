package com.barnebys.analytics.cli;

import java.io.PrintStream;
import java.lang.reflect.Method;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** Where a person may be looking. Progress goes to stderr, and only when that is likely a terminal. */
final class Terminal {
    private static final int BAR_WIDTH = 30;
    private static final long NANOS_BETWEEN_DRAWS = 100_000_000L;

    private final PrintStream err;
    private final boolean isInteractive;
    private long lastDrawn;

    Terminal(PrintStream err, boolean isInteractive) {
        this.err = err;
        this.isInteractive = isInteractive;
    }

    static Terminal ofProcess() {
        return new Terminal(System.err, isConsole() && System.getenv("CI") == null);
    }

    /** From JDK 22 on there is a console even when nobody looks; it then says that it is no terminal. */
    @SuppressWarnings("SystemConsoleNull") // both cases are handled
    private static boolean isConsole() {
        Object console = System.console();
        if (console == null) {
            return false;
        }
        try {
            Method isTerminal = java.io.Console.class.getMethod("isTerminal");
            return (Boolean) isTerminal.invoke(console);
        } catch (ReflectiveOperationException before22) {
            return true;
        }
    }

    /** Text with picocli's markup ({@code @|bold x|@}), coloured where colours are wanted (NO_COLOR is honoured). */
    static String styled(String markup) {
        return Ansi.AUTO.string(markup);
    }

    /** Draws how far a long work has come, ten times a second at most. */
    void progress(String what, long done, long total) {
        long now = System.nanoTime();
        if (!isInteractive || (done < total && now - lastDrawn < NANOS_BETWEEN_DRAWS)) {
            return;
        }
        lastDrawn = now;
        int filled = total == 0 ? BAR_WIDTH : (int) (done * BAR_WIDTH / total);
        err.printf(
                Locale.ROOT,
                "\r%s [%s%s] %,d of %,d ",
                what,
                "#".repeat(filled),
                "-".repeat(BAR_WIDTH - filled),
                done,
                total);
        if (done >= total) {
            err.println();
        }
        err.flush();
    }

    /** Says how much of a work of unknown length is done. */
    void count(String what, long done) {
        long now = System.nanoTime();
        if (isInteractive && now - lastDrawn >= NANOS_BETWEEN_DRAWS) {
            lastDrawn = now;
            err.printf(Locale.ROOT, "\r%s %,d ", what, done);
            err.flush();
        }
    }

    void endLine() {
        if (isInteractive && lastDrawn != 0) {
            err.println();
        }
    }
}
