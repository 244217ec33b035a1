package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.config.Setting;
import com.barnebys.analytics.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** compose.yaml fits the image and the settings. */
class ComposeTest {
    private Map<String, Object> compose;
    private Map<String, Object> tracker;

    @BeforeEach
    @SuppressWarnings("unchecked")
    void read() throws IOException {
        compose = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(Path.of("compose.yaml")));
        tracker = ((Map<String, Map<String, Object>>) compose.get("services")).get("tracker");
    }

    @Test
    void theContainerMayDoNoMoreThanItMust() {
        assertThat(tracker)
                .containsEntry("read_only", true)
                .containsEntry("cap_drop", List.of("ALL"))
                .containsEntry("security_opt", List.of("no-new-privileges:true"))
                .doesNotContainKeys("privileged", "cap_add", "user", "network_mode", "tmpfs");
    }

    @Test
    void itsEnvironmentIsOfSettings() {
        List<String> names = Setting.all().stream()
                .flatMap(setting -> Stream.of(setting.name(), setting.name() + "_FILE"))
                .toList();

        assertThat(((Map<?, ?>) tracker.get("environment")).keySet())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(names).contains(name.toString()));
    }

    @Test
    void theManagementPortIsForTheMachineOnly() {
        assertThat(tracker.get("ports")).isEqualTo(List.of("3000:3000", "127.0.0.1:9090:9090"));
    }

    @Test
    void dataOutliveTheContainer() {
        assertThat(((List<?>) tracker.get("volumes")).get(0)).isEqualTo("data:/data");
        assertThat(((Map<?, ?>) compose.get("volumes")).keySet()).isEqualTo(Set.of("data"));
    }

    @Test
    void itIsLeftTheTimeItMayTakeToStop() {
        Settings defaults = Settings.of(Map.of());
        Duration grace = Duration.parse("PT" + tracker.get("stop_grace_period"));

        // The five seconds of the README's rule that requests under way may take are in the ten.
        assertThat(grace)
                .isGreaterThanOrEqualTo(
                        defaults.prestop().plus(defaults.drain()).plusSeconds(10));
    }
}
