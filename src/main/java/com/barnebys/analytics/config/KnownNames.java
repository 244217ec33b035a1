package com.barnebys.analytics.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Names that are no settings of this version but mean something to the reader of a message. */
final class KnownNames {
    private static final Set<String> LATER = Set.of("CONSOLE_TOKEN");

    /** Settings of the service this one replaces. */
    private static final Set<String> OLD =
            Set.of("MONGODB_URI", "MONGODB_DB", "FAUNADB_SECRET", "NPM_TOKEN", "BA_HOST");

    /** What is longer is near to none of ours, and would take long to compare. */
    private static final int COMPARED_MAX = 64;

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
        if (name.length() > COMPARED_MAX) {
            return Optional.empty();
        }
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

    /** Letters to insert, delete or replace, or pairs of them to exchange: the least there are. */
    private static int distance(String one, String other) {
        int[][] distances = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                distances[i][j] = i == 0 || j == 0 ? i + j : distance(one, i, other, j, distances);
            }
        }
        return distances[one.length()][other.length()];
    }

    /** That of the first letters, from those of fewer. */
    private static int distance(String one, int i, String other, int j, int[][] known) {
        char last = one.charAt(i - 1);
        char otherLast = other.charAt(j - 1);
        int least = Math.min(known[i - 1][j], known[i][j - 1]) + 1;
        least = Math.min(least, known[i - 1][j - 1] + (last == otherLast ? 0 : 1));
        boolean isExchanged = i > 1 && j > 1 && last == other.charAt(j - 2) && one.charAt(i - 2) == otherLast;
        return isExchanged ? Math.min(least, known[i - 2][j - 2] + 1) : least;
    }
}
