package com.barnebys.analytics.manifests;

import com.barnebys.analytics.config.InvalidSettingsException;
import com.barnebys.analytics.config.MountedSettings;
import com.barnebys.analytics.config.Settings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What must hold of the pod: security, probes, volumes, and that the settings mounted into it are ours and fit it. */
final class TrackerRules {
    /** Needed beside PRESTOP and DRAIN, as README says. */
    private static final int STOP_SECONDS = 10;
    /** Lanes, references, dead letters and the write-ahead log beside the spool. */
    private static final long BESIDE_SPOOL_BYTES = 512L << 20;

    private static final Set<String> OF_JVM = Set.of("JDK_JAVA_OPTIONS");
    private static final Set<String> VOLUMES_OF_RESTRICTED = Set.of("projected", "emptyDir");
    /** The Secret nobody commits, filled as docs/deployment.md says. */
    static final Map<String, String> DOCUMENTED_SECRET = Map.of(
            "secrets.yaml",
            "SECRET: 0123456789abcdef0123456789abcdef\nSECRETS_PREVIOUS: fedcba9876543210fedcba9876543210\n"
                    + "API_TOKEN: 00112233445566778899aabbccddeeff\n",
            "REFERENCES_URL",
            "postgresql://analytics:word@db.example.com/analytics?sslmode=verify-full");

    private final Manifests manifests;
    private final List<String> problems = new ArrayList<>();
    private final StatefulSet tracker;
    private final PodSpec pod;
    private final Container container;

    private TrackerRules(Manifests manifests) {
        this.manifests = manifests;
        this.tracker = manifests.tracker();
        this.pod = tracker.getSpec().getTemplate().getSpec();
        this.container = pod.getContainers().get(0);
    }

    /** @param directory where files are put that the settings are read from */
    static List<String> problems(Manifests manifests, Path directory) {
        TrackerRules rules = new TrackerRules(manifests);
        rules.security();
        rules.probes();
        rules.volumes();
        rules.claims();
        rules.settings(directory);
        return rules.problems;
    }

    private void require(boolean holds, String claim) {
        if (!holds) {
            problems.add(claim);
        }
    }

    /** Everything the Pod Security level "restricted" asks for, and a root file system nobody writes to. */
    private void security() {
        PodSecurityContext ofPod = Optional.ofNullable(pod.getSecurityContext()).orElse(new PodSecurityContext());
        require(Boolean.TRUE.equals(ofPod.getRunAsNonRoot()), "runAsNonRoot is not true");
        require(Objects.equals(ofPod.getRunAsUser(), 10001L), "runAsUser is not 10001");
        require(Objects.equals(ofPod.getRunAsGroup(), 10001L), "runAsGroup is not 10001");
        require(Objects.equals(ofPod.getFsGroup(), 10001L), "fsGroup is not 10001");
        require("OnRootMismatch".equals(ofPod.getFsGroupChangePolicy()), "fsGroupChangePolicy is not OnRootMismatch");
        require(
                ofPod.getSeccompProfile() != null
                        && ofPod.getSeccompProfile().getType().equals("RuntimeDefault"),
                "seccompProfile is not RuntimeDefault");
        require(Boolean.FALSE.equals(pod.getAutomountServiceAccountToken()), "a service account token is mounted");
        require(
                pod.getHostNetwork() == null && pod.getHostPID() == null,
                "the pod shares the host's network or processes");
        for (Container each : Stream.concat(pod.getContainers().stream(), pod.getInitContainers().stream())
                .toList()) {
            SecurityContext own = Optional.ofNullable(each.getSecurityContext()).orElse(new SecurityContext());
            String name = each.getName();
            require(
                    Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()),
                    name + ": allowPrivilegeEscalation is not false");
            require(
                    Boolean.TRUE.equals(own.getReadOnlyRootFilesystem()),
                    name + ": readOnlyRootFilesystem is not true");
            require(
                    own.getCapabilities() != null
                            && own.getCapabilities().getDrop().equals(List.of("ALL"))
                            && own.getCapabilities().getAdd().isEmpty(),
                    name + ": capabilities are not dropped");
            require(own.getPrivileged() == null, name + ": privileged is said");
        }
        for (Volume volume : pod.getVolumes()) {
            require(
                    (volume.getProjected() != null) || (volume.getEmptyDir() != null),
                    volume.getName() + ": a volume of another kind than " + VOLUMES_OF_RESTRICTED);
        }
    }

    private void probes() {
        probe("startupProbe", container.getStartupProbe(), "/startupz");
        probe("livenessProbe", container.getLivenessProbe(), "/livez");
        probe("readinessProbe", container.getReadinessProbe(), "/readyz");
    }

    private void probe(String name, Probe probe, String path) {
        if (probe == null || probe.getHttpGet() == null) {
            problems.add(name + ": missing");
            return;
        }
        require(path.equals(probe.getHttpGet().getPath()), name + ": not " + path);
        String port = probe.getHttpGet().getPort().getStrVal();
        require("management".equals(port), name + ": not asked at the port management");
        require(containerPort("management").isPresent(), name + ": no port is named management");
    }

    private Optional<Integer> containerPort(String name) {
        return container.getPorts().stream()
                .filter(port -> name.equals(port.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst();
    }

    private void volumes() {
        List<String> declared =
                new ArrayList<>(pod.getVolumes().stream().map(Volume::getName).toList());
        tracker.getSpec()
                .getVolumeClaimTemplates()
                .forEach(claim -> declared.add(claim.getMetadata().getName()));
        for (VolumeMount mount : container.getVolumeMounts()) {
            require(declared.contains(mount.getName()), mount.getName() + ": mounted, and no volume");
            require(mount.getSubPath() == null, mount.getName() + ": mounted by subPath, so it never changes");
        }
        for (String volume : declared) {
            require(
                    container.getVolumeMounts().stream()
                            .anyMatch(mount -> mount.getName().equals(volume)),
                    volume + ": a volume that is not mounted");
        }
    }

    private void claims() {
        List<PersistentVolumeClaim> claims = tracker.getSpec().getVolumeClaimTemplates();
        if (claims.size() != 1) {
            problems.add("not one volume claim");
            return;
        }
        require(
                claims.get(0).getSpec().getAccessModes().equals(List.of("ReadWriteOncePod")),
                "the volume is not for one pod at a time");
        var retention = tracker.getSpec().getPersistentVolumeClaimRetentionPolicy();
        require(
                retention != null
                        && "Retain".equals(retention.getWhenDeleted())
                        && "Retain".equals(retention.getWhenScaled()),
                "volumes are not retained");
        require("Parallel".equals(tracker.getSpec().getPodManagementPolicy()), "podManagementPolicy is not Parallel");
        Map<String, Quantity> requests = container.getResources().getRequests();
        require(
                Objects.equals(
                        requests.get("memory"),
                        container.getResources().getLimits().get("memory")),
                "memory: request and limit differ");
        require(requests.containsKey("cpu"), "no CPU is requested, which the autoscaler counts by");
    }

    private void settings(Path directory) {
        Map<String, String> environment = new HashMap<>();
        for (EnvVar variable : container.getEnv()) {
            String name = variable.getName();
            require(
                    MountedSettings.isName(name) || MountedSettings.isValueFile(name) || OF_JVM.contains(name),
                    name + ": no setting");
            require(variable.getValue() != null, name + ": not a value; secrets are files here");
            environment.put(name, String.valueOf(variable.getValue()));
        }
        Optional<String> mount = mountOf("config");
        require(
                mount.isPresent() && mount.get().equals(environment.get("CONFIG_DIR")),
                "CONFIG_DIR is not where the volume config is mounted");
        Settings settings;
        try {
            settings = MountedSettings.read(inside(directory, mount.orElse(""), environment));
        } catch (InvalidSettingsException e) {
            problems.add(e.getMessage().replace(directory.toString(), mount.orElse("")));
            return;
        }
        require(containerPort("http").equals(Optional.of(settings.port())), "PORT is not the port http");
        require(
                containerPort("management").equals(Optional.of(settings.managementPort())),
                "MANAGEMENT_PORT is not the port management");
        require(!settings.managementHost().startsWith("127."), "MANAGEMENT_HOST is not reachable for probes");
        require(
                mountOf("data").equals(Optional.of(settings.dataDir().toString())),
                "DATA_DIR is not where the volume data is mounted");
        require(
                pod.getTerminationGracePeriodSeconds() != null
                        && pod.getTerminationGracePeriodSeconds()
                                > settings.prestop().plus(settings.drain()).toSeconds() + STOP_SECONDS,
                "terminationGracePeriodSeconds is not more than PRESTOP + DRAIN + 10 s");
        require(container.getLifecycle() == null, "a preStop hook beside PRESTOP: the pod would wait twice");
        spoolFits(settings);
        if (replicasMax() > 1) {
            Probe readiness = container.getReadinessProbe();
            require(
                    readiness == null
                            || settings.prestop().toSeconds()
                                    > (long) readiness.getPeriodSeconds() * readiness.getFailureThreshold(),
                    "PRESTOP is over before the readiness probe has noticed");
            require(settings.references().postgres().isPresent(), "several replicas, and no REFERENCES_URL");
            require(settings.store() == Settings.Store.BIGQUERY, "several replicas, and not one store");
            require(settings.isProd(), "several replicas, and APP_ENV is not prod");
        }
    }

    private void spoolFits(Settings settings) {
        Quantity storage = tracker.getSpec()
                .getVolumeClaimTemplates()
                .get(0)
                .getSpec()
                .getResources()
                .getRequests()
                .get("storage");
        require(
                storage != null
                        && settings.spoolMaxBytes() + settings.spoolMinFreeBytes() + BESIDE_SPOOL_BYTES
                                <= storage.getNumericalAmount().longValue(),
                "SPOOL_MAX_BYTES and what lies beside the spool do not fit into the volume");
    }

    /** How many there can be at the same time. */
    private int replicasMax() {
        Integer replicas = tracker.getSpec().getReplicas();
        int said = replicas == null ? 1 : replicas;
        return Math.max(
                said,
                manifests.all(HorizontalPodAutoscaler.class).stream()
                        .mapToInt(scaler -> scaler.getSpec().getMaxReplicas())
                        .max()
                        .orElse(0));
    }

    private Optional<String> mountOf(String volume) {
        return container.getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals(volume))
                .map(VolumeMount::getMountPath)
                .findFirst();
    }

    /** The volume as the kubelet would fill it, and the environment with its paths leading there. */
    private Map<String, String> inside(Path directory, String mountPath, Map<String, String> environment) {
        Map<String, String> moved = new HashMap<>(environment);
        moved.replaceAll(
                (name, value) -> value.startsWith(mountPath) ? directory + value.substring(mountPath.length()) : value);
        pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals("config"))
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .forEach(source -> {
                    if (source.getConfigMap() != null) {
                        Map<String, String> files =
                                manifests.files(source.getConfigMap().getName());
                        require(!files.isEmpty(), source.getConfigMap().getName() + ": no such ConfigMap");
                        write(directory, files);
                    } else if (source.getSecret() != null) {
                        write(directory, secret(source.getSecret().getName()));
                    }
                });
        return moved;
    }

    /** The one in the manifests, or the one base/kustomization.yaml describes. */
    private Map<String, String> secret(String name) {
        Optional<Secret> made = manifests.named(Secret.class, name);
        if (made.isEmpty()) {
            require(name.equals("analytics"), name + ": a Secret nobody describes");
            return DOCUMENTED_SECRET;
        }
        Map<String, String> files = new HashMap<>();
        made.get()
                .getData()
                .forEach((key, value) ->
                        files.put(key, new String(Base64.getMimeDecoder().decode(value), StandardCharsets.UTF_8)));
        return files;
    }

    private static void write(Path directory, Map<String, String> files) {
        files.forEach((name, text) -> {
            try {
                Files.writeString(directory.resolve(name), text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
