package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** conf/analytics.yaml says what the code does. */
class SettingsDocumentationTest {
    private static final Path FILE = Path.of("conf/analytics.yaml");
    private static final Pattern EXAMPLE = Pattern.compile("#[A-Z][A-Z_]*: .*");

    @Test
    void asShippedItChangesNothing() throws IOException {
        Part part = TextYaml.parse(Layer.FILE, "f", Files.readString(FILE));

        assertThat(part.values()).isEmpty();
        assertThat(part.mistakes()).isEmpty();
    }

    @Test
    void everySettingOfAFileIsShownWithItsDefault() throws IOException {
        String uncommented = Files.readAllLines(FILE).stream()
                .filter(line -> EXAMPLE.matcher(line).matches())
                .map(line -> line.substring(1))
                .collect(Collectors.joining("\n"));

        Part part = TextYaml.parse(Layer.FILE, "f", uncommented);

        Map<String, String> declared = new LinkedHashMap<>();
        Setting.all().stream()
                .filter(setting -> !setting.isOfProcess())
                .forEach(setting -> declared.put(setting.name(), setting.fallback()));
        assertThat(part.mistakes()).isEmpty();
        assertThat(part.values()).isEqualTo(declared);
    }

    @Test
    void everySettingIsExplained() throws IOException {
        List<String> lines = Files.readAllLines(FILE);
        List<String> prose = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            String above = lines.get(i - 1);
            if (EXAMPLE.matcher(lines.get(i)).matches()) {
                assertThat(above).as(lines.get(i)).startsWith("#").doesNotStartWith("# ---");
            } else {
                prose.add(lines.get(i));
            }
        }

        assertThat(String.join("\n", prose)).contains("CONFIG_FILE", "CONFIG_DIR", "NAME_FILE", "-DNAME");
        assertThat(lines).filteredOn(line -> line.length() > 120).isEmpty();
    }

    @Test
    void allItsExamplesTogetherAreGoodSettings() throws IOException {
        String uncommented = Files.readAllLines(FILE).stream()
                .filter(line -> EXAMPLE.matcher(line).matches())
                .map(line -> line.substring(1))
                .collect(Collectors.joining("\n"));

        assertThat(SettingsText.mistakes(uncommented, Map.of())).isEmpty();
    }

    @Test
    void whatOthersHoldOfSettingsCanBeCheckedAlike() {
        assertThat(SettingsText.mistakes("UTM: a\nPORT: x", Map.of()))
                .containsExactly(
                        "UTM: unknown in yaml (expected: a name of conf/analytics.yaml)",
                        "PORT: x in yaml (expected: 0 to 65535)");
        assertThat(SettingsText.mistakes("PORT: x", Map.of("PORT", "80"))).hasSize(1);
        assertThat(SettingsText.mistakes("APP_ENV: prod", Map.of())).hasSize(1);
        assertThat(SettingsText.mistakes("APP_ENV: prod", Map.of("SECRET", "s", "PATH", "x")))
                .isEmpty();
        assertThat(SettingsText.unknown(
                        List.of("PORT", "SECRET_FILE", "CONFIG_DIR", "CONFIG_DIR_FILE", "PROT", "X_FILE")))
                .containsExactly("CONFIG_DIR_FILE", "PROT", "X_FILE");
    }
}
