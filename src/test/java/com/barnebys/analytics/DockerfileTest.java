package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.Dockerfile.Instruction;
import com.barnebys.analytics.config.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be said of the image without building it; {@code bin/verify-image} builds and runs it. */
class DockerfileTest {
    private static final Pattern PINNED = Pattern.compile("[a-z0-9./-]+:\\d+\\.\\d+\\.\\d+[a-z0-9_.-]*");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(\\w+)}");
    private static final int JVM_SECONDS_MAX = 60;

    private Dockerfile dockerfile;

    @BeforeEach
    void read() throws IOException {
        dockerfile = Dockerfile.read();
    }

    @Test
    void basesArePinnedAndOfOneJdk() {
        Map<String, String> arguments = new HashMap<>();
        for (Instruction argument : dockerfile.named("ARG")) {
            String[] parts = argument.text().split("=", 2);
            if (argument.stage() < 0) {
                arguments.put(parts[0], parts[1]);
            }
        }
        List<String> bases = new ArrayList<>();
        for (Instruction from : dockerfile.named("FROM")) {
            Matcher reference = REFERENCE.matcher(from.words().get(0));
            assertThat(reference.matches()).as(from.text()).isTrue();
            bases.add(arguments.get(reference.group(1)));
        }

        assertThat(bases).hasSize(2).allSatisfy(base -> assertThat(base).matches(PINNED));
        assertThat(bases.get(0)).matches("maven:.*-eclipse-temurin-25-.*");
        assertThat(bases.get(1)).matches("eclipse-temurin:25\\..*-jre-.*");
    }

    @Test
    void userIsNumericAndNothingRunsInItsNameWhileBuilding() {
        Instruction user = dockerfile.runtime("USER");
        List<Instruction> runs = dockerfile.runtimeAll("RUN");

        assertThat(user.text()).isEqualTo("10001:10001");
        assertThat(dockerfile.all().indexOf(user))
                .isGreaterThan(dockerfile.all().indexOf(runs.get(runs.size() - 1)));
    }

    @Test
    void whatIsCopiedExistsAndIsLetThrough() {
        List<String> copied = dockerfile.named("COPY").stream()
                .filter(copy -> !copy.text().contains("--from="))
                .flatMap(copy -> copy.words().subList(0, copy.words().size() - 1).stream())
                .toList();

        assertThat(copied).contains("pom.xml", "src/main", "image/jvm.options");
        assertThat(copied).allSatisfy(file -> {
            assertThat(Path.of(file)).exists();
            assertThat(dockerfile.letsThrough(file)).as(file).isTrue();
        });
    }

    @Test
    void nothingElseGetsToTheBuilder() {
        assertThat(List.of(
                        ".git/config",
                        "secret",
                        "settings/10.yaml",
                        "data/secret",
                        "data/spool/spool-id",
                        "target/barnebys-analytics.jar",
                        "src/test/java/com/barnebys/analytics/KillIT.java",
                        "README.md",
                        "Dockerfile"))
                .noneMatch(dockerfile::letsThrough);
        assertThat(dockerfile.letsThrough("src/main/java/com/barnebys/analytics/Main.java"))
                .isTrue();
    }

    @Test
    void itsPortsAreTheDefaults() {
        assertThat(dockerfile.runtime("EXPOSE").words()).containsExactly(fallback("PORT"), fallback("MANAGEMENT_PORT"));
    }

    @Test
    void dataIsTheOnlyVolume() throws IOException {
        assertThat(dockerfile.runtime("VOLUME").text()).isEqualTo("/data");
        assertThat(Files.readAllLines(Path.of("image/analytics.yaml"))).contains("DATA_DIR: /data");
    }

    /** A variable would go before a mounted ConfigMap, which could then not say otherwise. */
    @Test
    void itsEnvironmentHoldsNoSetting() {
        List<String> names = dockerfile.runtimeAll("ENV").stream()
                .flatMap(env -> env.words().stream())
                .map(word -> word.split("=", 2)[0])
                .toList();

        assertThat(names)
                .isNotEmpty()
                .doesNotContainAnyElementsOf(Setting.all().stream()
                        .flatMap(setting -> Stream.of(setting.name(), setting.name() + "_FILE"))
                        .toList())
                .doesNotContain("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");
    }

    @Test
    void itRunsTheJarThatIsBuilt() throws IOException {
        String jar = pom("<finalName>\\s*(.*?)\\s*</finalName>") + ".jar";
        List<String> command = dockerfile.runtime("ENTRYPOINT").exec();

        assertThat(command).startsWith("java").endsWith("-jar", "/app/" + jar).contains("@/app/jvm.options");
        assertThat(dockerfile.runtime("WORKDIR").text()).isEqualTo("/app");
        assertThat(dockerfile.runtimeAll("COPY"))
                .anySatisfy(copy -> assertThat(copy.words()).containsExactly("/build/target/" + jar, "./"));
        assertThat(dockerfile.runtime("CMD").exec()).containsExactly("serve");
        assertThat(dockerfile.runtime("STOPSIGNAL").text()).isEqualTo("SIGTERM");
    }

    /** A layer of 60 MB that changes seldom must not be made anew for a jar that changes always. */
    @Test
    void librariesAreCopiedBeforeTheJar() {
        List<String> copies =
                dockerfile.runtimeAll("COPY").stream().map(Instruction::text).toList();

        assertThat(copies.get(0)).endsWith("/build/target/lib lib/");
        assertThat(copies.get(copies.size() - 1)).contains(".jar");
    }

    @Test
    void itsCommandsExist() {
        List<String> health = dockerfile.runtime("HEALTHCHECK").exec();

        assertThat(ReadmeTest.exitCodeOfHelp(health.get(health.size() - 1))).isZero();
        assertThat(ReadmeTest.exitCodeOfHelp(dockerfile.runtime("CMD").exec().get(0)))
                .isZero();
    }

    @Test
    void everyCommandHasTheSameJarAndCache() {
        List<String> entrypoint = dockerfile.runtime("ENTRYPOINT").exec();
        List<String> health = dockerfile.runtime("HEALTHCHECK").exec();

        assertThat(health).containsAll(entrypoint);
        assertThat(entrypoint).contains("-XX:AOTCache=/app/barnebys-analytics.aot");
    }

    @Test
    void itsVersionIsThePoms() throws IOException {
        assertThat(dockerfile.runtimeAll("ARG"))
                .extracting(Instruction::text)
                .contains("VERSION=" + pom("<artifactId>analytics</artifactId>\\s*<version>(.*?)</version>"));
    }

    /** The options of the image's JVM; on this one, those that it can know. */
    @Test
    void theJvmTakesItsOptions() throws IOException, InterruptedException {
        List<List<String>> commands = List.of(
                dockerfile.runtime("ENTRYPOINT").exec(),
                dockerfile.runtime("HEALTHCHECK").exec());

        for (List<String> command : commands) {
            List<String> started = new ArrayList<>();
            started.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.subList(1, command.indexOf("-jar")).stream()
                    .map(option -> option.equals("@/app/jvm.options") ? "@image/jvm.options" : option)
                    .filter(option -> !option.startsWith("-XX:AOTCache=")
                            || Runtime.version().feature() >= 25)
                    .forEach(started::add);
            started.add("-version");
            assertThat(exitCode(started)).as(String.join(" ", started)).isZero();
        }
    }

    private static int exitCode(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(JVM_SECONDS_MAX, TimeUnit.SECONDS))
                    .as(said)
                    .isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private static String fallback(String name) {
        return Setting.all().stream()
                .filter(setting -> setting.name().equals(name))
                .map(Setting::fallback)
                .findFirst()
                .orElseThrow();
    }

    private static String pom(String pattern) throws IOException {
        Matcher found = Pattern.compile(pattern).matcher(Files.readString(Path.of("pom.xml")));
        assertThat(found.find()).as(pattern).isTrue();
        return found.group(1);
    }
}
