package com.barnebys.analytics.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Alert rules and dashboard: that they work, lead to what to do, and are shipped in one version. */
class MonitoringTest {
    @Test
    void rulesFireWhenTheyShouldAndOnlyThen() throws Exception {
        assumeTrue(Kubectl.isInstalled("promtool"), "promtool is not installed");

        assertThat(Kubectl.run(Monitoring.DIRECTORY, "promtool", "check", "rules", "alerts.yaml"))
                .contains("SUCCESS");
        assertThat(Kubectl.run(Monitoring.DIRECTORY, "promtool", "test", "rules", "alerts_test.yaml"))
                .contains("SUCCESS");
    }

    @Test
    void everyRuleIsTestedFiringAndSilent() throws IOException {
        Set<String> firing = new TreeSet<>();
        Set<String> silent = new TreeSet<>();
        for (Map<String, Object> test :
                Monitoring.list(Monitoring.yaml("alerts_test.yaml").get("tests"))) {
            for (Map<String, Object> expectation : Monitoring.list(test.get("alert_rule_test"))) {
                boolean fires = !Monitoring.list(expectation.get("exp_alerts")).isEmpty();
                (fires ? firing : silent).add(String.valueOf(expectation.get("alertname")));
            }
        }

        Set<String> names =
                Monitoring.alerts().stream().map(Monitoring.Alert::name).collect(Collectors.toCollection(TreeSet::new));
        assertThat(firing).isEqualTo(names);
        assertThat(silent).isEqualTo(names);
    }

    @Test
    void everyRuleSaysHowBadItIsAndWhatToDo() throws IOException {
        Set<String> headings = headings(Path.of("docs/operations.md"));
        for (Monitoring.Alert alert : Monitoring.alerts()) {
            assertThat(alert.labels().get("severity")).as(alert.name()).isIn("critical", "warning");
            assertThat(alert.annotations()).as(alert.name()).containsOnlyKeys("summary", "runbook_url");
            String runbook = alert.annotations().get("runbook_url");
            assertThat(runbook).isEqualTo("docs/operations.md#" + alert.name().toLowerCase(Locale.ROOT));
            assertThat(headings).contains(alert.name());
        }
    }

    @Test
    void theOperatorsRulesAreTheSame() throws IOException {
        Object made = ((Map<?, ?>) Monitoring.yaml("prometheusrule.yaml").get("spec")).get("groups");

        assertThat(made)
                .as("run bin/alerts")
                .isEqualTo(Monitoring.yaml("alerts.yaml").get("groups"));
    }

    @Test
    void theDashboardFitsEveryGrafana() throws IOException {
        JsonObject dashboard = Monitoring.dashboard();

        assertThat(dashboard.fieldNames()).doesNotContain("id", "uid", "version");
        assertThat(dashboard.getInteger("schemaVersion")).isGreaterThanOrEqualTo(39);
        assertThat(dashboard.encode()).doesNotContain("\"id\":\"", "${DS_");
        Set<String> titles = new HashSet<>();
        int bottom = 0;
        for (JsonObject panel : Monitoring.objects(dashboard.getJsonArray("panels"))) {
            String title = panel.getString("title");
            assertThat(titles.add(title)).as(title).isTrue();
            assertThat(panel.fieldNames()).as(title).doesNotContain("id");
            JsonObject place = panel.getJsonObject("gridPos");
            assertThat(place.getInteger("x") + place.getInteger("w")).as(title).isLessThanOrEqualTo(24);
            assertThat(place.getInteger("y")).as(title).isGreaterThanOrEqualTo(bottom);
            bottom = place.getInteger("y");
            if (!panel.getString("type").equals("row")) {
                assertThat(panel.getJsonObject("datasource").getString("uid"))
                        .as(title)
                        .isEqualTo("${datasource}");
                assertThat(panel.getJsonArray("targets", new JsonArray()))
                        .as(title)
                        .isNotEmpty();
            }
        }
        assertThat(titles).contains("Intake", "Spool", "Sink", "Configuration and keys", "JVM");
    }

    private static Set<String> headings(Path document) throws IOException {
        return Files.readAllLines(document).stream()
                .filter(Pattern.compile("^#+ ").asPredicate())
                .map(line -> line.replaceFirst("^#+ ", "").strip())
                .collect(Collectors.toSet());
    }
}
