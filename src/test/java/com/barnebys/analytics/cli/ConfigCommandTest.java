package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.cli.CommandRun.Result;
import com.barnebys.analytics.config.Settings;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConfigCommandTest {
    private static final Settings SETTINGS = Settings.of(Map.of("SECRET", "hush", "PORT", "80"));

    @TempDir
    private Path dir;

    @Test
    void everySettingIsShownWithItsSourceAndNoSecret() {
        Result table = show();

        assertThat(table.exitCode()).isZero();
        assertThat(table.lines()).first().asString().matches("name +value +source");
        assertThat(table.lines()).anyMatch(line -> line.matches("PORT +80 +the given values"));
        assertThat(table.lines()).anyMatch(line -> line.matches("SECRET +\\*\\*\\* +the given values"));
        assertThat(table.lines()).anyMatch(line -> line.matches("HOST +0.0.0.0 +built in"));
        assertThat(table.out()).doesNotContain("hush");

        assertThat(show("-f", "json").lines())
                .contains(new JsonObject()
                        .put("name", "PORT")
                        .put("value", "80")
                        .put("source", "the given values")
                        .encode());
        assertThat(show("-f", "csv").out()).contains("PORT,80,the given values");
    }

    @Test
    void aGoodFileIsSaidToBeGood() throws IOException {
        Path file = Files.writeString(dir.resolve("a.yaml"), "UTM_SOURCE: a\nTRUSTED_PROXIES: 0.0.0.0/0\n");

        Result result = check(file);

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines())
                .endsWith(file + ": good")
                .anyMatch(line -> line.startsWith("Warning: TRUSTED_PROXIES"));
    }

    @Test
    void everyMistakeIsALineAndTheCodeIsThatOfABadStart() throws IOException {
        Files.writeString(dir.resolve("a.yaml"), "UTM: a\nSESSION_MAX_AGE: 0\n");
        Files.writeString(dir.resolve("b.yaml"), "SECRET: [hush");

        Result result = check(dir);

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("UTM: unknown in "))
                .anyMatch(line -> line.startsWith("SESSION_MAX_AGE: 0 in "))
                .anyMatch(line -> line.startsWith("YAML: not readable in "));
        assertThat(result.err()).doesNotContain("hush");
        assertThat(check(dir.resolve("none.yaml")).exitCode()).isEqualTo(2);
    }

    private Result check(Path path) {
        Tracker.Starter nothing = (settings, acceptSpool) -> {
            throw new AssertionError("checking starts nothing");
        };
        Commands.Doers doers = new Commands.Doers(
                nothing, (settings, kind, reason, isDry) -> new JsonObject(), (settings, bound, progress) -> {
                    throw new AssertionError("checking opens no spool");
                });
        return run(Commands.commandLine(doers, "config"), "config", "check", path.toString());
    }

    private static Result show(String... more) {
        String[] arguments = new String[more.length + 1];
        arguments[0] = "show";
        System.arraycopy(more, 0, arguments, 1, more.length);
        return run(new CommandLine(new ConfigCommand(() -> SETTINGS, path -> SETTINGS)), arguments);
    }

    private static Result run(CommandLine line, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
        return new Result(exitCode, out.toString(), err.toString());
    }
}
