package com.barnebys.analytics.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that read what we ship, where this machine has them. */
final class Kubectl {
    private static final int SECONDS_MAX = 60;
    /** Several tests look at the same. */
    private static final Map<Path, String> RENDERED = new HashMap<>();

    private Kubectl() {}

    /** What a cluster would be given. The test is skipped where kubectl lacks, or is older than components (1.21). */
    static synchronized String kustomize(Path directory) throws IOException, InterruptedException {
        if (!RENDERED.containsKey(directory)) {
            assumeTrue(knowsComponents(), "kubectl 1.21 or newer is not installed");
            RENDERED.put(directory, run(Path.of("."), "kubectl", "kustomize", directory.toString()));
        }
        return RENDERED.get(directory);
    }

    private static boolean knowsComponents() throws IOException, InterruptedException {
        if (!RENDERED.isEmpty()) {
            return true;
        }
        if (!isInstalled("kubectl")) {
            return false;
        }
        // Client only: asks no cluster.
        String version = run(Path.of("."), "kubectl", "version", "--client=true", "--output=yaml");
        return version.contains("kustomizeVersion: v5") || version.contains("kustomizeVersion: v4");
    }

    static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Its output; fails when the program does. */
    static String run(Path directory, String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("out", ".txt");
        try {
            Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            boolean hasEnded = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
            process.destroyForcibly();
            String text = Files.readString(out, StandardCharsets.UTF_8);
            assertThat(hasEnded).as(text).isTrue();
            assertThat(process.exitValue()).as(text).isZero();
            return text;
        } finally {
            Files.delete(out);
        }
    }
}
