package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The Dockerfile, read without an engine: its instructions in order, and what .dockerignore lets through to them. */
final class Dockerfile {
    /** One instruction, on one line; the stage counts from zero, and arguments before the first have -1. */
    record Instruction(int stage, String name, String text) {
        /** Its words; flags such as {@code --from=build} are not among them. */
        List<String> words() {
            return List.of(text.split("\\s+")).stream()
                    .filter(word -> !word.startsWith("--"))
                    .toList();
        }

        /** The words of the exec form; anything else fails. */
        List<String> exec() {
            assertThat(text).as(name + " in exec form").contains("[").endsWith("]");
            return new JsonArray(text.substring(text.indexOf('[')))
                    .stream().map(String.class::cast).toList();
        }
    }

    private record Rule(String pattern, boolean letsThrough) {}

    private final List<Instruction> instructions;
    private final List<Rule> rules;

    private Dockerfile(List<Instruction> instructions, List<Rule> rules) {
        this.instructions = instructions;
        this.rules = rules;
    }

    static Dockerfile read() throws IOException {
        return new Dockerfile(instructions(), rules());
    }

    private static List<Instruction> instructions() throws IOException {
        List<Instruction> instructions = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int stage = -1;
        for (String read : Files.readAllLines(Path.of("Dockerfile"))) {
            if (read.isBlank() || read.stripLeading().startsWith("#")) {
                continue;
            }
            line.append(read.strip());
            if (read.endsWith("\\")) {
                line.setLength(line.length() - 1);
                continue;
            }
            String[] parts = line.toString().split("\\s+", 2);
            assertThat(parts).as(read).hasSize(2);
            String name = parts[0].toUpperCase(Locale.ROOT);
            stage += name.equals("FROM") ? 1 : 0;
            instructions.add(new Instruction(stage, name, parts[1].strip()));
            line.setLength(0);
        }
        return instructions;
    }

    private static List<Rule> rules() throws IOException {
        return Files.readAllLines(Path.of(".dockerignore")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.startsWith("!") ? new Rule(line.substring(1), true) : new Rule(line, false))
                .toList();
    }

    List<Instruction> all() {
        return instructions;
    }

    List<Instruction> named(String name) {
        return instructions.stream()
                .filter(instruction -> instruction.name().equals(name))
                .toList();
    }

    /** The one of this name in the last stage, which is what runs. */
    Instruction runtime(String name) {
        List<Instruction> found = runtimeAll(name);
        assertThat(found).as(name + " in the last stage").hasSize(1);
        return found.get(0);
    }

    List<Instruction> runtimeAll(String name) {
        int last = instructions.get(instructions.size() - 1).stage();
        return named(name).stream()
                .filter(instruction -> instruction.stage() == last)
                .toList();
    }

    /** Whether a file gets to the builder: the last pattern that matches it, or a directory above it, decides. */
    boolean letsThrough(String file) {
        boolean isThrough = true;
        for (Rule rule : rules) {
            for (Path path = Path.of(file); path != null; path = path.getParent()) {
                if (FileSystems.getDefault()
                        .getPathMatcher("glob:" + rule.pattern())
                        .matches(path)) {
                    isThrough = rule.letsThrough();
                    break;
                }
            }
        }
        return isThrough;
    }
}
