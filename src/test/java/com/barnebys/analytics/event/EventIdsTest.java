package com.barnebys.analytics.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventIdsTest {
    private static final long NOW = 0x0192_3456_789AL;

    @ParameterizedTest
    @CsvSource({"0, 8000-000000000000", "-1, bfff-ffffffffffff", "81985529216486895, 8123-456789abcdef"})
    void isWrittenAsAVersion7Uuid(long randomBits, String low) {
        EventIds ids = new EventIds(() -> randomBits);

        assertThat(next(ids, NOW)).isEqualTo("01923456-789a-7000-" + low);
        assertThat(next(ids, NOW)).isEqualTo("01923456-789a-7001-" + low);
    }

    @Test
    void saysItsVersionVariantAndTime() {
        EventIds ids = new EventIds();
        for (int i = 0; i < 1000; i++) {
            String text = next(ids, NOW + i);
            UUID id = UUID.fromString(text);

            assertThat(id.version()).isEqualTo(7);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(NOW + i);
            assertThat(id).hasToString(text);
        }
    }

    @Test
    void idsOfAMillisecondAreInOrderBeyondTheCounterToo() {
        EventIds ids = new EventIds();
        String before = "";
        for (int i = 0; i < 3 * 4096; i++) {
            String id = next(ids, NOW);
            assertThat(id).isGreaterThan(before);
            before = id;
        }
        // Two overflows: two milliseconds ahead of the clock.
        assertThat(UUID.fromString(before).getMostSignificantBits() >>> 16).isEqualTo(NOW + 2);
        assertThat(next(ids, NOW + 1)).isGreaterThan(before);
        assertThat(next(ids, NOW + 10)).startsWith("01923456-78a4-7000-");
    }

    @Test
    void idsStayInOrderWhenTheClockGoesBack() {
        EventIds ids = new EventIds();
        String before = next(ids, NOW);
        for (long now = NOW; now > NOW - 10_000; now--) {
            String id = next(ids, now);
            assertThat(id).isGreaterThan(before);
            before = id;
        }
    }

    @Test
    void generatorsDoNotMeet() {
        Set<String> all = new HashSet<>();
        for (int generator = 0; generator < 100; generator++) {
            EventIds ids = new EventIds();
            for (int i = 0; i < 100; i++) {
                all.add(next(ids, NOW));
            }
        }
        assertThat(all).hasSize(10_000);
    }

    @Test
    void writesItsPlaceAndNoOther() {
        byte[] text = "-".repeat(40).getBytes(StandardCharsets.US_ASCII);

        new EventIds().next(NOW, text, 2);

        assertThat(new String(text, StandardCharsets.US_ASCII))
                .matches("--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}--");
    }

    private static String next(EventIds ids, long now) {
        byte[] text = new byte[EventIds.LENGTH];
        ids.next(now, text, 0);
        return new String(text, StandardCharsets.US_ASCII);
    }
}
