package com.barnebys.analytics.config;

import com.barnebys.analytics.config.SettingsLoader.Outside;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the layers once, as {@link SettingsLoader} has its stores read them, but without a Vert.x: starting one takes as
 * long as all the rest of a short command. {@code SettingsLoaderTest} holds the two together. Blocks for the disk.
 */
record PlainReading(Outside outside, Path defaultFile) {
    static PlainReading of(Outside outside, Path defaultFile) {
        return new PlainReading(outside, defaultFile);
    }

    /** In the order of their layers. */
    List<Part> parts() {
        List<Part> parts = new ArrayList<>(files());
        for (Setting<?> setting : Setting.all()) {
            if (!setting.isOfProcess()) {
                valueFile(setting).ifPresent(parts::add);
            }
        }
        parts.add(process(Layer.ENVIRONMENT, "the environment", outside.environment()));
        parts.add(process(Layer.SYSTEM_PROPERTY, "the system properties", outside.properties()));
        return parts;
    }

    /** What is said of one setting, the last word first looked for; a file is only read when nothing above it speaks. */
    Optional<String> value(Setting<?> setting) {
        Optional<String> said = outside.value(setting.name());
        if (said.isPresent()) {
            return said;
        }
        List<Part> parts = new ArrayList<>();
        Optional<Part> valueFile = valueFile(setting);
        if (valueFile.isPresent() && valueFile.get().mistakes().isEmpty()) {
            parts.add(valueFile.get());
        } else {
            parts.addAll(files());
        }
        String last = null;
        for (Part part : parts) {
            last = part.values().getOrDefault(setting.name(), last);
        }
        return Optional.ofNullable(last);
    }

    private List<Part> files() {
        Optional<String> named = outside.value(Setting.CONFIG_FILE.name());
        Path file = Path.of(named.orElse(defaultFile.toString()));
        List<Part> parts = new ArrayList<>(TextYamlProcessor.parts(
                Layer.FILE, YamlFilesStore.read(Setting.CONFIG_FILE.name(), file, named.isEmpty())));
        outside.value(Setting.CONFIG_DIR.name())
                .ifPresent(path -> parts.addAll(TextYamlProcessor.parts(
                        Layer.DIRECTORY, YamlFilesStore.read(Setting.CONFIG_DIR.name(), Path.of(path), false))));
        return parts;
    }

    private Optional<Part> valueFile(Setting<?> setting) {
        return outside.value(setting.name() + ValueFilesStore.SUFFIX)
                .map(path -> ValueFilesStore.read(setting.name(), Path.of(path)));
    }

    private static Part process(Layer layer, String source, Map<String, String> all) {
        Map<String, String> values = new LinkedHashMap<>();
        Stream.concat(Setting.names().stream(), all.keySet().stream().filter(SettingsLoader::isOfInterest))
                .forEach(name -> {
                    String value = all.get(name);
                    if (value != null) {
                        values.put(name, value);
                    }
                });
        return new Part(layer, source, values, List.of());
    }
}
