package com.barnebys.analytics.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Lays the parts over each other, reads and checks the whole, and gathers what there is to say about it. One use. */
final class SettingsReader {
    private final List<Mistake> mistakes = new ArrayList<>();
    private final Map<String, Sourced> given = new LinkedHashMap<>();
    private final List<Settings.Hidden> hidden = new ArrayList<>();
    private final Set<String> notUsed = new TreeSet<>();
    private final Set<String> later = new TreeSet<>();

    private SettingsReader() {}

    /** @param parts in the order of their layers */
    static Settings read(List<Part> parts) {
        SettingsReader reader = new SettingsReader();
        for (Part part : parts) {
            reader.mistakes.addAll(part.mistakes());
            part.values().forEach((name, text) -> reader.take(name, new Sourced(text, part.layer(), part.source())));
        }
        return reader.settings();
    }

    private void take(String name, Sourced value) {
        boolean isFile = value.layer().isFile();
        if (value.layer().isProcess() && value.text().isEmpty()) {
            // As Compose and CI hand over a variable that nobody has set.
            return;
        }
        Setting<?> setting = Setting.named(name);
        if (setting != null && isFile && setting.isOfProcess()) {
            mistake(name, "not for a file", value, "expected: in the environment or as -D" + name);
        } else if (setting != null) {
            put(name, value);
        } else if (KnownNames.isOld(name)) {
            notUsed.add(name);
        } else if (!isFile) {
            if (KnownNames.isLater(name)) {
                later.add(name);
            }
        } else if (KnownNames.isLater(name)) {
            mistake(name, "not in this version", value, "remove it");
        } else if (isValueFile(name)) {
            mistake(name, "not for a file", value, "expected: in the environment or as -D" + name);
        } else {
            mistake(name, "unknown", value, advice(name));
        }
    }

    private void put(String name, Sourced value) {
        Sourced before = given.put(name, value);
        if (before != null && before.layer().isFile() && value.layer().isProcess()) {
            hidden.add(new Settings.Hidden(name, before.source(), value.source()));
        }
    }

    private Settings settings() {
        Map<Setting<?>, Object> values = new HashMap<>();
        Map<String, Sourced> inForce = new LinkedHashMap<>();
        for (Setting<?> setting : Setting.all()) {
            Sourced value = given.getOrDefault(setting.name(), fallback(setting));
            inForce.put(setting.name(), value);
            parse(setting, value, values);
        }
        Settings settings = new Settings(values, inForce, hidden, List.copyOf(notUsed), List.copyOf(later));
        mistakes.addAll(SettingsRules.mistakes(settings));
        if (!mistakes.isEmpty()) {
            throw new InvalidSettingsException(mistakes);
        }
        return settings;
    }

    /** Who names a dataset wants the rows there, without saying it twice. */
    private Sourced fallback(Setting<?> setting) {
        if (setting == Setting.STORE && given.containsKey(Setting.BIGQUERY_DATASET_ID.name())) {
            return new Sourced("bigquery", Layer.BUILT_IN, Setting.BIGQUERY_DATASET_ID + " being set");
        }
        return Sourced.builtIn(setting.fallback());
    }

    private void parse(Setting<?> setting, Sourced value, Map<Setting<?>, Object> values) {
        try {
            values.put(setting, setting.parse(value));
        } catch (ValueType.BadValueException e) {
            mistake(setting.name(), setting.found(value.text()), value, "expected: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            mistake(setting.name(), setting.found(value.text()), value, "expected: " + setting.expectation());
        }
    }

    private void mistake(String name, String found, Sourced value, String advice) {
        mistakes.add(new Mistake(name, found, value.source(), advice));
    }

    private static boolean isValueFile(String name) {
        int end = name.length() - ValueFilesStore.SUFFIX.length();
        return name.endsWith(ValueFilesStore.SUFFIX) && Setting.names().contains(name.substring(0, end));
    }

    private static String advice(String name) {
        return KnownNames.nearest(name)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("expected: a name of conf/analytics.yaml");
    }
}
