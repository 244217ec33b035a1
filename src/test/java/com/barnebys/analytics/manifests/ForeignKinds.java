package com.barnebys.analytics.manifests;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields we use of kinds that the Kubernetes model lacks, by their published definitions: the Prometheus operator's
 * (monitoring.coreos.com/v1) and GKE's policies (networking.gke.io/v1). {@code !} marks what must be there; a list is
 * looked at element by element; below a name without entry anything goes.
 */
final class ForeignKinds {
    private static final Map<String, String> VERSIONS = Map.of(
            "PodMonitor", "monitoring.coreos.com/v1",
            "PrometheusRule", "monitoring.coreos.com/v1",
            "HealthCheckPolicy", "networking.gke.io/v1",
            "GCPBackendPolicy", "networking.gke.io/v1");

    private static final Map<String, Set<String>> FIELDS = Map.ofEntries(
            Map.entry(
                    "PodMonitor", Set.of("selector!", "podMetricsEndpoints!", "namespaceSelector", "podTargetLabels")),
            Map.entry("PodMonitor.selector", Set.of("matchLabels!")),
            Map.entry(
                    "PodMonitor.podMetricsEndpoints",
                    Set.of("port!", "path!", "interval", "scrapeTimeout", "relabelings", "metricRelabelings")),
            Map.entry(
                    "PodMonitor.podMetricsEndpoints.relabelings",
                    Set.of("sourceLabels", "targetLabel", "regex", "replacement", "action")),
            Map.entry("PrometheusRule", Set.of("groups!")),
            Map.entry("PrometheusRule.groups", Set.of("name!", "rules!", "interval")),
            Map.entry(
                    "PrometheusRule.groups.rules",
                    Set.of("alert!", "expr!", "for", "keep_firing_for", "labels!", "annotations!")),
            Map.entry("HealthCheckPolicy", Set.of("targetRef!", "default!")),
            Map.entry("HealthCheckPolicy.targetRef", Set.of("group!", "kind!", "name!", "namespace")),
            Map.entry(
                    "HealthCheckPolicy.default",
                    Set.of(
                            "checkIntervalSec",
                            "timeoutSec",
                            "healthyThreshold",
                            "unhealthyThreshold",
                            "config!",
                            "logConfig")),
            Map.entry("HealthCheckPolicy.default.config", Set.of("type!", "httpHealthCheck!")),
            Map.entry(
                    "HealthCheckPolicy.default.config.httpHealthCheck",
                    Set.of("port", "portName", "portSpecification", "host", "requestPath!", "response", "proxyHeader")),
            Map.entry("GCPBackendPolicy", Set.of("targetRef!", "default!")),
            Map.entry("GCPBackendPolicy.targetRef", Set.of("group!", "kind!", "name!", "namespace")),
            Map.entry(
                    "GCPBackendPolicy.default",
                    Set.of("timeoutSec", "connectionDraining", "logging", "securityPolicy", "sessionAffinity", "iap")),
            Map.entry("GCPBackendPolicy.default.connectionDraining", Set.of("drainingTimeoutSec!")),
            Map.entry("GCPBackendPolicy.default.logging", Set.of("enabled!", "sampleRate")));

    private ForeignKinds() {}

    static List<String> problems(GenericKubernetesResource object) {
        List<String> problems = new ArrayList<>();
        String kind = object.getKind();
        if (!object.getApiVersion().equals(VERSIONS.get(kind))) {
            problems.add(kind + ": version " + object.getApiVersion() + ", expected: " + VERSIONS.get(kind));
        }
        for (Map.Entry<String, Object> field : object.getAdditionalProperties().entrySet()) {
            if (field.getKey().equals("spec")) {
                check(kind, field.getValue(), problems);
            } else {
                problems.add(kind + "." + field.getKey() + ": unknown field");
            }
        }
        return problems;
    }

    private static void check(String path, Object value, List<String> problems) {
        Set<String> fields = FIELDS.get(path);
        if (fields == null) {
            return;
        }
        if (value instanceof List<?> list) {
            list.forEach(element -> check(path, element, problems));
        } else if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                String name = String.valueOf(entry.getKey());
                if (!fields.contains(name) && !fields.contains(name + "!")) {
                    problems.add(path + "." + name + ": unknown field");
                }
                check(path + "." + name, entry.getValue(), problems);
            }
            fields.stream()
                    .filter(field -> field.endsWith("!") && !map.containsKey(field.replace("!", "")))
                    .forEach(field -> problems.add(path + "." + field.replace("!", "") + ": missing"));
        } else {
            problems.add(path + ": neither list nor map");
        }
    }
}
