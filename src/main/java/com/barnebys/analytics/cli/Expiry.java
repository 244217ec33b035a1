package com.barnebys.analytics.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When a link expires, as it is typed: {@code 30d}, {@code 12h}, {@code 90m}, {@code 45s}, or an ISO instant. */
final class Expiry {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})([smhd])");

    private Expiry() {}

    /** @throws IllegalArgumentException with what was expected, also for a moment that is not in the future */
    static Instant parse(String text, Instant now) {
        Instant expires = moment(text, now);
        if (!expires.isAfter(now)) {
            throw new IllegalArgumentException(text + " is not in the future");
        }
        return expires;
    }

    private static Instant moment(String text, Instant now) {
        Matcher duration = DURATION.matcher(text);
        try {
            return duration.matches()
                    ? now.plus(Duration.of(Long.parseLong(duration.group(1)), unit(duration.group(2))))
                    : Instant.parse(text);
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    text + " (expected: a duration as 30d, 12h, 90m, or an instant as 2027-01-31T00:00:00Z)", e);
        }
    }

    private static ChronoUnit unit(String letter) {
        return switch (letter) {
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            case "d" -> ChronoUnit.DAYS;
            default -> throw new DateTimeException("unit " + letter);
        };
    }
}
