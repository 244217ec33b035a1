package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.hit.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
    @TempDir
    private Path dir;

    @Test
    void firstStartMakesOneForTheOwnerOnlyAndLaterStartsReadIt() throws IOException {
        Path data = dir.resolve("new/data");
        SecretFile file = new SecretFile(data);

        Secret made = file.readOrMake();

        assertThat(made.length()).isEqualTo(43);
        assertThat(Files.readString(file.path())).matches("[A-Za-z0-9_-]{43}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo("rw-------");
        assertThat(new SecretFile(data).readOrMake()).isEqualTo(made);
        assertThat(names(data)).containsExactly("secret");
    }

    @Test
    void noTwoAreTheSame() throws IOException {
        assertThat(new SecretFile(dir.resolve("a")).readOrMake())
                .isNotEqualTo(new SecretFile(dir.resolve("b")).readOrMake());
    }

    @Test
    void ownSecretInTheFileIsTakenWithoutItsNewline() throws IOException {
        Files.writeString(dir.resolve("secret"), "mine\r\n");

        assertThat(new SecretFile(dir).readOrMake()).isEqualTo(new Secret("mine"));
    }

    @Test
    void endlessFileIsNotCutToASecret() throws IOException {
        Files.writeString(dir.resolve("secret"), "x".repeat(4097));

        assertThatThrownBy(() -> new SecretFile(dir).readOrMake()).hasMessageContaining("too long");
    }

    @Test
    void emptyFileIsLeftToAPerson() throws IOException {
        Files.writeString(dir.resolve("secret"), "\n");

        assertThatThrownBy(() -> new SecretFile(dir).readOrMake())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("empty (expected: a secret");
    }

    @Test
    void startersThatRaceTakeTheSame() throws Exception {
        int starters = 4;
        ExecutorService threads = Executors.newFixedThreadPool(starters);
        try {
            for (int round = 0; round < 50; round++) {
                Path data = dir.resolve("race" + round);
                CyclicBarrier start = new CyclicBarrier(starters);
                List<Future<Secret>> started = new ArrayList<>();
                for (int i = 0; i < starters; i++) {
                    started.add(threads.submit(() -> {
                        start.await();
                        return new SecretFile(data).readOrMake();
                    }));
                }
                Set<Secret> taken = new HashSet<>();
                for (Future<Secret> one : started) {
                    taken.add(one.get());
                }

                assertThat(taken).hasSize(1);
                assertThat(names(data)).containsExactly("secret");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void settingsUseItOnlyWhenNoSecretIsGiven() throws IOException {
        Map<String, String> given = Map.of("DATA_DIR", dir.toString(), "SECRETS_PREVIOUS", "old");

        assertThat(Settings.of(Map.of("DATA_DIR", dir.toString(), "SECRET", "s"))
                        .secrets()
                        .current())
                .isEqualTo(new Secret("s"));
        assertThat(dir.resolve("secret")).doesNotExist();

        Secret made = Settings.of(given).secrets().current();
        assertThat(Files.readString(dir.resolve("secret")).strip().getBytes(StandardCharsets.UTF_8))
                .isEqualTo(made.bytes());
        assertThat(Settings.of(given).secrets().secrets()).containsExactly(made, new Secret("old"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }
}
