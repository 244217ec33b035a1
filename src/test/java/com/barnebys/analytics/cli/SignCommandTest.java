package com.barnebys.analytics.cli;

import static com.barnebys.analytics.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.cli.CommandRun.Result;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignCommandTest {
    private static final String CLICK = "/r/collect?_h=track&p=c1&k=click&url=https%3A%2F%2Fshop.example%2Flot%2F7";
    private static final String SIGNED_CLICK = CLICK + "&s=bfdf1697470f832fe02f537e0cd15b19";

    @Test
    void printsTheSignedLinkAndNothingElse() {
        Result result = run("sign", "https://t.example" + CLICK);

        assertThat(result).isEqualTo(new Result(0, "https://t.example" + SIGNED_CLICK + System.lineSeparator(), ""));
    }

    @Test
    void signsEveryArgument() {
        assertThat(run("sign", CLICK, "/?p=l3&k=view").lines())
                .containsExactly(SIGNED_CLICK, "/?p=l3&k=view&s=dd938de8d29f34ca0c4884af69150088");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sign", "sign -"})
    void signsLinesOfStdin(String command) {
        String stdin = CLICK + "\n\n  \r\n" + "/?p=l3&k=view\r\n/?p=1&k=view&d1=å";
        Result result = run(CommandRun.TEST_SECRET, stdin, command.split(" ", -1));

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines())
                .hasSize(3)
                .startsWith(SIGNED_CLICK, "/?p=l3&k=view&s=dd938de8d29f34ca0c4884af69150088");
        assertThat(result.lines().get(2)).startsWith("/?p=1&k=view&d1=%C3%A5&s=");
    }

    @Test
    void aByteOrderMarkInFrontOfTheListIsNoPartOfIt() {
        assertThat(run(CommandRun.TEST_SECRET, "\uFEFF" + CLICK, "sign").lines())
                .containsExactly(SIGNED_CLICK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sign", "verify"})
    void stopsAndSaysNoWhereNothingCanBeWritten(String command) {
        AtomicInteger tried = new AtomicInteger();
        Writer full = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                tried.incrementAndGet();
                throw new IOException("No space left on device");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        String list = (SIGNED_CLICK + "\n").repeat(1_000);

        assertThat(CommandRun.run(CommandRun.TEST_SECRET, list, full, command).exitCode())
                .isEqualTo(1);
        assertThat(tried.get()).isLessThan(10);
    }

    @Test
    void goesOnBehindALinkThatCannotBeSigned() {
        Result result = run("sign", "/?p=1", CLICK, "t.example\u001B[31m");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines()).containsExactly(SIGNED_CLICK);
        assertThat(result.err().lines())
                .containsExactly(
                        "Missing parameter: k (kind): /?p=1",
                        "Not a link: expected https://, http:// or a path, then ?p=..&k=..: t.example\uFFFD[31m");
    }

    @ParameterizedTest
    @CsvSource({
        "30d, 2026-12-23T18:00:00Z",
        "12h, 2026-11-24T06:00:00Z",
        "90m, 2026-11-23T19:30:00Z",
        "45s, 2026-11-23T18:00:45Z",
        "2027-01-31T00:00:00Z, 2027-01-31T00:00:00Z",
    })
    void linksExpire(String when, Instant expires) {
        Result result = run("sign", "--hmac", "--expires", when, "/?p=1&k=view");

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).matches("/\\?p=1&k=view&exp=" + expires.getEpochSecond() + "&s=[0-9a-f]{64}\\s+");
        assertThat(run("verify", result.out().strip()).out()).startsWith("valid: kind view, rule hmac, key 0");
    }

    @ParameterizedTest
    @CsvSource({
        "sign --expires 30d /?p=1&k=view, --expires needs --hmac",
        "sign --hmac --expires soon /?p=1&k=view, soon (expected: a duration",
        "sign --hmac --expires 30y /?p=1&k=view, 30y (expected: a duration",
        "sign --hmac --expires -1d /?p=1&k=view, -1d (expected: a duration",
        "sign --hmac --expires 0s /?p=1&k=view, 0s is not in the future",
        "sign --hmac --expires 9999999999d /?p=1&k=view, expected: a duration",
        "sign --hmac --expires 2026-11-23T18:00:00Z /?p=1&k=view, is not in the future",
        "sign --hmac --expires 2027-01-31 /?p=1&k=view, expected: a duration",
        "sign --secret x /?p=1&k=view, Unknown option",
    })
    void wrongCallsEndWithTwo(String arguments, String message) {
        Result result = run(arguments.split(" ", -1));

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains(message);
        assertThat(result.out()).isEmpty();
    }

    @Test
    void withoutASecretNothingIsSigned() {
        Result result = run(CommandRun.NO_SECRET, "", "sign", CLICK);

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).startsWith("No secret: SECRET is not set and data/secret does not exist");
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sign", "verify"})
    void helpFitsAScreen(String command) {
        Result result = run(command, "--help");

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines()).hasSizeLessThanOrEqualTo(24).allMatch(line -> line.length() <= 80, "80 columns");
        assertThat(result.out()).contains("Usage: analytics " + command, "Exit code:");
    }
}
