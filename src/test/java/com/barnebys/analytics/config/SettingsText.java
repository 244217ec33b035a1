package com.barnebys.analytics.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** For tests of whatever else holds settings: manifests, compose files, documents. */
public final class SettingsText {
    private SettingsText() {}

    /**
     * Everything a start with this YAML as its only file would say is wrong, one mistake a line: unknown names, bad values,
     * and values that do not go together.
     *
     * @param yaml lines of {@code NAME: value}, such as a key of a ConfigMap holds
     * @param environment what the process is also given; its unknown names are passed over, as at a start
     */
    public static List<String> mistakes(String yaml, Map<String, String> environment) {
        List<Part> parts = List.of(
                TextYaml.parse(Layer.DIRECTORY, "yaml", yaml),
                new Part(Layer.ENVIRONMENT, "the environment", environment, List.of()));
        try {
            Settings unused = SettingsReader.check(parts);
            return List.of();
        } catch (InvalidSettingsException e) {
            return e.mistakes().stream().map(Mistake::toString).toList();
        }
    }

    /** Those that are neither a setting nor NAME_FILE of one, and so do nothing in an environment. */
    public static List<String> unknown(Iterable<String> names) {
        List<String> unknown = new ArrayList<>();
        for (String name : names) {
            Setting<?> setting = Setting.named(name);
            Setting<?> ofFile = name.endsWith(ValueFilesStore.SUFFIX)
                    ? Setting.named(name.substring(0, name.length() - ValueFilesStore.SUFFIX.length()))
                    : null;
            if (setting == null && (ofFile == null || ofFile.isOfProcess())) {
                unknown.add(name);
            }
        }
        return unknown;
    }
}
