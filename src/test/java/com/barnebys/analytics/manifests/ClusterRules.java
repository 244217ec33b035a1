package com.barnebys.analytics.manifests;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What must hold between the objects: who selects whom, what leads where, and that nothing leads to the management port. */
final class ClusterRules {
    private static final int PUBLIC_PORT = 3000;
    private static final int MANAGEMENT_PORT = 9090;
    /** Names, Google, PostgreSQL. */
    private static final List<Integer> EGRESS_PORTS = List.of(53, 443, 5432);

    private final Manifests manifests;
    private final List<String> problems = new ArrayList<>();
    private final StatefulSet tracker;
    private final Map<String, String> podLabels;
    private final Container container;

    private ClusterRules(Manifests manifests) {
        this.manifests = manifests;
        this.tracker = manifests.tracker();
        this.podLabels = tracker.getSpec().getTemplate().getMetadata().getLabels();
        this.container =
                tracker.getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    static List<String> problems(Manifests manifests) {
        ClusterRules rules = new ClusterRules(manifests);
        rules.selectors();
        rules.services();
        rules.wayIn();
        rules.policies();
        rules.disruption();
        rules.scaling();
        rules.names();
        return rules.problems;
    }

    private void require(boolean holds, String claim) {
        if (!holds) {
            problems.add(claim);
        }
    }

    private void selectors() {
        selects(tracker.getSpec().getSelector(), "StatefulSet");
        tracker.getSpec()
                .getTemplate()
                .getSpec()
                .getTopologySpreadConstraints()
                .forEach(spread -> selects(spread.getLabelSelector(), "topologySpreadConstraints"));
        manifests
                .all(PodDisruptionBudget.class)
                .forEach(budget -> selects(budget.getSpec().getSelector(), "PodDisruptionBudget"));
        manifests
                .all(NetworkPolicy.class)
                .forEach(policy -> selects(
                        policy.getSpec().getPodSelector(),
                        "NetworkPolicy " + policy.getMetadata().getName()));
        for (GenericKubernetesResource monitor : manifests.foreign("PodMonitor")) {
            Map<String, String> labels = monitor.get("spec", "selector", "matchLabels");
            require(labels != null && isOfPod(labels), "PodMonitor: selects other pods");
            List<Map<String, Object>> endpoints = monitor.get("spec", "podMetricsEndpoints");
            endpoints.forEach(
                    endpoint -> require("management".equals(endpoint.get("port")), "PodMonitor: another port"));
        }
    }

    private void selects(LabelSelector selector, String who) {
        require(
                selector != null && selector.getMatchExpressions().isEmpty() && isOfPod(selector.getMatchLabels()),
                who + ": its selector does not match the pods");
    }

    private boolean isOfPod(Map<String, String> labels) {
        return labels != null && !labels.isEmpty() && podLabels.entrySet().containsAll(labels.entrySet());
    }

    private void services() {
        for (Service service : manifests.all(Service.class)) {
            String name = "Service " + service.getMetadata().getName();
            require(isOfPod(service.getSpec().getSelector()), name + ": its selector does not match the pods");
            require(!service.getSpec().getPorts().isEmpty(), name + ": no port");
            for (ServicePort port : service.getSpec().getPorts()) {
                require(
                        target(port.getTargetPort()).isPresent(),
                        name + ": no port of the container is " + port.getTargetPort());
            }
            boolean isInside = service.getSpec().getType() == null
                    || service.getSpec().getType().equals("ClusterIP");
            require(isInside || !leadsToManagement(service), name + ": opens the management port to the outside");
        }
        Optional<Service> governing =
                manifests.named(Service.class, tracker.getSpec().getServiceName());
        require(
                governing.isPresent() && "None".equals(governing.get().getSpec().getClusterIP()),
                "StatefulSet: serviceName is no headless Service");
    }

    private Optional<Integer> target(IntOrString port) {
        return container.getPorts().stream()
                .filter(each -> port != null
                        && (Objects.equals(each.getName(), port.getStrVal())
                                || Objects.equals(each.getContainerPort(), port.getIntVal())))
                .map(each -> each.getContainerPort())
                .findFirst();
    }

    private boolean leadsToManagement(Service service) {
        return service.getSpec().getPorts().stream()
                .anyMatch(port -> target(port.getTargetPort()).equals(Optional.of(MANAGEMENT_PORT)));
    }

    /** Whatever comes from outside goes to the public port. */
    private void wayIn() {
        for (Ingress ingress : manifests.all(Ingress.class)) {
            require(ingress.getSpec().getIngressClassName() != null, "Ingress: no class");
            require(!ingress.getSpec().getTls().isEmpty(), "Ingress: no TLS, and without it no lead from a pixel");
            ingress.getSpec()
                    .getRules()
                    .forEach(rule -> rule.getHttp().getPaths().forEach(path -> {
                        IngressServiceBackend backend = path.getBackend().getService();
                        leadsToPublic(
                                "Ingress",
                                backend.getName(),
                                backend.getPort().getName(),
                                backend.getPort().getNumber());
                    }));
        }
        for (HTTPRoute route : manifests.all(HTTPRoute.class)) {
            require(!route.getSpec().getParentRefs().isEmpty(), "HTTPRoute: no Gateway");
            route.getSpec()
                    .getRules()
                    .forEach(rule -> rule.getBackendRefs()
                            .forEach(
                                    backend -> leadsToPublic("HTTPRoute", backend.getName(), null, backend.getPort())));
        }
        for (String kind : List.of("HealthCheckPolicy", "GCPBackendPolicy")) {
            for (GenericKubernetesResource policy : manifests.foreign(kind)) {
                String service = policy.get("spec", "targetRef", "name");
                require(manifests.named(Service.class, service).isPresent(), kind + ": no Service " + service);
            }
        }
        for (GenericKubernetesResource check : manifests.foreign("HealthCheckPolicy")) {
            Object port = check.get("spec", "default", "config", "httpHealthCheck", "port");
            require(Objects.equals(port, PUBLIC_PORT), "HealthCheckPolicy: asks another port than the public one");
            Object path = check.get("spec", "default", "config", "httpHealthCheck", "requestPath");
            require("/health-check".equals(path), "HealthCheckPolicy: asks another path than /health-check");
        }
    }

    private void leadsToPublic(String who, String name, String portName, Integer number) {
        Optional<ServicePort> port = manifests.named(Service.class, name).stream()
                .flatMap(service -> service.getSpec().getPorts().stream())
                .filter(each -> Objects.equals(each.getName(), portName) || Objects.equals(each.getPort(), number))
                .findFirst();
        require(
                port.isPresent() && target(port.get().getTargetPort()).equals(Optional.of(PUBLIC_PORT)),
                who + ": leads to " + name + ", and not to the public port");
    }

    private void policies() {
        Set<Integer> out = new HashSet<>();
        boolean isPublicOpen = false;
        boolean isDenied = false;
        for (NetworkPolicy policy : manifests.all(NetworkPolicy.class)) {
            String name = "NetworkPolicy " + policy.getMetadata().getName();
            isDenied |= policy.getSpec().getPolicyTypes().containsAll(List.of("Ingress", "Egress"));
            for (NetworkPolicyIngressRule rule : policy.getSpec().getIngress()) {
                require(!rule.getPorts().isEmpty() && !rule.getFrom().isEmpty(), name + ": everybody, or every port");
                isPublicOpen |= opens(rule.getPorts(), PUBLIC_PORT);
                if (opens(rule.getPorts(), MANAGEMENT_PORT)) {
                    require(
                            rule.getFrom().stream()
                                    .allMatch(from -> from.getIpBlock() == null
                                            && from.getNamespaceSelector() != null
                                            && !from.getNamespaceSelector()
                                                    .getMatchLabels()
                                                    .isEmpty()),
                            name + ": opens the management port to others than a named namespace");
                }
            }
            policy.getSpec().getEgress().forEach(rule -> {
                require(!rule.getPorts().isEmpty(), name + ": every port outwards");
                rule.getPorts().forEach(port -> out.add(port.getPort().getIntVal()));
            });
        }
        require(isDenied, "NetworkPolicy: none that denies both ways");
        require(out.containsAll(EGRESS_PORTS), "NetworkPolicy: not all of " + EGRESS_PORTS + " are open outwards");
        boolean hasWayIn = !manifests.all(Ingress.class).isEmpty()
                || !manifests.all(HTTPRoute.class).isEmpty();
        require(isPublicOpen == hasWayIn, "NetworkPolicy: the public port and the way in do not go together");
    }

    private static boolean opens(List<NetworkPolicyPort> ports, int port) {
        return ports.stream().anyMatch(each -> {
            Integer first = each.getPort() == null ? null : each.getPort().getIntVal();
            return first == null
                    || first == port
                    || (each.getEndPort() != null && first <= port && port <= each.getEndPort());
        });
    }

    private void disruption() {
        List<PodDisruptionBudget> budgets = manifests.all(PodDisruptionBudget.class);
        require(budgets.size() == 1, "not one PodDisruptionBudget");
        for (PodDisruptionBudget budget : budgets) {
            require(
                    Objects.equals(budget.getSpec().getMaxUnavailable(), new IntOrString(1)),
                    "PodDisruptionBudget: not one at a time");
            require(
                    "AlwaysAllow".equals(budget.getSpec().getUnhealthyPodEvictionPolicy()),
                    "PodDisruptionBudget: keeps what is not ready");
        }
    }

    private void scaling() {
        List<HorizontalPodAutoscaler> scalers = manifests.all(HorizontalPodAutoscaler.class);
        for (HorizontalPodAutoscaler scaler : scalers) {
            var target = scaler.getSpec().getScaleTargetRef();
            require(
                    target.getKind().equals(tracker.getKind())
                            && target.getName().equals(tracker.getMetadata().getName())
                            && target.getApiVersion().equals(tracker.getApiVersion()),
                    "HorizontalPodAutoscaler: scales something else");
            require(
                    scaler.getSpec().getMinReplicas() != null
                            && scaler.getSpec().getMinReplicas() >= 2,
                    "fewer than two replicas");
        }
        require(scalers.isEmpty() == (tracker.getSpec().getReplicas() != null), "replicas: said twice, or by nobody");
    }

    private void names() {
        String account = tracker.getSpec().getTemplate().getSpec().getServiceAccountName();
        Optional<ServiceAccount> known = manifests.named(ServiceAccount.class, account);
        require(
                known.isPresent() && Boolean.FALSE.equals(known.get().getAutomountServiceAccountToken()),
                "ServiceAccount: missing, or with a token for everybody");
        for (HasMetadata object : manifests.all()) {
            String namespace = object.getMetadata().getNamespace();
            require(
                    namespace == null || namespace.equals("analytics"),
                    object.getKind() + " " + object.getMetadata().getName() + ": in namespace " + namespace);
        }
        for (Namespace namespace : manifests.all(Namespace.class)) {
            require(
                    "restricted".equals(namespace.getMetadata().getLabels().get("pod-security.kubernetes.io/enforce")),
                    "Namespace: not restricted");
        }
        require(manifests.all(Namespace.class).size() == 1, "Namespace: missing");
    }
}
