package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.metrics.Books;
import com.barnebys.analytics.sink.local.LocalStoreReader;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The real server in this process, on free ports, storing into a directory of the test. */
final class TestTracker implements AutoCloseable {
    private static final Duration DELIVERY_MAX = Duration.ofSeconds(60);
    /** So that a slow machine makes no visitor's source unknown; what lateness does, {@code SourceLookupTest} says. */
    private static final Duration SOURCE_WAIT_MAX = Duration.ofSeconds(30);

    private final Server server;
    private final Path directory;

    private TestTracker(Server server, Path directory) {
        this.server = server;
        this.directory = directory;
    }

    static TestTracker start(Path directory, Map<String, String> settings) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of(
                "HOST", "127.0.0.1",
                "PORT", "0",
                "MANAGEMENT_PORT", "0",
                "DATA_DIR", directory.toString(),
                "BATCH_WAIT", "5ms"));
        all.putAll(settings);
        Server server = Server.start(Settings.of(all), false, SOURCE_WAIT_MAX);
        server.serve();
        return new TestTracker(server, directory);
    }

    int port() {
        return server.port();
    }

    int managementPort() {
        return server.managementPort();
    }

    /** What the management port says of readiness, books and lanes. */
    JsonObject readyz() throws IOException {
        RawHttp.Answer answer = RawHttp.get(managementPort(), "/readyz");
        return new JsonObject(new String(answer.body(), StandardCharsets.UTF_8));
    }

    Books books() {
        return server.books();
    }

    /** Everything answered so far is in the store, and counted as that, when this returns. */
    void awaitDelivered() {
        try {
            assertThat(server.awaitDelivered(DELIVERY_MAX)).isTrue();
            awaitBalance();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Rows are out of the spool a moment before they are counted. */
    private void awaitBalance() throws InterruptedException {
        long deadline = System.nanoTime() + DELIVERY_MAX.toNanos();
        while (server.books().difference() != 0) {
            assertThat(System.nanoTime() - deadline).as("%s", server.books()).isNegative();
            Thread.sleep(1);
        }
    }

    /** All stored rows, each with its table under {@code table}. */
    List<Map<String, Object>> rows() {
        awaitDelivered();
        return rows(directory);
    }

    /** All rows stored under a DATA_DIR, from beside whoever writes there. */
    static List<Map<String, Object>> rows(Path directory) {
        Path file = directory.resolve("analytics.db");
        List<Map<String, Object>> rows = new ArrayList<>();
        if (!Files.exists(file)) {
            return rows;
        }
        try (LocalStoreReader store = LocalStoreReader.open(file)) {
            store.export(null, null, null, (kind, columns, values) -> {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("table", kind);
                for (int i = 0; i < values.length; i++) {
                    row.put(columns.get(i), values[i]);
                }
                rows.add(row);
            });
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String md5(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
