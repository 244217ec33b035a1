package com.barnebys.analytics.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Names that are no settings of this version but mean something to the reader of a message. */
final class KnownNames {
    private static final Set<String> LATER = Set.of("CONSOLE_TOKEN", "CONFIG_SCAN");

    /** Settings of the service this one replaces. */
    private static final Set<String> OLD =
            Set.of("MONGODB_URI", "MONGODB_DB", "FAUNADB_SECRET", "NPM_TOKEN", "BA_HOST");

    private static final List<String> OLD_PREFIXES = List.of("EVENTHUB_", "APPLICATIONINSIGHTS_");

    private KnownNames() {}

    /** Settings of a later version. */
    static boolean isLater(String name) {
        return LATER.contains(name);
    }

    static boolean isOld(String name) {
        return OLD.contains(name) || OLD_PREFIXES.stream().anyMatch(name::startsWith);
    }

    /** The known name that was probably meant; empty when none is near. */
    static Optional<String> nearest(String name) {
        String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
        String nearest = "";
        int least = Integer.MAX_VALUE;
        for (String known : Setting.names()) {
            int distance = distance(wanted, known);
            if (distance < least) {
                least = distance;
                nearest = known;
            }
        }
        return least <= Math.max(1, Math.min(wanted.length(), nearest.length()) / 3)
                ? Optional.of(nearest)
                : Optional.empty();
    }

    /** Levenshtein's: letters to insert, delete or replace. */
    private static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(row[j - 1], above[j]) + 1);
            }
            above = row;
        }
        return above[other.length()];
    }
}
