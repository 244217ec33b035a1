package com.barnebys.analytics.cli;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code --from} and {@code --to}, in UTC unless they carry an offset. */
record TimeLimits(@Nullable Instant from, @Nullable Instant to) {

    static TimeLimits parse(@Nullable String from, @Nullable String to, CommandLine line) {
        return new TimeLimits(moment("--from", from, 0, line), moment("--to", to, 1, line));
    }

    /** @param wholeDays added to a bare day, so that {@code --to} 2026-11-23 takes all of that day */
    private static @Nullable Instant moment(String option, @Nullable String text, int wholeDays, CommandLine line) {
        if (text == null) {
            return null;
        }
        try {
            if (text.length() == "2026-11-23".length()) {
                return LocalDate.parse(text).plusDays(wholeDays).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            String iso = text.replace(' ', 'T');
            boolean hasOffset = iso.endsWith("Z") || iso.matches(".*[+-]\\d\\d:\\d\\d");
            return hasOffset
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new CommandLine.ParameterException(
                    line,
                    option + ": " + text + " (expected: a day 2026-11-23 or a moment 2026-11-23T18:00)",
                    e,
                    null,
                    text);
        }
    }
}
