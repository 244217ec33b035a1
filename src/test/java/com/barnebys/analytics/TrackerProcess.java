package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The built jar as a process of its own, as an operator runs it. */
final class TrackerProcess implements AutoCloseable {
    private static final Path JAR = Path.of("target", "barnebys-analytics.jar");
    private static final long START_MILLIS_MAX = 120_000;
    /** SIGKILL ends a process once the disk has done what it was just asked for. */
    private static final long KILL_SECONDS_MAX = 60;

    private static final Pattern PORTS = Pattern.compile("Serving\\. port=(\\d+) managementPort=(\\d+) ");

    private static final boolean KEEPS_LOGS = Boolean.getBoolean("tracker.logs");

    private final Process process;
    private final Path log;
    /** Known when it serves. */
    private int port;

    private int managementPort;

    private TrackerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts {@code serve} on free ports with DATA_DIR there and SECRET {@code test}; returns when it serves. */
    static TrackerProcess start(Path data, Map<String, String> settings) throws IOException, InterruptedException {
        TrackerProcess tracker = begin(data, settings);
        tracker.awaitStart();
        return tracker;
    }

    /** As {@link #start}, and returns at once. */
    static TrackerProcess begin(Path data, Map<String, String> settings) throws IOException {
        assertThat(JAR).as("built by the package phase").exists();
        // Its own choice: what is free now may be some connection's when it gets there.
        Map<String, String> all = new HashMap<>(settings);
        all.put("PORT", "0");
        all.put("MANAGEMENT_PORT", "0");
        Path log = Files.createTempFile("tracker", ".log");
        ProcessBuilder builder =
                command(data, all, "serve").redirectErrorStream(true).redirectOutput(log.toFile());
        return new TrackerProcess(builder.start(), log);
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
            Matcher ports = PORTS.matcher(log());
            if (ports.find()) {
                port = Integer.parseInt(ports.group(1));
                managementPort = Integer.parseInt(ports.group(2));
                return;
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

    /** Everything accepted is stored or parked, and counted as that, when this returns; its books then. */
    JsonObject awaitDelivered(Duration atMost) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        JsonObject ready = ready();
        while (!isDelivered(ready.getJsonObject("books"))) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not delivered within " + atMost + ": " + ready + "\n" + log());
            }
            Thread.sleep(50);
            ready = ready();
        }
        return ready;
    }

    /** Rows are out of the spool a moment before they are counted. */
    private static boolean isDelivered(JsonObject books) {
        long in = books.getLong("recovered") + books.getLong("accepted");
        long out = books.getLong("delivered") + books.getLong("parked") + books.getLong("lost");
        return books.getLong("inSpool") == 0 && in == out;
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
        assertThat(process.waitFor(KILL_SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
    }

    /** SIGTERM, and no more. */
    void terminate() {
        process.destroy();
    }

    /** SIGINT, as Ctrl-C sends it, unless it has ended. */
    void interrupt() throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
        assertThat(kill.waitFor() == 0 || !process.isAlive()).isTrue();
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

    /** It writes nothing any more when this returns, so that its directory can be deleted. */
    @Override
    public void close() throws IOException, InterruptedException {
        kill();
        if (KEEPS_LOGS) {
            Path kept = Files.createDirectories(Path.of("target", "tracker-logs"));
            Files.move(log, kept.resolve(log.getFileName()));
        }
        Files.deleteIfExists(log);
    }
}
