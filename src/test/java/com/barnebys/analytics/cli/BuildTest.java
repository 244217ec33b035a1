package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BuildTest {
    @Test
    void thisBuildKnowsItsVersionAndWhatItRunsOn() {
        assertThat(Build.THIS.version()).matches("[0-9]+[.][0-9]+[.][0-9]+(-SNAPSHOT)?");
        assertThat(Build.THIS.revision()).matches("[0-9a-f]{12}|unknown|[A-Za-z0-9._-]+");
        assertThat(Build.THIS.java())
                .startsWith(Runtime.version().toString())
                .contains(System.getProperty("java.vendor"));
        assertThat(Build.THIS.labels()).containsOnlyKeys("version", "revision", "java");
    }

    @Test
    void whatTheBuildHasNotFilledInIsUnknown() {
        Properties properties = new Properties();
        properties.setProperty("revision", "${revision}");

        assertThat(Build.of(properties, "17")).isEqualTo(new Build("unknown", "unknown", "17"));
    }

    @Test
    void theCommandPrintsOneLine() {
        StringWriter out = new StringWriter();

        int code = new CommandLine(new VersionCommand())
                .setOut(new PrintWriter(out))
                .execute();

        assertThat(code).isZero();
        assertThat(out.toString().lines()).containsExactly(Build.THIS.toString());
    }
}
