package com.barnebys.analytics;

import com.barnebys.analytics.config.ManagementAddress;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.delivery.Replay;
import com.barnebys.analytics.delivery.ReplayFilter;
import com.barnebys.analytics.delivery.ReplayMetrics;
import com.barnebys.analytics.delivery.ReplayReport;
import com.barnebys.analytics.metrics.DeliveryMeters;
import com.barnebys.analytics.metrics.SpoolTimes;
import com.barnebys.analytics.metrics.SpoolWatch;
import com.barnebys.analytics.sink.ForeignSpoolException;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.SpoolIdCheck;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolLockedException;
import io.vertx.core.MultiMap;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code replay --dead-letters}: whoever has the spool's lock does it. Without a server that is this process; else the
 * server is asked, at its management port, by the name of the spool, so that a server of another DATA_DIR does nothing.
 */
final class DeadLetterReplays {
    /** Below the idle limit of the management port, behind which an answer would find nobody. */
    private static final Duration PART_MAX = Duration.ofSeconds(20);

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(90);
    private static final int OK = 200;

    private DeadLetterReplays() {}

    static Replay open(Settings settings, Spool spool, Destination sink, ReplayMetrics metrics) throws IOException {
        return Replay.open(settings.dataDir(), spool, sink::isSettled, metrics, settings.spoolMaxBytes() / 2);
    }

    /** A running server was asked. */
    static JsonObject asked(MultiMap parameters, UUID spool, Replay replay) throws IOException {
        if (!spool.toString().equals(parameters.get("spool"))) {
            // Nor can a page in a browser on this machine ask for it without knowing.
            throw new IllegalArgumentException("spool: " + parameters.get("spool") + " (expected: the id in spool-id of"
                    + " this server's DATA_DIR)");
        }
        ReplayFilter filter = new ReplayFilter(parameters.get("kind"), reason(parameters.get("reason")));
        return replay.run(filter, "true".equals(parameters.get("dryRun")), PART_MAX)
                .toJson();
    }

    private static @Nullable ParkReason reason(@Nullable String name) {
        try {
            return name == null ? null : ParkReason.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("reason: " + name + " (expected: a reason of parking)", e);
        }
    }

    /** The command. */
    static JsonObject run(Settings settings, @Nullable String kind, @Nullable ParkReason reason, boolean isDry)
            throws IOException, InterruptedException {
        if (!Files.isDirectory(settings.dataDir().resolve("deadletter"))) {
            return ReplayReport.NOTHING.toJson();
        }
        try (Spool spool = Spool.open(DataDirectory.spoolOptions(settings), 0, new SpoolWatch(new SpoolTimes()))) {
            return alone(settings, spool, new ReplayFilter(kind, reason), isDry);
        } catch (SpoolLockedException e) {
            return ask(settings, e, kind, reason, isDry);
        }
    }

    private static JsonObject alone(Settings settings, Spool spool, ReplayFilter filter, boolean isDry)
            throws IOException {
        Destination.requireItsState(settings);
        Parking nobody = (sequence, buffer, offset, length, why, detail) -> {
            throw new IOException("nothing is parked here");
        };
        Destination sink = Destination.open(settings, settings.dataDir(), nobody, new DeliveryMeters());
        try (Replay replay = open(settings, spool, sink, ReplayMetrics.NONE)) {
            requireItsSpool(spool, sink);
            return replay.run(filter, isDry, PART_MAX).toJson();
        } finally {
            sink.close();
        }
    }

    /** Numbers below the sink's position count as stored: whatever got one would never be delivered. */
    private static void requireItsSpool(Spool spool, Destination sink) throws IOException {
        try {
            SpoolIdCheck.check(spool.id(), sink.spoolId(), sink.firstUnused(), false);
        } catch (ForeignSpoolException e) {
            throw new IOException(e.getMessage(), e);
        }
        if (spool.nextSequence() < sink.firstUnused()) {
            throw new IOException("the spool ends at " + spool.nextSequence() + ", before what is delivered, "
                    + sink.firstUnused() + "; start the server, then replay");
        }
    }

    private static JsonObject ask(
            Settings settings,
            SpoolLockedException held,
            @Nullable String kind,
            @Nullable ParkReason reason,
            boolean isDry)
            throws IOException, InterruptedException {
        if (settings.managementPort() == 0) {
            throw new IOException(held.getMessage() + ", and MANAGEMENT_PORT does not say where to ask it");
        }
        String server = ManagementAddress.of(settings).toString();
        StringBuilder uri = new StringBuilder(server)
                .append("/dead-letters/replay?dryRun=")
                .append(isDry)
                .append("&spool=")
                .append(spoolId(settings));
        if (kind != null) {
            uri.append("&kind=").append(URLEncoder.encode(kind, StandardCharsets.UTF_8));
        }
        if (reason != null) {
            uri.append("&reason=").append(reason.name());
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri.toString()))
                .timeout(ANSWER_MAX)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer;
        try {
            answer = HttpClient.newBuilder()
                    .connectTimeout(CONNECT_MAX)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build()
                    .send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IOException(held.getMessage() + ", and no server answers at " + server + ": " + e, e);
        }
        if (answer.statusCode() != OK) {
            throw new IOException("the server at " + server + " answers " + answer.statusCode() + ": " + error(answer));
        }
        return new JsonObject(answer.body());
    }

    private static String error(HttpResponse<String> answer) {
        try {
            return new JsonObject(answer.body()).getString("error", "");
        } catch (DecodeException e) {
            return "not a tracker's management port";
        }
    }

    private static String spoolId(Settings settings) throws IOException {
        Path file = settings.dataDir().resolve("spool").resolve("spool-id");
        try {
            return UUID.fromString(Files.readString(file).strip()).toString();
        } catch (NoSuchFileException | IllegalArgumentException e) {
            throw new IOException(file + ": no id of a spool", e);
        }
    }
}
