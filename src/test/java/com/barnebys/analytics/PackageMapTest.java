package com.barnebys.analytics;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The package map of docs/architecture.md, executed. Think before adding an edge; never add one that closes a cycle. */
class PackageMapTest {
    private static final String ROOT = "com.barnebys.analytics";

    private static final Map<String, Set<String>> KNOWS = Map.ofEntries(
            Map.entry("event", Set.of()),
            Map.entry("hit", Set.of()),
            Map.entry("session", Set.of("hit")),
            Map.entry("bus", Set.of("event")),
            Map.entry("browser", Set.of()),
            Map.entry("conversion", Set.of("hit", "event", "bus", "reference")),
            Map.entry("http", Set.of("hit", "session", "event", "bus", "browser", "conversion", "reference")),
            Map.entry("spool", Set.of()),
            Map.entry("intake", Set.of("bus", "event", "spool")),
            Map.entry("sink", Set.of("event")),
            Map.entry("delivery", Set.of("event", "spool", "sink")),
            Map.entry("reference", Set.of()),
            Map.entry("health", Set.of()),
            Map.entry("demo", Set.of("hit", "sink")),
            Map.entry(
                    "metrics",
                    Set.of("hit", "event", "bus", "http", "intake", "spool", "delivery", "sink", "reference")),
            Map.entry("config", Set.of("hit", "session", "http", "conversion", "sink", "reference")),
            Map.entry("cli", Set.of("config", "hit", "sink")));

    static final Set<Map.Entry<String, Set<String>>> EDGES = KNOWS.entrySet();

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @ParameterizedTest
    @FieldSource("EDGES")
    void eachPackageKnowsOnlyItsNeighbours(Map.Entry<String, Set<String>> edge) {
        String[] known = Stream.concat(Stream.of(edge.getKey()), edge.getValue().stream())
                .map(name -> ROOT + "." + name + "..")
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(ROOT + "." + edge.getKey() + "..")
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(known)))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackageIsOnTheMap() {
        Stream<String> packages = CLASSES.stream()
                .map(c -> c.getPackageName().substring(ROOT.length()))
                .filter(name -> !name.isEmpty())
                .map(name -> name.split("\\.")[1]);
        assertThat(packages).isSubsetOf(KNOWS.keySet());
    }

    @Test
    void pureCoreKnowsNoFramework() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".hit..", ROOT + ".session..", ROOT + ".event..", ROOT + ".spool..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..", "io.micrometer..", "com.google.cloud..", "io.grpc..")
                .check(CLASSES);
    }
}
