package com.barnebys.analytics.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextYamlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0123",
                "0o17",
                "0x1F",
                "0b11",
                "1e5",
                "1_000",
                "1.50",
                ".inf",
                ".nan",
                "yes",
                "no",
                "on",
                "True",
                "null",
                "~",
                "2026-11-23",
                "2026-11-23T10:00:00Z",
                "12:30:45",
                "<<",
                "=",
                "123456789012345678901234567890"
            })
    void scalarStaysTheTextItWasWrittenAs(String text) {
        assertThat(parse("SECRET: " + text).values()).isEqualTo(Map.of("SECRET", text));
        assertThat(parse("SECRET: '" + text + "'").values()).isEqualTo(Map.of("SECRET", text));
        assertThat(parse("SECRET: \"" + text + "\"").values()).isEqualTo(Map.of("SECRET", text));
    }

    @Test
    void restOfYamlIsUnderstoodAsUsual() {
        Part part = parse(
                "\uFEFF# comment\nA: \"x: # y\"\nB:\n  - 1\n  - 010\nC: [a, b]\nD:\nE: |\n  two\n  lines\n'F': &f 1\nG: *f");

        assertThat(part.mistakes()).isEmpty();
        assertThat(part.values())
                .isEqualTo(Map.of(
                        "A", "x: # y", "B", "1,010", "C", "a,b", "D", "", "E", "two\nlines\n", "F", "1", "G", "1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "# only a comment\n", "--- {}"})
    void nothingIsNoMistake(String text) {
        assertThat(parse(text).mistakes()).isEmpty();
        assertThat(parse(text).values()).isEmpty();
    }

    // spotless:off
    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '`', value = {
        "SPOOL: {MAX_BYTES: 1}            ! SPOOL: a nested map in f.yaml line 1",
        "PORT: 1\\nPORT: 2                ! PORT: said twice in f.yaml line 2",
        "'PORT': 1\\nPORT: 1              ! PORT: said twice in f.yaml line 2",
        "A: [[1]]                         ! A: a list of lists or maps in f.yaml line 1",
        "A: ['s,t']                       ! A: a comma within a list element in f.yaml line 1",
        "? [a]\\n: b                      ! YAML: a name that is not text in f.yaml line 1",
        "- a                              ! YAML: no names in f.yaml line 1",
        "hush                             ! YAML: no names in f.yaml line 1",
        "A: 1\\n\\tB: hush                ! YAML: not readable in f.yaml line 2 (expected: YAML, with blanks for tabs",
        "A:\\thush                        ! YAML: not readable in f.yaml line 1 (expected: YAML, with blanks for tabs",
        "SECRET: *hush                    ! YAML: not readable in f.yaml line 1",
        "SECRET: @hush                    ! YAML: not readable in f.yaml line 1",
        "SECRET: %hush                    ! YAML: not readable in f.yaml line 1",
        "SECRET: \"hush                   ! YAML: not readable in f.yaml line 1",
        "SECRET: a: hush                  ! YAML: not readable in f.yaml line 1",
        "A: 1\\n---\\nB: hush             ! YAML: not readable in f.yaml line 2",
        "A: \\u0001hush                   ! YAML: not readable in f.yaml",
    })
    // spotless:on
    void whatIsNoFlatListOfNamesIsAMistakeThatQuotesNothing(String text, String mistake) {
        Part part = parse(text.replace("\\n", "\n").replace("\\t", "\t").replace("\\u0001", "\u0001"));

        assertThat(part.mistakes())
                .singleElement()
                .asString()
                .startsWith(mistake)
                .doesNotContain("hush");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "!!int 5",
                "!!binary aHVzaA==",
                "!!java.net.URL [hush]",
                "!!set {hush}",
                "!hush x",
                "!!javax.script.ScriptEngineManager x"
            })
    void tagNeverMakesAnything(String value) {
        Part part = parse("SECRET: " + value);

        assertThat(part.values()).isEmpty();
        assertThat(part.mistakes())
                .singleElement()
                .asString()
                .contains("f.yaml line 1")
                .doesNotContain("hush");
    }

    @Test
    void deepNestingIsRefusedAndNotFollowed() {
        assertThat(parse("A: " + "[".repeat(10_000)).mistakes()).hasSize(1);
    }

    private static Part parse(String text) {
        return TextYaml.parse(Layer.FILE, "f.yaml", text);
    }
}
