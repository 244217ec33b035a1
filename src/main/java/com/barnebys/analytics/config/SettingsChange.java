package com.barnebys.analytics.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a running process takes of settings that were read anew.
 *
 * @param taken those to be in force: the new values of what can change without a restart, and the old ones of the rest
 * @param changed what differs from what was in force; secrets masked
 * @param waiting what was read and is not taken: it needs a restart
 * @param covered what has changed in a file and does nothing, since environment or {@code -D} hide it
 */
record SettingsChange(
        Settings taken, List<Difference> changed, Map<String, String> waiting, List<Settings.Hidden> covered) {

    /**
     * One setting before and after.
     *
     * @param before as it may be shown
     * @param after as it may be shown
     * @param source where the new value was said
     */
    record Difference(String name, String before, String after, String source) {
        /** {@code UTM_SOURCE: a -> b from conf/analytics.yaml}. */
        @Override
        public String toString() {
            return name + ": " + before + " -> " + after + " from " + source;
        }
    }

    /**
     * Compares.
     *
     * @param inForce what the process runs with
     * @param lastRead what was read when the files were good the last time
     * @param read what was read now, good as a whole
     * @throws InvalidSettingsException when it is good for a start, and not for a process that runs with these
     */
    static SettingsChange of(Settings inForce, Settings lastRead, Settings read) {
        Settings taken = inForce.withReloadable(read);
        List<Mistake> mistakes = new ArrayList<>(SettingsRules.mistakes(taken));
        gone(Setting.CONFIG_FILE, Layer.FILE, lastRead, read, mistakes);
        gone(Setting.CONFIG_DIR, Layer.DIRECTORY, lastRead, read, mistakes);
        if (inForce.secret().isPresent() && read.secret().isEmpty()) {
            // A start would make one up; every link out there would be refused from this moment on.
            mistakes.add(new Mistake(
                    Setting.SECRET.name(),
                    "empty",
                    read.isGiven(Setting.SECRET) ? read.sourced(Setting.SECRET).source() : "",
                    "expected: text; only a start makes one up"));
        }
        if (!mistakes.isEmpty()) {
            throw new InvalidSettingsException(mistakes);
        }
        return new SettingsChange(taken, changed(inForce, taken), waiting(inForce, read), covered(lastRead, read));
    }

    /** A ConfigMap that was deleted, a file on its way from one name to another: nobody meant the built-in values. */
    private static void gone(
            Setting<?> setting, Layer layer, Settings lastRead, Settings read, List<Mistake> mistakes) {
        if (!lastRead.files(layer).isEmpty() && read.files(layer).isEmpty()) {
            mistakes.add(new Mistake(
                    setting.name(),
                    "gone",
                    String.join(", ", lastRead.files(layer)),
                    "expected: a file; an empty one, if what is built in is meant"));
        }
    }

    private static List<Difference> changed(Settings inForce, Settings taken) {
        List<Difference> changed = new ArrayList<>();
        for (Setting<?> setting : Setting.all()) {
            if (!inForce.agreeOn(setting, taken)) {
                Sourced after = taken.sourced(setting);
                changed.add(new Difference(
                        setting.name(),
                        shown(setting, inForce.text(setting)),
                        shown(setting, after.text()),
                        after.source()));
            }
        }
        return changed;
    }

    private static String shown(Setting<?> setting, String text) {
        return text.isBlank() ? "empty" : setting.shown(text);
    }

    private static Map<String, String> waiting(Settings inForce, Settings read) {
        Map<String, String> waiting = new LinkedHashMap<>();
        for (Setting<?> setting : Setting.all()) {
            if (!setting.isReloadable() && !inForce.agreeOn(setting, read)) {
                waiting.put(setting.name(), read.text(setting));
            }
        }
        return waiting;
    }

    private static List<Settings.Hidden> covered(Settings lastRead, Settings read) {
        return read.hidden().stream()
                .filter(hidden -> {
                    Sourced before = lastRead.covered().get(hidden.name());
                    Sourced now = read.covered().get(hidden.name());
                    return now != null && (before == null || !before.text().equals(now.text()));
                })
                .toList();
    }

    /** Names only: values may be secrets. */
    @Override
    public String toString() {
        return changed + " " + waiting.keySet() + " " + covered;
    }
}
