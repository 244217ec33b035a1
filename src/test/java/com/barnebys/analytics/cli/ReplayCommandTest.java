package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.cli.CommandRun.Result;
import com.barnebys.analytics.config.Settings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ReplayCommandTest {
    private final List<String> asked = new ArrayList<>();
    private final Deque<JsonObject> answers = new ArrayDeque<>();
    private final Deque<SpoolReplay.Sums> sums = new ArrayDeque<>();

    private static JsonObject answer(long rows, long before, boolean isMore) {
        return new JsonObject()
                .put("replayed", rows)
                .put("before", before)
                .put("waiting", 1)
                .put("unreadable", 2)
                .put("isMore", isMore)
                .put(
                        "rows",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("kind", "click")
                                        .put("reason", "REFUSED_ROW")
                                        .put("rows", rows)));
    }

    @Test
    void partsAreAddedUp() {
        answers.add(answer(3, 4, true));
        answers.add(answer(2, 7, false));

        Result result = run("--dead-letters", "--kind", "click", "--reason", "refused_row");

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines())
                .containsExactly("click REFUSED_ROW 5", "replayed 5", "before 4", "waiting 1", "unreadable 2");
        assertThat(asked).containsExactly("click REFUSED_ROW false", "click REFUSED_ROW false");
    }

    @Test
    void aDryRunSaysSo() {
        JsonObject row =
                new JsonObject().put("kind", "").put("reason", "MALFORMED_ROW").put("rows", 3);
        answers.add(answer(3, 0, false).put("rows", new JsonArray().add(row)));

        Result result = run("--dead-letters", "--dry-run");

        assertThat(result.lines()).startsWith("(no kind) MALFORMED_ROW 3", "to replay 3");
        assertThat(asked).containsExactly("null null true");
    }

    @Test
    void endingEarlyIsAFailure() {
        answers.add(answer(3, 0, false).put("stopped", "the spool is half full"));

        Result result = run("--dead-letters");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("half full");
        assertThat(result.lines()).contains("replayed 3");
    }

    @Test
    void whatCannotBeDoneIsSaid() {
        Result result = run("--dead-letters");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines()).containsExactly("nobody answers");
    }

    @Test
    void aSpoolIsSentInItsDirectoryAndCounted() {
        sums.add(new SpoolReplay.Sums(7, 4, 2, 1, 0));

        Result result = run("--dir", "/volumes/old", "--timeout", "2h");

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines()).containsExactly("found 7", "delivered 4", "parked 2", "lost 1", "left 0");
        assertThat(asked).containsExactly("/volumes/old PT2H");
    }

    @Test
    void rowsLeftInTheSpoolAreAFailure() {
        sums.add(new SpoolReplay.Sums(7, 4, 0, 0, 3));

        Result result = run("--dir", "/volumes/old");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines()).contains("left 3");
        assertThat(result.err()).contains("Ended early");
        assertThat(asked).containsExactly("/volumes/old PT10M");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--dry-run",
                "--dead-letters --reason none",
                "--dead-letters click",
                "--dead-letters --dir x",
                "--dead-letters --timeout 5m",
                "--dir",
                "--dir x --dry-run",
                "--dir x --kind click",
                "--dir x --reason REFUSED_ROW",
                "--dir x --timeout 5",
                "--dir x --timeout soon"
            })
    void aWrongCallIsRefused(String arguments) {
        Result result = run(arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(asked).isEmpty();
    }

    @Test
    void helpFitsAScreen() {
        Result help = run("--help");

        assertThat(help.exitCode()).isZero();
        assertThat(help.lines()).hasSizeLessThan(40).allMatch(line -> line.length() <= 80);
        assertThat(help.out()).contains("MALFORMED_ROW, REFUSED_ROW");
    }

    private Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        ReplayCommand command = new ReplayCommand(
                () -> Settings.of(Map.of("SECRET", "test")),
                (settings, kind, reason, isDry) -> {
                    asked.add(kind + " " + reason + " " + isDry);
                    return next(answers);
                },
                (settings, atMost, progress) -> {
                    asked.add(settings.dataDir() + " " + atMost);
                    return next(sums);
                },
                new Terminal(System.err, false));
        int exitCode = new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println(failure.getMessage());
                    return Commands.NO;
                })
                .execute(arguments);
        return new Result(exitCode, out.toString(), err.toString());
    }

    private static <T> T next(Deque<T> answers) throws IOException {
        T answer = answers.poll();
        if (answer == null) {
            throw new IOException("nobody answers");
        }
        return answer;
    }
}
