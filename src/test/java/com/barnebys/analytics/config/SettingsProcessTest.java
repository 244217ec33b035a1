package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process of its own, since the environment of this one cannot be changed. */
class SettingsProcessTest {
    @TempDir
    private Path dir;

    @Test
    void environmentOfTheProcessIsReadRaw() throws Exception {
        Files.createDirectories(dir.resolve("conf"));
        Files.writeString(dir.resolve("conf/analytics.yaml"), "PORT: 1\nRETENTION_DAYS: 010\n");
        Files.writeString(dir.resolve("secret"), "0123\n");

        String said = run(Map.of(
                "UTM_SOURCE", "0123",
                "SESSION_NAME", "1e5",
                "SECRET_FILE", dir.resolve("secret").toString(),
                "PORT", "03001",
                "EVENTHUB_X", "y"));

        assertThat(said.lines())
                .contains(
                        "UTM_SOURCE=0123 from the environment",
                        "SESSION_NAME=1e5 from the environment",
                        "RETENTION_DAYS=010 from conf/analytics.yaml",
                        "PORT=03001 from the environment",
                        "SECRET=*** from " + dir.resolve("secret"),
                        "port 3001",
                        "secret 0123",
                        "hidden [PORT in conf/analytics.yaml is hidden by the environment]",
                        "not used [EVENTHUB_X]");
        try (var left = Files.list(dir)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("conf", "secret");
        }
    }

    private String run(Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + dir,
                "-cp",
                System.getProperty("java.class.path"),
                Shown.class.getName());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.directory(dir.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return said;
    }

    static final class Shown {
        public static void main(String[] args) {
            Settings settings = SettingsLoader.loadBlocking(Duration.ofSeconds(60));
            settings.describe()
                    .forEach((name, is) -> System.out.println(name + "=" + is.value() + " from " + is.source()));
            System.out.println("port " + settings.port());
            System.out.println(
                    "secret " + new String(settings.secret().orElseThrow().bytes(), StandardCharsets.UTF_8));
            System.out.println("hidden " + settings.hidden());
            System.out.println("not used " + settings.notUsed());
        }
    }
}
