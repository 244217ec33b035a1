package com.barnebys.analytics.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Lays the parts over each other, reads and checks the whole, and gathers what there is to say about it. One use. */
final class SettingsReader {
    private final List<Mistake> mistakes = new ArrayList<>();
    private final Map<String, Sourced> given = new LinkedHashMap<>();
    private final List<Settings.Hidden> hidden = new ArrayList<>();
    private final Map<String, Sourced> covered = new LinkedHashMap<>();
    private final Map<Layer, List<String>> files = new EnumMap<>(Layer.class);
    private final Set<String> notUsed = new TreeSet<>();
    private final Set<String> later = new TreeSet<>();

    private SettingsReader() {}

    /** @param parts in the order of their layers */
    static Settings read(List<Part> parts) {
        SettingsReader reader = new SettingsReader();
        for (Part part : parts) {
            reader.mistakes.addAll(part.mistakes());
            if (part.layer() == Layer.FILE || part.layer() == Layer.DIRECTORY) {
                reader.files
                        .computeIfAbsent(part.layer(), layer -> new ArrayList<>())
                        .add(part.source());
            }
            part.values().forEach((name, text) -> reader.take(name, new Sourced(text, part.layer(), part.source())));
        }
        return reader.settings();
    }

    /** As {@link #read}, and what files say is also checked where something else hides it. */
    static Settings check(List<Part> parts) {
        SettingsReader files = new SettingsReader();
        for (Part part : parts) {
            if (part.layer() == Layer.FILE || part.layer() == Layer.DIRECTORY) {
                part.values().forEach((name, text) -> files.take(name, new Sourced(text, part.layer(), part.source())));
            }
        }
        files.mistakes.clear(); // Of names and of the files themselves read() says them.
        files.given.forEach((name, value) -> {
            Setting<?> setting = Setting.named(name);
            if (setting != null) {
                files.parse(setting, value, new HashMap<>());
            }
        });
        Set<Mistake> mistakes = new LinkedHashSet<>();
        Settings settings = null;
        try {
            settings = read(parts);
        } catch (InvalidSettingsException e) {
            mistakes.addAll(e.mistakes());
        }
        mistakes.addAll(files.mistakes);
        if (settings == null || !mistakes.isEmpty()) {
            throw new InvalidSettingsException(List.copyOf(mistakes));
        }
        return settings;
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
            covered.put(name, before);
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
        Settings settings =
                new Settings(values, inForce, hidden, covered, files, List.copyOf(notUsed), List.copyOf(later));
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
