package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.cli.Commands;
import com.barnebys.analytics.cli.SpoolReplay;
import com.barnebys.analytics.cli.Tracker;
import com.barnebys.analytics.config.Setting;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** README.md says what can be typed, and which settings there are. */
class ReadmeTest {
    private static final Pattern COMMAND =
            Pattern.compile("<!-- command: (\\w+) -->\\s*```\\w*\\R(.*?)\\R```", Pattern.DOTALL);
    private static final Pattern BA = Pattern.compile("bin/ba ([a-z]+)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]*)(#[^)\\s]+)?\\)");
    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*)$");

    @Test
    void itsTwoCommandsStandAlone() throws IOException {
        Map<String, String> commands = commands();

        assertThat(commands).containsOnlyKeys("run", "test");
        assertThat(commands.values()).allSatisfy(command -> assertThat(command).doesNotContain("\n"));
    }

    @Test
    void theFirstCommandBuildsTheJarThatItRuns() throws IOException {
        List<String> words = List.of(command("run").split("\\s+"));

        int and = words.indexOf("&&");
        assertThat(words.subList(0, and)).startsWith("mvn").contains("-DskipTests", "package");
        assertThat(words.subList(and + 1, words.size() - 1))
                .containsExactly("java", "-jar", "target/" + finalName() + ".jar");
        assertThat(exitCodeOfHelp(words.get(words.size() - 1))).isZero();
    }

    @Test
    void theSecondCommandLeavesNoTestOut() throws IOException {
        List<String> words = List.of(command("test").split("\\s+"));

        assertThat(words).startsWith("mvn").contains("verify").noneMatch(word -> word.contains("skip"));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyCommandNamedExists(Path document) throws IOException {
        Matcher named = BA.matcher(Files.readString(document));
        while (named.find()) {
            assertThat(exitCodeOfHelp(named.group(1))).as(named.group()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyFileAndHeadingLinkedToExists(Path document) throws IOException {
        Path directory = document.toAbsolutePath().getParent();
        Matcher link = LINK.matcher(prose(document));
        while (link.find()) {
            Path target = link.group(1).isEmpty() ? document : directory.resolve(link.group(1));
            assertThat(target).exists();
            if (link.group(2) != null) {
                assertThat(anchors(target)).as(document + ": " + link.group()).contains(link.group(2));
            }
        }
    }

    private static String prose(Path document) throws IOException {
        return CODE.matcher(Files.readString(document)).replaceAll("");
    }

    /** As the places that show Markdown make them of headings; of equal ones the first. */
    private static List<String> anchors(Path document) throws IOException {
        return HEADING.matcher(prose(document))
                .results()
                .map(heading -> "#"
                        + heading.group(1)
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("[^\\w\\- ]", "")
                                .replace(' ', '-'))
                .toList();
    }

    @Test
    void itsSettingsAreThoseOfTheCode() throws IOException {
        Map<String, String> documented = new LinkedHashMap<>();
        List<String> reloadable = new ArrayList<>();
        for (List<String> row : settingsTable()) {
            documented.put(row.get(0), row.get(1).equals("empty") ? "" : row.get(1));
            if (row.get(2).equals("R")) {
                reloadable.add(row.get(0));
            }
        }

        Map<String, String> declared = new LinkedHashMap<>();
        Setting.all().forEach(setting -> declared.put(setting.name(), setting.fallback()));
        assertThat(documented).isEqualTo(declared);
        assertThat(reloadable)
                .containsExactlyInAnyOrderElementsOf(Setting.all().stream()
                        .filter(Setting::isReloadable)
                        .map(Setting::name)
                        .toList());
    }

    static Stream<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(
                Path.of("README.md"), Path.of("RATIONALE.md"), Path.of("CONTRIBUTING.md"), Path.of("CHANGELOG.md")));
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents.stream();
    }

    private static Map<String, String> commands() throws IOException {
        Map<String, String> commands = new LinkedHashMap<>();
        Matcher command = COMMAND.matcher(readme());
        while (command.find()) {
            commands.put(command.group(1), command.group(2).strip());
        }
        return commands;
    }

    private static String command(String name) throws IOException {
        return commands().getOrDefault(name, "");
    }

    /** Cells of each row whose first one is the name of a setting, without the marks of code. */
    private static List<List<String>> settingsTable() throws IOException {
        String section = readme().split("(?m)^## Settings\\s*$", 2)[1].split("(?m)^## ", 2)[0];
        return section.lines()
                .filter(line -> line.matches("\\|\\s*`?[A-Z][A-Z_]+`?\\s*\\|.*"))
                .map(line -> Stream.of(line.substring(1).split("\\|", -1))
                        .map(cell -> cell.replace("`", "").strip())
                        .toList())
                .toList();
    }

    private static String readme() throws IOException {
        return Files.readString(Path.of("README.md"));
    }

    private static String finalName() throws IOException {
        Matcher name =
                Pattern.compile("<finalName>\\s*(.*?)\\s*</finalName>").matcher(Files.readString(Path.of("pom.xml")));
        assertThat(name.find()).isTrue();
        return name.group(1);
    }

    /** Not {@code subcommand --help}: with that, picocli overlooks a command that it does not know. */
    static int exitCodeOfHelp(String subcommand) {
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        try {
            Tracker.Starter nothing = (settings, acceptSpool) -> {
                throw new AssertionError("asking for help starts nothing");
            };
            return Commands.run(
                    new String[] {"help", subcommand},
                    new Commands.Doers(
                            nothing,
                            (settings, kind, reason, isDry) -> new JsonObject(),
                            (settings, atMost, progress) -> new SpoolReplay.Sums(0, 0, 0, 0, 0)));
        } finally {
            System.setOut(out);
        }
    }
}
