package com.barnebys.analytics.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdentityPoolCredentials;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests of {@code k8s/}: as written, and as kustomize hands them to a cluster. */
class ManifestsTest {
    private static final Path BASE = Path.of("k8s/base");

    @TempDir
    Path directory;

    // --- as written, without any tool

    @Test
    void theBaseIsSound() throws IOException {
        assertThat(problems(baseAsWritten())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("resourceFiles")
    void eachFileHasKnownFieldsOnly(Path file) throws IOException {
        // A patch lacks most of what an object needs.
        assertThat(Manifests.read(Files.readString(file)).problems())
                .filteredOn(problem -> !problem.endsWith(": missing"))
                .isEmpty();
    }

    @Test
    void everyFileIsPartOfAKustomization() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("k8s"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                String kustomization = Files.readString(file.resolveSibling("kustomization.yaml"));
                if (!name.equals("kustomization.yaml") && !name.startsWith("alerts")) {
                    assertThat(kustomization).as(file.toString()).contains(name);
                }
            }
        }
    }

    @Test
    void noSecretIsCommittedButTheOneOfTheDesk() throws IOException {
        List<Path> secrets = new ArrayList<>();
        for (Path file : files()) {
            if (Files.readString(file)
                    .lines()
                    .anyMatch(line -> line.matches("(SECRET|API_TOKEN|REFERENCES_URL): .+|kind: Secret"))) {
                secrets.add(file);
            }
        }

        assertThat(secrets).containsExactly(Path.of("k8s/overlays/local/secrets.yaml"));
        assertThat(Files.readString(secrets.get(0))).contains("known-to-everybody");
    }

    @Test
    void theSecretIsDescribedWhereItIsNeeded() throws IOException {
        String base = Files.readString(BASE.resolve("kustomization.yaml"));
        String guide = Files.readString(Path.of("docs/deployment.md"));

        assertThat(TrackerRules.DOCUMENTED_SECRET.keySet())
                .allSatisfy(key -> assertThat(base).contains(key))
                .allSatisfy(key -> assertThat(guide).contains(key));
    }

    // --- as a cluster gets them

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/local", "overlays/gke", "overlays/aks"})
    void whatIsRenderedIsSound(String kustomization) throws Exception {
        Manifests rendered = Manifests.read(Kubectl.kustomize(Path.of("k8s", kustomization)));

        assertThat(problems(rendered)).isEmpty();
        assertThat(rendered.tracker()
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getImage())
                .endsWith("barnebys-analytics:" + version());
    }

    @Test
    void componentsCanBeAddedToTheBase() throws Exception {
        Manifests rendered = composed("ingress", "monitoring");

        assertThat(problems(rendered)).isEmpty();
        assertThat(rendered.files("analytics-dashboard")).containsOnlyKeys("analytics.json");
        assertThat(rendered.foreign("PodMonitor")).hasSize(1);
        assertThat(rendered.foreign("PrometheusRule")).hasSize(1);
    }

    @Test
    void theBaseNeedsNoForeignKinds() throws Exception {
        Manifests rendered = Manifests.read(Kubectl.kustomize(BASE));

        assertThat(rendered.all())
                .extracting(object -> object.getApiVersion())
                .doesNotContain("gateway.networking.k8s.io/v1")
                .noneMatch(version -> version.startsWith("monitoring.") || version.contains("gke"));
    }

    @Test
    void theDeskHasOneReplicaWithTheEmbeddedStore() throws Exception {
        Manifests rendered = Manifests.read(Kubectl.kustomize(Path.of("k8s/overlays/local")));

        assertThat(rendered.all(HorizontalPodAutoscaler.class)).isEmpty();
        assertThat(rendered.tracker().getSpec().getReplicas()).isOne();
        assertThat(rendered.files("analytics")).containsKeys("analytics.yaml", "overlay.yaml");
        assertThat(rendered.files("analytics").get("overlay.yaml")).contains("STORE: local");
    }

    @Test
    void onAksACredentialsFileTradesTheTokenThatIsMounted() throws Exception {
        Manifests rendered = Manifests.read(Kubectl.kustomize(Path.of("k8s/overlays/aks")));

        String json = rendered.files("analytics").get("google-credentials.json");
        GoogleCredentials credentials =
                GoogleCredentials.fromStream(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
        assertThat(credentials).isInstanceOf(IdentityPoolCredentials.class);

        var pod = rendered.tracker().getSpec().getTemplate().getSpec();
        var token = pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals("google-token"))
                .map(volume -> volume.getProjected().getSources().get(0).getServiceAccountToken())
                .findFirst()
                .orElseThrow();
        String mount = pod.getContainers().get(0).getVolumeMounts().stream()
                .filter(each -> each.getName().equals("google-token"))
                .map(each -> each.getMountPath())
                .findFirst()
                .orElseThrow();
        JsonObject described = new JsonObject(json);
        assertThat(described.getJsonObject("credential_source").getString("file"))
                .isEqualTo(mount + "/" + token.getPath());
        assertThat(token.getAudience()).isEqualTo("https:" + described.getString("audience"));
        assertThat(rendered.files("analytics").get("overlay.yaml"))
                .contains("GOOGLE_APPLICATION_CREDENTIALS: /etc/analytics/google-credentials.json");
    }

    @Test
    void onGkeTheServiceAccountIsGooglesAndTheMetadataServerCanBeReached() throws Exception {
        String rendered = Kubectl.kustomize(Path.of("k8s/overlays/gke"));

        assertThat(rendered)
                .contains("iam.gke.io/gcp-service-account: analytics@my-project.iam.gserviceaccount.com")
                .contains("cidr: 169.254.169.252/32")
                .contains("storageClassName: premium-rwo")
                // Autopilot refuses pods that ask for the nodes with a metadata server: all of its nodes have one.
                .doesNotContain("gke-metadata-server-enabled");
    }

    // --- what the check finds

    /** @param from a text of the base whose first occurrence is replaced */
    record Mistake(String from, String by, String problem) {}

    @ParameterizedTest
    @MethodSource
    void aMistakeIsFound(Mistake mistake) throws IOException {
        String base = baseText();
        assertThat(base).contains(mistake.from);
        String broken = base.replaceFirst(Pattern.quote(mistake.from), Matcher.quoteReplacement(mistake.by));

        assertThat(problems(Manifests.read(broken)))
                .anySatisfy(found -> assertThat(found).contains(mistake.problem));
    }

    // spotless:off
    static List<Mistake> aMistakeIsFound() {
        return List.of(
                // What a cluster would pass over, or refuse.
                new Mistake("terminationGracePeriodSeconds:", "terminationGracePeriodSecond:", "terminationGracePeriodSecond: unknown field"),
                new Mistake("readOnlyRootFilesystem:", "readOnlyRootFileSystem:", "readOnlyRootFileSystem: unknown field"),
                new Mistake("maxReplicas:", "maxReplicaz:", "maxReplicaz: unknown field"),
                new Mistake("- ipBlock:", "- ipBlok:", "ipBlok: unknown field"),
                new Mistake("kind: ServiceAccount", "kind: ServiceAcount", "ServiceAcount analytics: unknown kind"),
                new Mistake("minReplicas: 2", "minReplicas: two", "not readable"),
                new Mistake("periodSeconds: 2", "periodSeconds: [2]", "not readable"),
                new Mistake("  serviceName: analytics-pods\n", "", "serviceName: missing"),
                new Mistake("          image: barnebys-analytics\n", "", "containers.image: missing"),
                new Mistake("    - name: http\n      port: 80\n", "    - name: http\n", "ports.port: missing"),
                // Who selects whom.
                new Mistake("serviceName: analytics-pods", "serviceName: analytics", "serviceName is no headless Service"),
                new Mistake("    matchLabels:\n      app.kubernetes.io/name: analytics\n  template", "    matchLabels:\n      app: analytics\n  template", "StatefulSet: its selector"),
                new Mistake("  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: analytics\n", "  podSelector: {}\n", "NetworkPolicy analytics: its selector"),
                new Mistake("  selector:\n    app.kubernetes.io/name: analytics\n", "  selector:\n    app.kubernetes.io/name: tracker\n", "Service analytics: its selector"),
                new Mistake("targetPort: http", "targetPort: web", "no port of the container is"),
                new Mistake("    kind: StatefulSet\n    name: analytics\n  minReplicas", "    kind: Deployment\n    name: analytics\n  minReplicas", "scales something else"),
                new Mistake("maxUnavailable: 1", "maxUnavailable: 2", "not one at a time"),
                new Mistake("unhealthyPodEvictionPolicy: AlwaysAllow", "unhealthyPodEvictionPolicy: IfHealthyBudget", "keeps what is not ready"),
                new Mistake("minReplicas: 2", "minReplicas: 1", "fewer than two replicas"),
                new Mistake("  serviceName:", "  replicas: 2\n  serviceName:", "replicas: said twice"),
                // What strangers reach.
                new Mistake("enforce: restricted", "enforce: baseline", "Namespace: not restricted"),
                new Mistake("  clusterIP: None", "  type: LoadBalancer", "opens the management port to the outside"),
                new Mistake("        - namespaceSelector:\n            matchLabels:\n              kubernetes.io/metadata.name: monitoring", "        - ipBlock:\n            cidr: 0.0.0.0/0", "opens the management port to others"),
                new Mistake("          port: 9090", "          port: 3000", "the public port and the way in"),
                new Mistake("          port: 5432", "          port: 5433", "are open outwards"),
                // Security and probes.
                new Mistake("runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot is not true"),
                new Mistake("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "allowPrivilegeEscalation is not false"),
                new Mistake("type: RuntimeDefault", "type: Unconfined", "seccompProfile is not RuntimeDefault"),
                new Mistake("- ALL", "- NET_RAW", "capabilities are not dropped"),
                new Mistake("fsGroupChangePolicy: OnRootMismatch", "fsGroupChangePolicy: Always", "fsGroupChangePolicy is not"),
                new Mistake("path: /startupz", "path: /started", "startupProbe: not /startupz"),
                new Mistake("path: /livez\n              port: management", "path: /livez\n              port: http", "livenessProbe: not asked at"),
                new Mistake("- name: management\n              containerPort", "- name: admin\n              containerPort", "no port is named management"),
                // The volume, and what is mounted.
                new Mistake("whenScaled: Retain", "whenScaled: Delete", "volumes are not retained"),
                new Mistake("- ReadWriteOncePod", "- ReadWriteOnce", "not for one pod at a time"),
                new Mistake("podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady", "podManagementPolicy is not Parallel"),
                new Mistake("storage: 16Gi", "storage: 12Gi", "do not fit into the volume"),
                new Mistake("              memory: 1Gi\n            limits", "              memory: 2Gi\n            limits", "request and limit differ"),
                new Mistake("mountPath: /etc/analytics", "mountPath: /etc/analytics\n              subPath: x", "mounted by subPath"),
                new Mistake("- name: tmp\n              mountPath", "- name: temp\n              mountPath", "temp: mounted, and no volume"),
                new Mistake("configMap:\n                  name: analytics", "configMap:\n                  name: settings", "settings: no such ConfigMap"),
                new Mistake("secret:\n                  name: analytics", "secret:\n                  name: keys", "keys: a Secret nobody describes"),
                // The settings.
                new Mistake("PRESTOP: 15s", "PRESTOP: 25s", "terminationGracePeriodSeconds is not more than"),
                new Mistake("PRESTOP: 15s", "PRESTOP: 9s", "PRESTOP is over before"),
                new Mistake("DRAIN: 25s", "DRAIN: soon", "DRAIN"),
                new Mistake("TRUSTED_PROXIES:", "TRUSTED_PROXY:", "TRUSTED_PROXY"),
                new Mistake("name: MANAGEMENT_HOST", "name: MANAGEMENT_HOTS", "MANAGEMENT_HOTS: no setting"),
                new Mistake("value: 0.0.0.0", "value: 127.0.0.1", "MANAGEMENT_HOST is not reachable"),
                new Mistake("name: REFERENCES_URL_FILE", "name: REFERENCE_URL_FILE", "several replicas, and no REFERENCES_URL"),
                new Mistake("value: /etc/analytics/REFERENCES_URL", "value: /etc/analytics/references", "REFERENCES_URL_FILE"),
                new Mistake("containerPort: 3000", "containerPort: 3001", "PORT is not the port http"),
                new Mistake("value: /data", "value: /data/ba", "DATA_DIR is not where"),
                new Mistake("value: /etc/analytics\n", "value: /etc/config\n", "CONFIG_DIR is not where"),
                new Mistake("BIGQUERY_DATASET_ID: tracking", "STORE: local", "several replicas, and not one store"),
                new Mistake("value: prod", "value: dev", "APP_ENV is not prod"));
    }
    // spotless:on

    @Test
    void aWayInThatLeadsToTheManagementPortIsFound() throws IOException {
        String ingress = Files.readString(Path.of("k8s/components/ingress/ingress.yaml"))
                .replace(
                        "name: analytics\n                port:\n                  name: http",
                        "name: analytics-pods\n                port:\n                  name: management");
        String route = Files.readString(Path.of("k8s/components/gateway/httproute.yaml"))
                .replace("name: analytics\n          port: 80", "name: analytics-pods\n          port: 9090");

        assertThat(problems(Manifests.read(baseText() + "\n---\n" + ingress)))
                .contains("Ingress: leads to analytics-pods, and not to the public port");
        assertThat(problems(Manifests.read(baseText() + "\n---\n" + route)))
                .contains("HTTPRoute: leads to analytics-pods, and not to the public port");
    }

    @Test
    void unknownFieldsOfForeignKindsAreFound() throws IOException {
        String monitor = Files.readString(Path.of("k8s/components/monitoring/podmonitor.yaml"));

        assertThat(Manifests.read(monitor.replace("interval:", "intervall:")).problems())
                .containsExactly("PodMonitor.podMetricsEndpoints.intervall: unknown field");
        assertThat(Manifests.read(monitor.replace("    - port: management\n      path", "    - path"))
                        .problems())
                .containsExactly("PodMonitor.podMetricsEndpoints.port: missing");
    }

    private List<String> problems(Manifests manifests) {
        List<String> problems = new ArrayList<>(manifests.problems());
        if (manifests.named(StatefulSet.class, "analytics").isPresent() && problems.isEmpty()) {
            problems.addAll(ClusterRules.problems(manifests));
            problems.addAll(TrackerRules.problems(manifests, directory));
        }
        return problems;
    }

    /** The base with these components, as an overlay of one's own would have it. */
    private static Manifests composed(String... components) throws Exception {
        Path overlay = Files.createDirectories(Path.of("target/k8s", String.join("-", components)));
        String lines = Stream.of(components)
                .map(component -> "  - ../../../k8s/components/" + component + "\n")
                .collect(Collectors.joining());
        Files.writeString(
                overlay.resolve("kustomization.yaml"),
                "namespace: analytics\nresources:\n  - ../../../k8s/base\ncomponents:\n" + lines);
        return Manifests.read(Kubectl.kustomize(overlay));
    }

    private static Manifests baseAsWritten() throws IOException {
        return Manifests.read(baseText());
    }

    /** The files that base/kustomization.yaml lists, and its ConfigMap: what kustomize makes of them, but for labels. */
    private static String baseText() throws IOException {
        StringBuilder text = new StringBuilder(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: analytics\ndata:\n" + "  analytics.yaml: |\n");
        Files.readAllLines(BASE.resolve("analytics.yaml"))
                .forEach(line -> text.append("    ").append(line).append('\n'));
        Matcher file = Pattern.compile("(?m)^  - (\\w+\\.yaml)$")
                .matcher(Files.readString(BASE.resolve("kustomization.yaml")));
        while (file.find()) {
            text.append("---\n").append(Files.readString(BASE.resolve(file.group(1))));
        }
        return text.toString();
    }

    /** Files that hold whole objects: no settings, no patches. */
    static List<Path> resourceFiles() throws IOException {
        List<Path> resources = new ArrayList<>();
        for (Path file : files()) {
            String text = Files.readString(file);
            boolean isKustomization = file.endsWith("kustomization.yaml");
            if (!isKustomization && Pattern.compile("(?m)^kind: ").matcher(text).find() && !text.contains("$patch")) {
                resources.add(file);
            }
        }
        assertThat(resources).hasSizeGreaterThan(15);
        return resources;
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("k8s"))) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static String version() throws IOException {
        Matcher version = Pattern.compile("<artifactId>analytics</artifactId>\\s*<version>(.*?)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        return version.group(1).toLowerCase(Locale.ROOT);
    }
}
