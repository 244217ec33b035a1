package com.barnebys.analytics.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with a unit, as people write them: {@code 10GiB}, {@code 200ms}. */
final class Quantity {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)");
    private static final Map<String, Long> BYTES = Map.of(
            "",
            1L,
            "b",
            1L,
            "kb",
            1_000L,
            "mb",
            1_000_000L,
            "gb",
            1_000_000_000L,
            "tb",
            1_000_000_000_000L, //
            "kib",
            1L << 10,
            "mib",
            1L << 20,
            "gib",
            1L << 30,
            "tib",
            1L << 40);
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private Quantity() {}

    /** @throws IllegalArgumentException when it is no size, or more than a long holds */
    static long bytes(String text) {
        return scaled(text.toLowerCase(Locale.ROOT), BYTES);
    }

    /**
     * A unit is demanded, except for 0: nobody can tell what a bare 5 was meant to be.
     *
     * @throws IllegalArgumentException when it is no duration
     */
    static Duration duration(String text) {
        return text.equals("0") ? Duration.ZERO : Duration.ofMillis(scaled(text, MILLIS));
    }

    private static long scaled(String text, Map<String, Long> units) {
        Matcher matcher = FORM.matcher(text);
        Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException(text);
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
