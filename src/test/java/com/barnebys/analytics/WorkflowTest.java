package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What runs elsewhere: the hosted checks, and the robot that proposes updates. */
class WorkflowTest {
    private static final Path WORKFLOW = Path.of(".github/workflows/ci.yml");

    /** A tag can be moved to other code; a commit cannot. */
    @Test
    void actionsArePinnedByCommit() throws IOException {
        List<String> uses = Files.readAllLines(WORKFLOW).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("- uses:"))
                .toList();

        assertThat(uses)
                .isNotEmpty()
                .allMatch(line -> line.matches("- uses: [\\w./-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+"));
    }

    @Test
    void itMayOnlyRead() throws IOException {
        assertThat(workflow().get("permissions")).isEqualTo(Map.of("contents", "read"));
        assertThat(jobs()).allSatisfy((name, job) -> assertThat(job).doesNotContainKey("permissions"));
    }

    @Test
    void bothJdksAreChecked() throws IOException {
        assertThat(jobs().get("verify").toString()).contains("matrix={java=[17, 25]}");
    }

    @Test
    void theScriptsItRunsExist() throws IOException {
        List<String> scripts = Files.readAllLines(WORKFLOW).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("- run: bin/"))
                .map(line -> line.split("\\s+")[2])
                .toList();

        assertThat(scripts)
                .isNotEmpty()
                .allSatisfy(script -> assertThat(Path.of(script)).isExecutable());
    }

    @Test
    void updatesComeInGroups() throws IOException {
        JsonArray rules = new JsonObject(Files.readString(Path.of("renovate.json"))).getJsonArray("packageRules");

        Set<String> groups = Set.copyOf(rules.stream()
                .map(rule -> ((JsonObject) rule).getString("groupName", ""))
                .filter(name -> !name.isEmpty())
                .toList());
        assertThat(groups).contains("vertx", "google", "netty", "tests");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> jobs() throws IOException {
        return (Map<String, Map<String, Object>>) workflow().get("jobs");
    }

    private static Map<String, Object> workflow() throws IOException {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(WORKFLOW));
    }
}
