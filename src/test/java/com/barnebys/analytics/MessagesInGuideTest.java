package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever looks a WARN or an ERROR up finds what to do. */
class MessagesInGuideTest {
    /** Its words up to the first value, colon or the like. Those that begin with a value are made elsewhere. */
    private static final Pattern SAID = Pattern.compile("LOG\\.(?:warn|error)\\(\\s*\"([^\"{:;,.]+)");

    @Test
    void everyWarningAndErrorIsInOperations() throws IOException {
        String guide = Files.readString(Path.of("docs/operations.md"));
        String messages = guide.substring(guide.indexOf("\n## Messages"), guide.indexOf("\n## Alerts"));

        Set<String> said = said();

        assertThat(said).hasSizeGreaterThan(35).contains("The spool is full");
        assertThat(said).allSatisfy(message -> assertThat(messages).contains(message));
    }

    private static Set<String> said() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        Set<String> said = new TreeSet<>();
        for (Path source : sources) {
            // What follows the words are names of values, "table=" and so on.
            said.addAll(SAID.matcher(Files.readString(source))
                    .results()
                    .map(found -> found.group(1).replaceFirst("( \\w+=)+$", "").strip())
                    .collect(Collectors.toSet()));
        }
        return said;
    }
}
