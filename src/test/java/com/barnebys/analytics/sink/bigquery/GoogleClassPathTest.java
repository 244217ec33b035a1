package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.File;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Google's clients run without Arrow, which their pom wants, and beside a newer Netty than Arrow's. What is left out may
 * not be missed.
 */
class GoogleClassPathTest {
    private static final Pattern GOOGLES = Pattern.compile("(com[.]google|io[.]grpc|org[.]slf4j)[.].*");

    private static final JavaClasses SINK = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("com.barnebys.analytics.sink.bigquery");

    @Test
    void arrowAndASecondNettyAreNotThere() {
        List<String> jars = Pattern.compile(File.pathSeparator)
                .splitAsStream(System.getProperty("java.class.path"))
                .map(path -> new File(path).getName())
                .toList();

        assertThat(jars).anyMatch(name -> name.startsWith("google-cloud-bigquerystorage-"));
        assertThat(jars).noneMatch(name -> name.startsWith("arrow-"));
        assertThat(jars)
                .filteredOn(name -> name.matches("netty-(?!tcnative).*"))
                .isNotEmpty()
                .allMatch(name -> name.contains("-4.2."));
    }

    @Test
    void everyCallOfOursIsThere() {
        List<JavaAccess<?>> accesses = SINK.stream()
                .<JavaAccess<?>>flatMap(type -> type.getAccessesFromSelf().stream())
                .filter(access ->
                        GOOGLES.matcher(access.getTargetOwner().getName()).matches())
                .toList();

        assertThat(accesses).hasSizeGreaterThan(50);
        assertThat(accesses)
                .allSatisfy(access -> assertThat(access.getTarget().resolveMember())
                        .as(access.getDescription())
                        .isPresent());
    }
}
