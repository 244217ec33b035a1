package com.barnebys.analytics.event;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * A DATETIME as BigQuery's Storage Write API packs it into an int64, in UTC:
 * {@code ((year<<26 | month<<22 | day<<17 | hour<<12 | minute<<6 | second) << 20) | micros}
 * (CivilTimeEncoder of google-cloud-bigquerystorage, "Packed64DatetimeMicros").
 */
public final class CivilTime {
    private CivilTime() {}

    /** Packs milliseconds since the epoch; years 1 to 9999. */
    public static long pack(long epochMillis) {
        long seconds = packSeconds(Math.floorDiv(epochMillis, 1000L));
        return seconds << 20 | Math.floorMod(epochMillis, 1000L) * 1000L;
    }

    static long packSeconds(long epochSeconds) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(epochSeconds, 0, ZoneOffset.UTC);
        return (long) time.getYear() << 26
                | (long) time.getMonthValue() << 22
                | (long) time.getDayOfMonth() << 17
                | (long) time.getHour() << 12
                | (long) time.getMinute() << 6
                | time.getSecond();
    }

    /** {@code 2026-11-23 18:01:08.243}: always milliseconds, no zone. */
    public static String format(long packed) {
        char[] text = new char[23];
        number(text, 0, 4, (int) (packed >> 46));
        text[4] = '-';
        number(text, 5, 2, (int) (packed >> 42) & 0xF);
        text[7] = '-';
        number(text, 8, 2, (int) (packed >> 37) & 0x1F);
        text[10] = ' ';
        number(text, 11, 2, (int) (packed >> 32) & 0x1F);
        text[13] = ':';
        number(text, 14, 2, (int) (packed >> 26) & 0x3F);
        text[16] = ':';
        number(text, 17, 2, (int) (packed >> 20) & 0x3F);
        text[19] = '.';
        number(text, 20, 3, (int) (packed & 0xFFFFF) / 1000);
        return new String(text);
    }

    private static void number(char[] text, int at, int digits, int value) {
        for (int i = at + digits - 1; i >= at; i--) {
            text[i] = (char) ('0' + value % 10);
            value /= 10;
        }
    }

    /** Whether the bits are a day of the calendar, years 1 to 9999, and a time of it. */
    static boolean isCivil(long packed) {
        long year = packed >> 46;
        int month = (int) (packed >> 42) & 0xF;
        int day = (int) (packed >> 37) & 0x1F;
        return year >= 1
                && year <= 9999
                && month >= 1
                && month <= 12
                && day >= 1
                && (day <= 28 || day <= YearMonth.of((int) year, month).lengthOfMonth())
                && (packed >> 32 & 0x1F) < 24
                && (packed >> 26 & 0x3F) < 60
                && (packed >> 20 & 0x3F) < 60
                && (packed & 0xFFFFF) < 1_000_000;
    }

    /**
     * The inverse of {@link #pack(long)}.
     *
     * @throws java.time.DateTimeException when the bits are no time; what {@link RowReader} hands out is one
     */
    public static Instant unpack(long packed) {
        LocalDateTime time = LocalDateTime.of(
                (int) (packed >> 46),
                (int) (packed >> 42) & 0xF,
                (int) (packed >> 37) & 0x1F,
                (int) (packed >> 32) & 0x1F,
                (int) (packed >> 26) & 0x3F,
                (int) (packed >> 20) & 0x3F,
                (int) (packed & 0xFFFFF) * 1000);
        return time.toInstant(ZoneOffset.UTC);
    }
}
