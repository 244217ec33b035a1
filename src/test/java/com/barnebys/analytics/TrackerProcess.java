package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The built jar as a process of its own, as an operator runs it. */
final class TrackerProcess implements AutoCloseable {
    private static final Path JAR = Path.of("target", "barnebys-analytics.jar");
    private static final long START_MILLIS_MAX = 120_000;

    private static final boolean KEEPS_LOGS = Boolean.getBoolean("tracker.logs");

    private final Process process;
    private final int port;
    private final int managementPort;
    private final Path log;

    private TrackerProcess(Process process, int port, int managementPort, Path log) {
        this.process = process;
        this.port = port;
        this.managementPort = managementPort;
        this.log = log;
    }

    /** Starts {@code serve} on a free port with DATA_DIR there and SECRET {@code test}; returns when it serves. */
    static TrackerProcess start(Path data, Map<String, String> settings) throws IOException, InterruptedException {
        TrackerProcess tracker = begin(data, settings);
        tracker.awaitStart();
        return tracker;
    }

    /** As {@link #start}, and returns at once. */
    static TrackerProcess begin(Path data, Map<String, String> settings) throws IOException {
        assertThat(JAR).as("built by the package phase").exists();
        int port;
        int managementPort;
        try (ServerSocket free = new ServerSocket(0);
                ServerSocket another = new ServerSocket(0)) {
            port = free.getLocalPort();
            managementPort = another.getLocalPort();
        }
        Map<String, String> all = new HashMap<>(settings);
        all.put("PORT", Integer.toString(port));
        all.put("MANAGEMENT_PORT", Integer.toString(managementPort));
        Path log = Files.createTempFile("tracker", ".log");
        ProcessBuilder builder =
                command(data, all, "serve").redirectErrorStream(true).redirectOutput(log.toFile());
        return new TrackerProcess(builder.start(), port, managementPort, log);
    }

    private static ProcessBuilder command(Path data, Map<String, String> settings, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-Xmx256m", "-jar", JAR.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SECRET", "test");
        builder.environment().put("HOST", "127.0.0.1");
        builder.environment().put("DATA_DIR", data.toString());
        builder.environment().put("BATCH_WAIT", "50ms");
        builder.environment().putAll(settings);
        return builder;
    }

    /** What a command said on both streams, and its exit code. */
    record Said(int exitCode, String text) {}

    /** Runs another command with the settings that {@link #start} would give a server. */
    static Said run(Path data, Map<String, String> settings, String... arguments)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("command", ".log");
        Process process = command(data, settings, arguments)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS))
                    .as(String.join(" ", arguments))
                    .isTrue();
            return new Said(process.exitValue(), Files.readString(log));
        } finally {
            process.destroyForcibly();
            Files.delete(log);
        }
    }

    private void awaitStart() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS_MAX);
        while (System.nanoTime() < deadline && process.isAlive()) {
            try {
                if (RawHttp.get(managementPort, "/startupz").status() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // The management port is the first to be there.
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("did not start: " + Files.readString(log));
    }

    int port() {
        return port;
    }

    int managementPort() {
        return managementPort;
    }

    /** What {@code /readyz} says; it must say that hits are taken. */
    JsonObject ready() throws IOException {
        RawHttp.Answer answer = RawHttp.get(managementPort, "/readyz");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return new JsonObject(answer.text());
    }

    /** Everything accepted is stored or parked when this returns; its books then. */
    JsonObject awaitDelivered(Duration atMost) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        JsonObject ready = ready();
        while (ready.getJsonObject("books").getLong("inSpool") != 0) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not delivered within " + atMost + ": " + ready + "\n" + log());
            }
            Thread.sleep(50);
            ready = ready();
        }
        return ready;
    }

    void awaitLog(String text) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS_MAX);
        while (!log().contains(text)) {
            assertThat(System.nanoTime()).as(log()).isLessThan(deadline);
            Thread.sleep(2);
        }
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    /** SIGTERM, and no more. */
    void terminate() {
        process.destroy();
    }

    /** SIGINT, as Ctrl-C sends it; to a process that has ended meanwhile it says nothing. */
    void interrupt() throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
        assertThat(kill.waitFor() == 0 || process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    /** SIGTERM; drains, then exits 0. */
    void stop() throws IOException, InterruptedException {
        stop(Duration.ofSeconds(60));
    }

    void stop(Duration atMost) throws IOException, InterruptedException {
        process.destroy();
        assertThat(process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS))
                .as(log())
                .isTrue();
        assertThat(process.exitValue()).as(log()).isZero();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        if (KEEPS_LOGS) {
            Path kept = Files.createDirectories(Path.of("target", "tracker-logs"));
            Files.move(log, kept.resolve(log.getFileName()));
        }
        Files.deleteIfExists(log);
    }
}
