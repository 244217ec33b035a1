package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.config.SettingsLoader.Outside;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What image/analytics.yaml sets is taken, and a mounted ConfigMap can say otherwise. */
class ImageSettingsTest {
    private static final Path IMAGE = Path.of("image/analytics.yaml");

    private static Vertx vertx;

    @TempDir
    private Path configMap;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(SettingsLoader.smallVertx());
    }

    @AfterAll
    static void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void itSaysWhatAContainerNeedsAndNothingElse() throws Exception {
        Part part = TextYaml.parse(Layer.FILE, "image", Files.readString(IMAGE));

        assertThat(part.mistakes()).isEmpty();
        assertThat(part.values())
                .isEqualTo(Map.of(
                        "APP_ENV", "prod", "DATA_DIR", "/data", "MANAGEMENT_HOST", "0.0.0.0", "LOG_FORMAT", "json"));
    }

    @Test
    void theImageIsForProduction() throws Exception {
        Settings settings = load(Map.of("SECRET", "of at least thirty-two characters"));

        assertThat(settings.isProd()).isTrue();
        assertThat(settings.dataDir()).isEqualTo(Path.of("/data"));
        assertThat(settings.managementHost()).isEqualTo("0.0.0.0");
    }

    @Test
    void aConfigMapIsLaidOverWhatTheImageSets() throws Exception {
        Files.writeString(configMap.resolve("10.yaml"), "APP_ENV: dev\nMANAGEMENT_HOST: 127.0.0.1\n");

        Settings settings = load(Map.of("CONFIG_DIR", configMap.toString()));

        assertThat(settings.isProd()).isFalse();
        assertThat(settings.managementHost()).isEqualTo("127.0.0.1");
        assertThat(settings.dataDir()).isEqualTo(Path.of("/data"));
        assertThat(settings.hidden()).isEmpty();
    }

    private static Settings load(Map<String, String> environment) throws Exception {
        return new SettingsLoader(vertx, Outside.given(environment, Map.of()), IMAGE)
                .load()
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }
}
