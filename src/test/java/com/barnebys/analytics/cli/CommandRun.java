package com.barnebys.analytics.cli;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs both commands under a root command in this process, as Main will, and keeps what they print. */
final class CommandRun {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T18:00:00Z"), ZoneOffset.UTC);
    static final SecretSource TEST_SECRET = () -> SecretRing.of(new Secret("test"), List.of(new Secret("previous")));
    static final SecretSource NO_SECRET = () -> {
        throw new IOException("SECRET is not set and data/secret does not exist");
    };

    /** What a command left behind. */
    record Result(int exitCode, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    @Command(name = "analytics")
    private static final class Root {}

    private CommandRun() {}

    static Result run(String... arguments) {
        return run(TEST_SECRET, "", arguments);
    }

    static Result run(SecretSource source, String stdin, String... arguments) {
        return run(source, stdin, new StringWriter(), arguments);
    }

    static Result run(SecretSource source, String stdin, Writer out, String... arguments) {
        InputStream in = new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8));
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(new Root())
                .addSubcommand(new SignCommand(source, CLOCK, in))
                .addSubcommand(new VerifyCommand(source, CLOCK, in))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Result(exitCode, out.toString(), err.toString());
    }
}
