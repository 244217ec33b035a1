package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The names of a track hit's query that mean something. Beyond the parser everything has its full name. */
@SuppressWarnings("EnumOrdinal") // the hot path keeps arrays by parameter, as an EnumMap would
enum Parameter {
    PROGRAM("p"),
    KIND("k"),
    AFFILIATE("a"),
    SIGNATURE("s"),
    DIMENSION1("d1"),
    DIMENSION2("d2"),
    DIMENSION3("d3"),
    DIMENSION4("d4"),
    DIMENSION5("d5"),
    SPONSORED("sp"),
    DEAL_TYPE("dt"),
    URL("url"),
    FINGERPRINT("fpv"),
    EXPIRES("exp"),
    HANDLER("_h"),
    SOURCE("source");

    static final int COUNT = values().length;

    private static final Parameter[] ALL = values();
    private static final int LENGTH_MAX = 6;

    private final String queryName;

    Parameter(String queryName) {
        this.queryName = queryName;
    }

    /** The parameter of that name (case-sensitive, escapes decoded), or null for a name that means nothing. */
    static @Nullable Parameter of(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 1) {
            return ofOne(bytes[from]);
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] == '%') {
                byte[] name = PercentEncoding.decode(bytes, from, to).getBytes(StandardCharsets.UTF_8);
                return ofPlain(name, 0, name.length);
            }
        }
        return ofPlain(bytes, from, to);
    }

    private static @Nullable Parameter ofOne(byte name) {
        return switch (name) {
            case 'p' -> PROGRAM;
            case 'k' -> KIND;
            case 'a' -> AFFILIATE;
            case 's' -> SIGNATURE;
            default -> null;
        };
    }

    private static @Nullable Parameter ofPlain(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 1) {
            return ofOne(bytes[from]);
        }
        if (length > LENGTH_MAX) {
            return null;
        }
        if (length == 2 && bytes[from] == 'd' && bytes[from + 1] >= '1' && bytes[from + 1] <= '5') {
            return ALL[DIMENSION1.ordinal() + bytes[from + 1] - '1'];
        }
        for (int i = SPONSORED.ordinal(); i < COUNT; i++) {
            if (ALL[i].isNamed(bytes, from, length)) {
                return ALL[i];
            }
        }
        return null;
    }

    private boolean isNamed(byte[] bytes, int from, int length) {
        if (length != queryName.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != queryName.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
