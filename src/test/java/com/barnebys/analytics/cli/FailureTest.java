package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailureTest {
    static Stream<Arguments> failures() {
        IOException denied = new AccessDeniedException("/data/secret");
        return Stream.of(
                Arguments.of(denied, "/data/secret: access denied"),
                Arguments.of(new IOException("/data/secret", denied), "/data/secret: access denied"),
                Arguments.of(new NoSuchFileException("/data/x"), "/data/x: no such file or directory"),
                Arguments.of(
                        new FileSystemException("/data/x", null, "Read-only file system"),
                        "/data/x: Read-only file system"),
                Arguments.of(
                        new IOException("DATA_DIR: /data: " + denied, denied),
                        "DATA_DIR: /data: java.nio.file.AccessDeniedException: /data/secret"),
                Arguments.of(new IOException("PORT: in use", denied), "PORT: in use"),
                Arguments.of(new IllegalStateException(), "java.lang.IllegalStateException"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void sayWhyAndNotOnlyWhere(Throwable failure, String text) {
        assertThat(Failure.text(failure)).isEqualTo(text);
    }
}
