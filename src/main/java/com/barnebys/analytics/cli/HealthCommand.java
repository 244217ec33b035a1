package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.ManagementAddress;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code health}: asks the tracker on this machine how it is. Called every few seconds, so it loads little. */
@Command(
        name = "health",
        description = "Asks the tracker on this machine how it is: for a container's health check.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Asks the management port, by the settings in force (MANAGEMENT_HOST,",
            "MANAGEMENT_PORT), three seconds at most, and prints one line.",
            "Exit code: 0 yes, 1 no, or no answer."
        })
final class HealthCommand implements Callable<Integer> {
    static final Duration ANSWER_MAX = Duration.ofSeconds(3);
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private final Supplier<ManagementAddress> address;
    private final Duration atMost;

    @ArgGroup
    private @Nullable Question question;

    @Option(names = "--port", paramLabel = "PORT", description = "Another management port than the settings say.")
    private @Nullable Integer port;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** One of them; none is {@code --ready}. */
    static final class Question {
        @Option(names = "--live", description = "Do the event loops turn?")
        private boolean isLive;

        @Option(names = "--ready", description = "Does it take hits? (default)")
        @SuppressWarnings("UnusedVariable") // what is asked when the others are not
        private boolean isReady;

        @Option(names = "--startup", description = "Has it started?")
        private boolean isStartup;
    }

    HealthCommand(Supplier<ManagementAddress> address) {
        this(address, ANSWER_MAX);
    }

    HealthCommand(Supplier<ManagementAddress> address, Duration atMost) {
        this.address = address;
        this.atMost = atMost;
    }

    @Override
    public Integer call() {
        ManagementAddress there = address.get();
        if (port != null) {
            there = new ManagementAddress(there.host(), port);
        }
        String path = question == null
                ? "/readyz"
                : question.isLive ? "/livez" : question.isStartup ? "/startupz" : "/readyz";
        if (there.port() == 0) {
            return say(false, "MANAGEMENT_PORT is 0, which does not say where to ask");
        }
        try {
            String answer = ask(there, path);
            boolean isUp = answer.startsWith("HTTP/1.1 200 ") || answer.startsWith("HTTP/1.0 200 ");
            return say(isUp, there + path + (isUp ? "" : ": " + why(answer)));
        } catch (IOException e) {
            return say(false, there + path + ": no answer, " + e.getMessage());
        }
    }

    private int say(boolean isUp, String what) {
        PrintWriter out = spec.commandLine().getOut();
        out.print((isUp ? "UP " : "DOWN ") + what + "\n");
        out.flush();
        return isUp ? Commands.OK : Commands.NO;
    }

    /** By hand: an HTTP client takes longer to load than all the rest. */
    private String ask(ManagementAddress there, String path) throws IOException {
        long deadline = System.nanoTime() + atMost.toNanos();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(there.host(), there.port()), (int) atMost.toMillis());
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            int length;
            do {
                socket.setSoTimeout(left(deadline));
                length = in.read(buffer);
                answer.write(buffer, 0, Math.max(0, length));
            } while (length >= 0 && answer.size() < ANSWER_BYTES_MAX);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private int left(long deadline) throws SocketTimeoutException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
            throw new SocketTimeoutException("not within " + atMost.toMillis() + " ms");
        }
        return (int) millis;
    }

    /** The checks that are down, as the answer has them. */
    private static String why(String answer) {
        int body = answer.indexOf("\r\n\r\n");
        StringJoiner down = new StringJoiner(", ");
        try {
            for (Object each : new JsonObject(answer.substring(body + 4)).getJsonArray("checks", new JsonArray())) {
                if (each instanceof JsonObject check && !"UP".equals(check.getString("status"))) {
                    Object data = check.getValue("data");
                    down.add(check.getString("id") + (data == null ? "" : " " + data));
                }
            }
            return down.toString();
        } catch (DecodeException | ClassCastException | IndexOutOfBoundsException e) {
            return "not a tracker's management port";
        }
    }
}
