package com.barnebys.analytics.manifests;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Objects for a cluster, read as strictly as no cluster does: a field that nobody knows, a kind that is none, and a value of
 * another type are problems, not passed over.
 */
final class Manifests {
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    /** Kinds of others, which the model lacks: looked at by {@link ForeignKinds}. */
    private static final Set<String> FOREIGN =
            Set.of("PodMonitor", "PrometheusRule", "HealthCheckPolicy", "GCPBackendPolicy");

    /** What a cluster demands and the model does not know of; of a list, in each element. */
    private static final Map<String, List<String>> REQUIRED = Map.of(
            "StatefulSet",
            List.of(
                    "spec.serviceName",
                    "spec.selector.matchLabels",
                    "spec.template.metadata.labels",
                    "spec.template.spec.containers.name",
                    "spec.template.spec.containers.image",
                    "spec.template.spec.containers.ports.containerPort",
                    "spec.template.spec.containers.env.name",
                    "spec.template.spec.containers.volumeMounts.mountPath",
                    "spec.template.spec.volumes.name",
                    "spec.volumeClaimTemplates.metadata.name",
                    "spec.volumeClaimTemplates.spec.accessModes",
                    "spec.volumeClaimTemplates.spec.resources.requests.storage"),
            "Service",
            List.of("spec.ports.port"),
            "HorizontalPodAutoscaler",
            List.of("spec.scaleTargetRef.kind", "spec.scaleTargetRef.name", "spec.maxReplicas", "spec.metrics.type"),
            "PodDisruptionBudget",
            List.of("spec.selector"),
            "NetworkPolicy",
            List.of("spec.podSelector", "spec.policyTypes"),
            "Ingress",
            List.of(
                    "spec.rules.http.paths.pathType",
                    "spec.rules.http.paths.backend.service.name",
                    "spec.rules.http.paths.backend.service.port"),
            "HTTPRoute",
            List.of("spec.parentRefs.name", "spec.rules.backendRefs.name", "spec.rules.backendRefs.port"),
            "Gateway",
            List.of("spec.gatewayClassName", "spec.listeners.name", "spec.listeners.port", "spec.listeners.protocol"));

    private final List<HasMetadata> objects = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    private Manifests() {}

    /** @param text documents of YAML, separated by {@code ---} */
    static Manifests read(String text) {
        Manifests manifests = new Manifests();
        for (String document : text.split("(?m)^---\\s*$")) {
            if (document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#"))) {
                manifests.add(document);
            }
        }
        return manifests;
    }

    private void add(String document) {
        Object object;
        try {
            object = SERIALIZATION.unmarshal(document);
        } catch (RuntimeException e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            problems.add("not readable: "
                    + String.valueOf(root.getMessage()).lines().findFirst().orElse("") + "\n"
                    + document.strip().lines().limit(4).toList());
            return;
        }
        if (!(object instanceof HasMetadata known)) {
            problems.add("no object: " + object);
            return;
        }
        String path = known.getKind() + " " + known.getMetadata().getName();
        objects.add(known);
        if (known instanceof GenericKubernetesResource generic) {
            if (FOREIGN.contains(known.getKind())) {
                problems.addAll(ForeignKinds.problems(generic));
            } else {
                problems.add(path + ": unknown kind of " + known.getApiVersion());
            }
        } else {
            unknownFields(known, path);
            REQUIRED.getOrDefault(known.getKind(), List.of()).forEach(field -> missing(known, path, field));
        }
    }

    private void missing(HasMetadata object, String path, String field) {
        List<Object> values = new ArrayList<>(List.of(SERIALIZATION.convertValue(object, Map.class)));
        String at = path;
        for (String step : field.split("\\.")) {
            at += "." + step;
            List<Object> next = new ArrayList<>();
            for (Object value : values) {
                Object below = value instanceof Map<?, ?> map ? map.get(step) : null;
                if (below == null || (below instanceof Collection<?> none && none.isEmpty())) {
                    problems.add(at + ": missing");
                } else if (below instanceof Collection<?> several) {
                    next.addAll(several);
                } else {
                    next.add(below);
                }
            }
            values = next;
        }
    }

    /** Every object of the model keeps what it does not know in a map of its own. */
    private void unknownFields(Object value, String path) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, element) -> unknownFields(element, path + "." + key));
        } else if (value instanceof Collection<?> list) {
            list.forEach(element -> unknownFields(element, path + "[]"));
        } else if (value != null && value.getClass().getName().startsWith("io.fabric8.")) {
            for (Class<?> type = value.getClass(); type != Object.class; type = type.getSuperclass()) {
                for (Field field : type.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers()) && !(value instanceof Enum)) {
                        unknownField(value, field, path);
                    }
                }
            }
        }
    }

    private void unknownField(Object owner, Field field, String path) {
        Object value;
        try {
            field.setAccessible(true);
            value = field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
        if (!field.getName().equals("additionalProperties")) {
            unknownFields(value, path + "." + field.getName());
        } else if (value instanceof Map<?, ?> unknown) {
            unknown.keySet().forEach(key -> problems.add(path + "." + key + ": unknown field"));
        }
    }

    /** What reading found, one line each. */
    List<String> problems() {
        return problems;
    }

    List<HasMetadata> all() {
        return objects;
    }

    <T extends HasMetadata> List<T> all(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    List<GenericKubernetesResource> foreign(String kind) {
        return all(GenericKubernetesResource.class).stream()
                .filter(object -> object.getKind().equals(kind))
                .toList();
    }

    <T extends HasMetadata> Optional<T> named(Class<T> type, String name) {
        return all(type).stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst();
    }

    /** The tracker. */
    StatefulSet tracker() {
        return named(StatefulSet.class, "analytics").orElseThrow();
    }

    /** The files that a ConfigMap of that name is mounted as. */
    Map<String, String> files(String configMap) {
        return named(ConfigMap.class, configMap).map(ConfigMap::getData).orElse(Map.of());
    }
}
