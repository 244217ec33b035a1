package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.config.SettingsLoader.Outside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManagementAddressTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, http://127.0.0.1:9090",
        "0.0.0.0, http://127.0.0.1:9090",
        "::, http://[::1]:9090",
        "[::], http://[::1]:9090",
        "[::1], http://[::1]:9090",
        "10.0.0.7, http://10.0.0.7:9090"
    })
    void isReachedFromTheSameMachine(String listening, String shown) {
        assertThat(address(Map.of("MANAGEMENT_HOST", listening))).hasToString(shown);
        assertThat(ManagementAddress.of(Settings.of(Map.of("MANAGEMENT_HOST", listening))))
                .hasToString(shown);
    }

    @Test
    void comesFromTheLayerThatWins() throws IOException {
        Path file = write("file.yaml", "MANAGEMENT_PORT: 1\n");
        Path overlays = Files.createDirectory(dir.resolve("overlays"));
        Path value = write("value", "3\n");

        assertThat(address(Map.of()).port()).isEqualTo(9090);
        assertThat(address(Map.of("CONFIG_FILE", file.toString())).port()).isEqualTo(1);
        Files.writeString(overlays.resolve("a.yaml"), "MANAGEMENT_PORT: 2\n");
        Map<String, String> both = Map.of("CONFIG_FILE", file.toString(), "CONFIG_DIR", overlays.toString());
        assertThat(address(both).port()).isEqualTo(2);
        assertThat(address(Map.of("CONFIG_DIR", overlays.toString(), "MANAGEMENT_PORT_FILE", value.toString()))
                        .port())
                .isEqualTo(3);
        assertThat(address(Map.of("CONFIG_DIR", overlays.toString(), "MANAGEMENT_PORT", "4"))
                        .port())
                .isEqualTo(4);
    }

    @Test
    void mistakesElsewhereDoNotMatter() throws IOException {
        Path file = write("file.yaml", "MANAGEMENT_PORT: 17\nDRAIN: soon\nNONSENSE: 1\n");
        Map<String, String> environment = Map.of(
                "CONFIG_FILE",
                file.toString(),
                "CONFIG_DIR",
                dir.resolve("nowhere").toString(),
                "MANAGEMENT_HOST",
                "a b");

        assertThat(address(environment)).isEqualTo(new ManagementAddress("127.0.0.1", 17));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    private ManagementAddress address(Map<String, String> environment) {
        return ManagementAddress.of(
                PlainReading.of(Outside.given(environment, Map.of()), dir.resolve("conf/analytics.yaml")));
    }
}
