package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.cli.CommandRun.Result;
import com.barnebys.analytics.config.ManagementAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Timeout(120)
class HealthCommandTest {
    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());

    HealthCommandTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"'', /readyz", "--ready, /readyz", "--live, /livez", "--startup, /startupz"})
    void goodAnswerIsUp(String option, String path) {
        CompletableFuture<String> asked = answer("HTTP/1.1 200 OK\r\n\r\n{}");

        Result result = option.isEmpty() ? run(port()) : run(port(), option);

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines()).containsExactly("UP http://127.0.0.1:" + port() + path);
        assertThat(asked.join()).startsWith("GET " + path + " HTTP/1.0\r\n");
    }

    @Test
    void whatIsDownIsNamed() {
        CompletableFuture<String> unused = answer("HTTP/1.0 503 Service Unavailable\r\n\r\n{\"checks\":["
                + "{\"id\":\"phase\",\"status\":\"DOWN\",\"data\":\"STARTING\"},{\"id\":\"spool\",\"status\":\"UP\"},"
                + "{\"id\":\"start\",\"status\":\"DOWN\",\"data\":\"STORE\"}]}");

        Result result = run(port());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .containsExactly("DOWN http://127.0.0.1:" + port() + "/readyz: phase STARTING, start STORE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 404 Not Found\r\n\r\n<html>", "SSH-2.0", "", "HTTP/1.1 500 x\r\n\r\n[]"})
    void whatIsNoTrackerIsDown(String bytes) {
        CompletableFuture<String> unused = answer(bytes);

        Result result = run(port());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("not a tracker's management port");
    }

    @Test
    void silenceIsDownWhenTheTimeIsOver() {
        Result result = run(port(), Duration.ofMillis(50));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).startsWith("DOWN ").contains("no answer");
    }

    @Test
    void nobodyThereIsDown() throws IOException {
        server.close();

        Result result = run(port());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .singleElement()
                .asString()
                .startsWith("DOWN ")
                .contains("no answer");
    }

    @Test
    void portCanBeNamedWhereTheSettingsDoNotSayOne() {
        assertThat(run(0).out()).contains("MANAGEMENT_PORT is 0");
        CompletableFuture<String> unused = answer("HTTP/1.1 200 OK\r\n\r\n{}");

        assertThat(run(0, "--port", Integer.toString(port())).exitCode()).isZero();
    }

    @Test
    void onlyOneQuestionCanBeAsked() {
        assertThat(run(port(), "--live", "--ready").exitCode()).isEqualTo(2);
    }

    private int port() {
        return server.getLocalPort();
    }

    /** Answers one connection; what it asked. */
    private CompletableFuture<String> answer(String bytes) {
        return CompletableFuture.supplyAsync(() -> {
            try (Socket client = server.accept()) {
                byte[] request = new byte[1024];
                int length = client.getInputStream().read(request);
                client.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
                return new String(request, 0, length, StandardCharsets.US_ASCII);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Result run(int port, String... arguments) {
        // Patient, so that a slow machine makes no answer late; but where lateness is the point.
        return run(port, Duration.ofSeconds(60), arguments);
    }

    private static Result run(int port, Duration atMost, String... arguments) {
        return run(new HealthCommand(() -> new ManagementAddress("127.0.0.1", port), atMost), arguments);
    }

    private static Result run(HealthCommand command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Result(exitCode, out.toString(), err.toString());
    }
}
