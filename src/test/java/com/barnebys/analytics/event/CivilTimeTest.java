package com.barnebys.analytics.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CivilTimeTest {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T18:01:08.243Z, 2026-11-23 18:01:08.243",
        "1970-01-01T00:00:00Z, 1970-01-01 00:00:00.000",
        "1969-12-31T23:59:59.999Z, 1969-12-31 23:59:59.999",
        "2024-02-29T00:00:00.001Z, 2024-02-29 00:00:00.001",
        "2024-02-29T23:59:59.999Z, 2024-02-29 23:59:59.999",
        "2024-03-01T00:00:00Z, 2024-03-01 00:00:00.000",
        "2000-02-29T12:00:00Z, 2000-02-29 12:00:00.000",
        "2100-02-28T23:59:59.999Z, 2100-02-28 23:59:59.999",
        "2100-03-01T00:00:00Z, 2100-03-01 00:00:00.000",
        "0001-01-01T00:00:00Z, 0001-01-01 00:00:00.000",
        "9999-12-31T23:59:59.999Z, 9999-12-31 23:59:59.999",
    })
    void isFormattedWithMilliseconds(Instant instant, String text) {
        long packed = CivilTime.pack(instant.toEpochMilli());

        assertThat(CivilTime.format(packed)).isEqualTo(text);
        assertThat(CivilTime.unpack(packed)).isEqualTo(instant);
    }

    /** The layout of CivilTimeEncoder, each field written down on its own. */
    @ParameterizedTest
    @CsvSource({
        "2026-11-23T18:01:08.243Z, 2026, 11, 23, 18, 1, 8, 243000",
        "2024-02-29T23:59:59.999Z, 2024, 2, 29, 23, 59, 59, 999000"
    })
    void isPackedAsBigQueryReadsIt(
            Instant instant, long year, long month, long day, long hour, long minute, long second, long micros) {
        long expected = year * (1L << 46)
                + month * (1L << 42)
                + day * (1L << 37)
                + hour * (1L << 32)
                + minute * (1L << 26)
                + second * (1L << 20)
                + micros;

        assertThat(CivilTime.pack(instant.toEpochMilli())).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void agreesWithJavaTimeAndKeepsOrder(long seed) {
        Random random = new Random(seed);
        long from = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
        long to = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
        long before = from;
        for (int i = 0; i < 20_000; i++) {
            long millis = random.nextLong(from, to);
            Instant instant = Instant.ofEpochMilli(millis);
            long packed = CivilTime.pack(millis);

            assertThat(CivilTime.format(packed)).isEqualTo(FORMAT.format(instant));
            assertThat(CivilTime.unpack(packed)).isEqualTo(instant);
            assertThat(Long.compare(packed, CivilTime.pack(before))).isEqualTo(Long.compare(millis, before));
            before = millis;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2024, 2, 29, 23, 59, 59, 999999, true",
        "1, 1, 1, 0, 0, 0, 0, true",
        "9999, 12, 31, 0, 0, 0, 0, true",
        "2023, 2, 29, 0, 0, 0, 0, false",
        "2023, 4, 31, 0, 0, 0, 0, false",
        "2023, 0, 1, 0, 0, 0, 0, false",
        "2023, 13, 1, 0, 0, 0, 0, false",
        "2023, 1, 0, 0, 0, 0, 0, false",
        "2023, 1, 1, 24, 0, 0, 0, false",
        "2023, 1, 1, 0, 60, 0, 0, false",
        "2023, 1, 1, 0, 0, 60, 0, false",
        "2023, 1, 1, 0, 0, 0, 1000000, false",
        "0, 1, 1, 0, 0, 0, 0, false",
        "10000, 1, 1, 0, 0, 0, 0, false",
        "-1, 1, 1, 0, 0, 0, 0, false",
    })
    void onlyDaysOfTheCalendarAreCivil(
            long year, long month, long day, long hour, long minute, long second, long micros, boolean isCivil) {
        long packed = year << 46 | month << 42 | day << 37 | hour << 32 | minute << 26 | second << 20 | micros;

        assertThat(CivilTime.isCivil(packed)).isEqualTo(isCivil);
    }
}
