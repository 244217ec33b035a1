package com.barnebys.analytics.manifests;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Alert rules and dashboard as they are shipped. */
final class Monitoring {
    static final Path DIRECTORY = Path.of("k8s/components/monitoring");

    private Monitoring() {}

    /** @param annotations summary and runbook_url */
    record Alert(String name, String expression, Map<String, String> labels, Map<String, String> annotations) {}

    static List<Alert> alerts() throws IOException {
        List<Alert> alerts = new ArrayList<>();
        for (Map<String, Object> group : list(yaml("alerts.yaml").get("groups"))) {
            for (Map<String, Object> rule : list(group.get("rules"))) {
                alerts.add(new Alert(
                        String.valueOf(rule.get("alert")),
                        String.valueOf(rule.get("expr")),
                        texts(rule.get("labels")),
                        texts(rule.get("annotations"))));
            }
        }
        return alerts;
    }

    static Map<String, Object> yaml(String name) throws IOException {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(DIRECTORY.resolve(name)));
    }

    static JsonObject dashboard() throws IOException {
        return new JsonObject(Files.readString(DIRECTORY.resolve("dashboard.json")));
    }

    /** Every expression that alerts and dashboard ask Prometheus. */
    static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        alerts().forEach(alert -> expressions.add(alert.expression()));
        JsonObject dashboard = dashboard();
        objects(dashboard.getJsonArray("panels"))
                .forEach(panel -> objects(panel.getJsonArray("targets", new JsonArray()))
                        .forEach(target -> expressions.add(target.getString("expr"))));
        objects(dashboard.getJsonObject("templating").getJsonArray("list")).stream()
                .filter(variable -> variable.getString("type").equals("query"))
                .forEach(variable -> expressions.add(variable.getString("definition")));
        objects(dashboard.getJsonObject("annotations").getJsonArray("list"))
                .forEach(annotation -> expressions.add(annotation.getString("expr")));
        return expressions;
    }

    static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    @SuppressWarnings("unchecked") // YAML of ours: lists of maps
    static List<Map<String, Object>> list(Object value) {
        return (List<Map<String, Object>>) value;
    }

    @SuppressWarnings("unchecked") // YAML of ours: texts by name
    private static Map<String, String> texts(Object value) {
        return (Map<String, String>) value;
    }
}
