package com.barnebys.analytics.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.config.MountedSettings;
import com.barnebys.analytics.config.Settings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/deployment.md and docs/operations.md have people copy. */
class GuidesTest {
    private static final Path DEPLOYMENT = Path.of("docs/deployment.md");
    private static final Path OPERATIONS = Path.of("docs/operations.md");
    private static final int STOP_SECONDS = 10;

    @TempDir
    Path directory;

    @Test
    void objectsInGuidesHaveKnownFieldsOnly() throws IOException {
        List<HasMetadata> objects = new ArrayList<>();
        for (Path guide : List.of(DEPLOYMENT, OPERATIONS)) {
            for (String block : blocks(guide, "yaml")) {
                if (block.startsWith("apiVersion:")) {
                    Manifests read = Manifests.read(block);
                    assertThat(read.problems()).as(block).isEmpty();
                    objects.addAll(read.all());
                }
            }
        }

        assertThat(objects).extracting(HasMetadata::getKind).containsExactly("Gateway", "Job", "Pod");
    }

    @Test
    void theJobSeesWhatATrackerSees() throws IOException {
        Job job = blocks(OPERATIONS, "yaml").stream()
                .filter(block -> block.contains("kind: Job"))
                .flatMap(block -> Manifests.read(block).all(Job.class).stream())
                .findFirst()
                .orElseThrow();
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        PodSpec tracker = Manifests.read(Files.readString(Path.of("k8s/base/statefulset.yaml")))
                .tracker()
                .getSpec()
                .getTemplate()
                .getSpec();

        assertThat(pod.getSecurityContext()).isEqualTo(tracker.getSecurityContext());
        assertThat(pod.getServiceAccountName()).isEqualTo(tracker.getServiceAccountName());
        assertThat(pod.getContainers().get(0).getSecurityContext())
                .isEqualTo(tracker.getContainers().get(0).getSecurityContext());
        assertThat(pod.getContainers().get(0).getVolumeMounts())
                .isEqualTo(tracker.getContainers().get(0).getVolumeMounts());
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getName().equals("config"))
                .isEqualTo(tracker.getVolumes().stream()
                        .filter(volume -> volume.getName().equals("config"))
                        .toList());
        assertThat(job.getSpec().getTemplate().getMetadata().getLabels()).doesNotContainKey("app.kubernetes.io/name");
    }

    @Test
    void theUnitWaitsUntilTheTrackerHasStopped() throws IOException {
        String unit = blocks(DEPLOYMENT, "ini").get(0);
        Map<String, String> environment = new HashMap<>();
        for (String variable : value(unit, "Environment").split(" ")) {
            String[] parts = variable.split("=", 2);
            assertThat(MountedSettings.isName(parts[0])).as(parts[0]).isTrue();
            environment.put(parts[0], parts[1]);
        }
        environment.put("CONFIG_DIR", directory.toString());
        Files.writeString(directory.resolve("secrets.yaml"), "SECRET: 0123456789abcdef0123456789abcdef\n");
        Files.writeString(directory.resolve("analytics.yaml"), "TRUSTED_PROXIES: 127.0.0.1\nHOST: 127.0.0.1\n");

        Settings settings = MountedSettings.read(environment);

        assertThat(Long.parseLong(value(unit, "TimeoutStopSec")))
                .isGreaterThanOrEqualTo(
                        settings.prestop().plus(settings.drain()).toSeconds() + STOP_SECONDS);
        assertThat(settings.warnings()).isEmpty();
        assertThat(settings.dataDir()).isEqualTo(Path.of("/var/lib", value(unit, "StateDirectory")));
    }

    private static String value(String unit, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + "=(.*)$").matcher(unit);
        assertThat(line.find()).as(name).isTrue();
        return line.group(1);
    }

    /** Fenced blocks of a language, also those within a list. */
    private static List<String> blocks(Path guide, String language) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher block =
                Pattern.compile("(?ms)^( *)```" + language + "\\n(.*?)^ *```$").matcher(Files.readString(guide));
        while (block.find()) {
            blocks.add(block.group(2).replaceAll("(?m)^" + block.group(1), ""));
        }
        return blocks;
    }
}
