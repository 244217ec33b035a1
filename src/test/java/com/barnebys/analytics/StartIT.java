package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails says which setting to look at, and leaves nothing behind that a later start would meet. */
class StartIT {
    @TempDir
    Path running;

    @TempDir
    Path failing;

    @Test
    void portInUseIsNamedAndTheNextStartSucceeds() throws Exception {
        try (TestTracker first = TestTracker.start(running, Map.of("SECRET", "test"))) {
            String port = Integer.toString(first.port());
            String managementPort = Integer.toString(first.managementPort());

            assertThatThrownBy(() -> TestTracker.start(failing, Map.of("SECRET", "test", "PORT", port)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("PORT: " + port);
            assertThatThrownBy(() ->
                            TestTracker.start(failing, Map.of("SECRET", "test", "MANAGEMENT_PORT", managementPort)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("MANAGEMENT_PORT: " + managementPort);
        }
        try (TestTracker next = TestTracker.start(failing, Map.of("SECRET", "test"))) {
            assertThat(RawHttp.get(next.port(), "/health-check").status()).isEqualTo(200);
        }
    }

    @Test
    void fileInPlaceOfTheDirectoryIsNamed() throws Exception {
        Path file = Files.createFile(failing.resolve("file"));

        assertThatThrownBy(() -> TestTracker.start(file, Map.of("SECRET", "test")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("DATA_DIR: " + file);
    }

    @Test
    void secondProcessOnADirectoryIsRefused() throws Exception {
        try (TestTracker first = TestTracker.start(running, Map.of("SECRET", "test"))) {
            assertThatThrownBy(() -> TestTracker.start(running, Map.of("SECRET", "test")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected: one process a directory");
            assertThat(RawHttp.get(first.port(), "/health-check").status()).isEqualTo(200);
        }
    }
}
