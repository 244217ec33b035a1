package com.barnebys.analytics.hit;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The kinds this process knows. A kind names a table, so only so many new ones are created, however many are signed.
 * Any thread.
 */
public final class KindLimit {
    /** Kinds one process creates beside those that exist. */
    public static final int NEW_KINDS_MAX = 100;

    private static final int KIND_LENGTH_MAX = 64;

    private final ConcurrentHashMap<String, String> known = new ConcurrentHashMap<>();
    private final AtomicInteger created = new AtomicInteger();

    /** Tables that exist already cost nothing. */
    public KindLimit(Collection<String> existing) {
        existing.forEach(kind -> known.put(kind, kind));
    }

    /** The one instance of that kind, or null when it is new and there are too many. */
    @Nullable String admit(String kind) {
        String admitted = known.get(kind);
        if (admitted != null) {
            return admitted;
        }
        // Counted under the kind's lock: threads that bring it together must not take two of the last places.
        return known.computeIfAbsent(kind, k -> isPlaceLeft() ? k : null);
    }

    private boolean isPlaceLeft() {
        return created.get() < NEW_KINDS_MAX && created.incrementAndGet() <= NEW_KINDS_MAX;
    }

    /** Whether a kind, {@code -} already read as {@code _}, may name a table. {@code events} is the conversion events'. */
    static boolean isValid(String kind) {
        if (kind.length() > KIND_LENGTH_MAX || kind.equals("events")) {
            return false;
        }
        for (int i = 0; i < kind.length(); i++) {
            char c = kind.charAt(i);
            boolean isWordCharacter =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
            if (!isWordCharacter) {
                return false;
            }
        }
        return !kind.isEmpty();
    }
}
