package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults.Call;
import io.grpc.Status;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a busy server writes about hostile requests and failing services, at every level: nobody's data and no secret. */
class LogPrivacyIT {
    private static final long WAIT_MILLIS_MAX = 60_000;
    private static final Pattern PORTS = Pattern.compile("Serving\\. port=(\\d+) managementPort=(\\d+) ");

    /** What is sent or set, each unlike all else. */
    private static final List<String> PRIVATE = List.of(
            "current-secret-3b1f",
            "previous-secret-77aa",
            "api-token-90cd",
            "wrong-token-41ee",
            "pg-password-5d20",
            "cHJpdmF0ZS1rZXktYm9keQ",
            "203.0.113.77",
            "query-value-8e8e",
            "cookie-value-6c6c",
            "agent-value-2f2f",
            "fingerprint-value-1a1a",
            "body-value-7b7b",
            "expected-nowhere-path");

    @TempDir
    Path directory;

    private int port;
    private int managementPort;

    @ParameterizedTest
    @CsvSource({"trace, json", "debug, text"})
    void aHostileBusyFailingRunTellsNothing(String level, String format) throws Exception {
        try (FakeBigQuery bigQuery = FakeBigQuery.start();
                Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0)); // and does not listen
            bigQuery.createDataset("tracking");
            bigQuery.faults().call(Call.CREATE_STREAM, Status.PERMISSION_DENIED, Integer.MAX_VALUE);
            Map<String, String> settings = Scrapes.settings(bigQuery);
            settings.putAll(Map.of(
                    "SECRET", "current-secret-3b1f",
                    "SECRETS_PREVIOUS", "previous-secret-77aa",
                    "API_TOKEN", "api-token-90cd",
                    "REFERENCES_URL", "postgresql://refs:pg-password-5d20@127.0.0.1:" + nobody.getLocalPort() + "/refs",
                    "GCP_CLIENT_EMAIL", "name@project.iam.gserviceaccount.com",
                    "GCP_CLIENT_PRIVATE_KEY", privateKey(),
                    "TRUSTED_PROXIES", "127.0.0.1",
                    "RATE_LIMIT", "1",
                    "LOG_LEVEL", level,
                    "LOG_FORMAT", format));
            Process server = start(settings);
            try {
                await("it serves", () -> serves());
                sendEverything();
                await("it says that BigQuery refuses", () -> log().contains("A table takes no rows"));
                await("and that PostgreSQL is away", () -> log().contains("PostgreSQL does not answer"));
            } finally {
                server.destroy();
                assertThat(server.waitFor(WAIT_MILLIS_MAX, TimeUnit.MILLISECONDS))
                        .isTrue();
            }
        }

        String log = log();
        assertThat(log).contains("Barnebys Analytics ").contains("Stopped.");
        assertThat(PRIVATE).allSatisfy(secret -> assertThat(log).doesNotContain(secret));
        if (format.equals("json")) {
            assertEveryLineIsEcs(log);
        }
    }

    @Test
    void mistakesInSettingsAreJsonWhereThatIsWantedAndShowNoSecret() throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of(
                "LOG_FORMAT", "json",
                "PORT", "99999",
                "GCP_CLIENT_PRIVATE_KEY", "cHJpdmF0ZS1rZXktYm9keQ",
                "REFERENCES_URL", "mysql://refs:pg-password-5d20@127.0.0.1/refs",
                "API_TOKEN", "api-token-90cd",
                "SECRET", "current-secret-3b1f"));
        Process server = start(settings, "PORT");

        assertThat(server.waitFor(WAIT_MILLIS_MAX, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(server.exitValue()).isEqualTo(2);
        assertThat(PRIVATE).allSatisfy(secret -> assertThat(log()).doesNotContain(secret));
        assertThat(assertEveryLineIsEcs(log()))
                .extracting(line -> line.getString("message"))
                .anySatisfy(message -> assertThat(message).startsWith("PORT: 99999"))
                .anySatisfy(message -> assertThat(message).startsWith("GCP_CLIENT_PRIVATE_KEY: "))
                .anySatisfy(message -> assertThat(message).startsWith("REFERENCES_URL: "));
    }

    private void sendEverything() throws IOException {
        String[] who = {
            "X-Forwarded-For: 203.0.113.77",
            "User-Agent: agent-value-2f2f",
            "Cookie: _ba=cookie-value-6c6c; other=cookie-value-6c6c"
        };
        String hit = "/r/collect?p=p&k=view&d1=query-value-8e8e";
        assertThat(get(hit + "&s=" + TestTracker.md5("current-secret-3b1f" + hit), who))
                .isEqualTo(200);
        assertThat(get(hit + "&s=" + TestTracker.md5("previous-secret-77aa" + hit), who))
                .isEqualTo(200);
        assertThat(get(hit + "&s=" + TestTracker.md5("guessed" + hit), who)).isEqualTo(400);
        assertThat(get("/expected-nowhere-path?a=query-value-8e8e", who)).isEqualTo(400);
        assertThat(get("/r/collect?_h=event&p=p&c=query-value-8e8e&a=a&f=fingerprint-value-1a1a", who))
                .isEqualTo(200);
        int limited = 200;
        for (int i = 0; i < 50 && limited != 429; i++) {
            limited = get("/r/create?programId=p&refs=query-value-8e8e&fingerprint=fingerprint-value-1a1a", who);
        }
        assertThat(limited).isEqualTo(429);
        assertThat(get("/r/fetch?ref=query-value-8e8e", "Authorization: Bearer wrong-token-41ee"))
                .isEqualTo(401);
        assertThat(get("/r/fetch?ref=query-value-8e8e", "Authorization: Bearer api-token-90cd"))
                .isGreaterThanOrEqualTo(500);
        for (String body : List.of("[{\"body-value-7b7b", "[{\"programId\":\"p\",\"ref\":\"body-value-7b7b\"}]")) {
            try (RawHttp http = new RawHttp(port)) {
                http.send(RawHttp.head(
                                "POST",
                                "/w/collect?x=query-value-8e8e",
                                "HTTP/1.1",
                                "Authorization: Bearer api-token-90cd",
                                "Content-Type: application/json",
                                "Content-Length: " + body.length())
                        + body);
                assertThat(http.answer(false).status()).isGreaterThanOrEqualTo(400);
            }
        }
        for (String malformed : List.of(
                "GET /query-value-8e8e HTTP/9.9\r\nHost: x\r\n\r\n",
                "GET /" + "query-value-8e8e".repeat(2000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nCookie: a=cookie-value-6c6c\r\n folded: agent-value-2f2f\r\n\r\n",
                "cookie-value-6c6c\r\n\r\n")) {
            try (RawHttp http = new RawHttp(port)) {
                http.send(malformed);
                assertThat(http.answer(false)).isNotNull();
            }
        }
        assertThat(RawHttp.get(managementPort, "/metrics?x=query-value-8e8e").status())
                .isEqualTo(200);
        assertThat(RawHttp.get(managementPort, "/nowhere?x=query-value-8e8e").status())
                .isEqualTo(404);
        assertThat(RawHttp.once(managementPort, "POST", "/dead-letters/replay?spool=query-value-8e8e")
                        .status())
                .isGreaterThanOrEqualTo(400);
    }

    private int get(String target, String... headers) throws IOException {
        return RawHttp.get(port, target, headers).status();
    }

    /** On ports of its own choice: what is free now may be some connection's when it gets there. */
    private boolean serves() {
        Matcher ports = PORTS.matcher(log());
        boolean isSaid = ports.find();
        if (isSaid) {
            port = Integer.parseInt(ports.group(1));
            managementPort = Integer.parseInt(ports.group(2));
        }
        return isSaid;
    }

    /** Made of nothing: with an emulator nobody signs with it. */
    private static String privateKey() {
        return "-----BEGIN PRIVATE KEY-----\ncHJpdmF0ZS1rZXktYm9keQ==\n-----END PRIVATE KEY-----\n";
    }

    /** The built jar; its log is stderr alone, stdout has results. */
    private Process start(Map<String, String> settings, String... asGiven) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of(
                "HOST",
                "127.0.0.1",
                "PORT",
                "0",
                "MANAGEMENT_PORT",
                "0",
                "DATA_DIR",
                directory.resolve("data").toString(),
                "BATCH_WAIT",
                "5ms",
                "DRAIN",
                "0s"));
        all.keySet().removeAll(List.of(asGiven));
        all.putAll(settings);
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                Path.of("target", "barnebys-analytics.jar").toAbsolutePath().toString(),
                "serve");
        builder.environment().putAll(all);
        return builder.directory(directory.toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .redirectOutput(directory.resolve("stdout").toFile())
                .start();
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("stderr"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void await(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS_MAX);
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within the limit: " + what + "\n" + log());
            }
            Thread.sleep(20);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    /** But for what the JVM itself has to say of a library's use of it. */
    private static List<JsonObject> assertEveryLineIsEcs(String log) {
        List<JsonObject> lines = new ArrayList<>();
        log.lines().filter(line -> !line.startsWith("WARNING: ")).forEach(line -> {
            assertThat(line).startsWith("{").endsWith("}");
            JsonObject json = new JsonObject(line);
            assertThat(json.fieldNames())
                    .contains("@timestamp", "log.level", "severity", "message", "service.name", "service.version");
            lines.add(json);
        });
        assertThat(lines).isNotEmpty();
        return lines;
    }
}
