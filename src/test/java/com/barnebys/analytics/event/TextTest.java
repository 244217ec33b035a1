package com.barnebys.analytics.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {
    @Test
    void nulIsRemovedAndLoneSurrogatesAreReplaced() {
        assertThat(storable("a\0b\0", 9)).isEqualTo("ab");
        assertThat(storable("\0", 9)).isEmpty();
        assertThat(storable("a\uD83Db", 9)).isEqualTo("a\uFFFDb");
        assertThat(storable("a\uDE00b", 9)).isEqualTo("a\uFFFDb");
        assertThat(storable("\uDE00\uD83D", 9)).isEqualTo("\uFFFD\uFFFD");
        assertThat(storable("\uD83D\uD83D\uDE00", 9)).isEqualTo("\uFFFD\uD83D\uDE00");
        assertThat(storable("\uD83D\0\uDE00", 9)).isEqualTo("\uFFFD\uFFFD");
        assertThat(storable("\t\r\n\u0001\u007F", 9)).isEqualTo("\t\r\n\u0001\u007F");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "abcd, 4, abcd",
                "abcde, 4, abcd",
                "abcé, 4, abc",
                "abé, 4, abé",
                "ab日, 4, ab",
                "a日, 4, a日",
                "a😀, 4, a",
                "😀x, 4, 😀",
                "ab😀, 6, ab😀",
                "abcé, 0, ``",
                "日x, 2, ``"
            })
    void isCutAtTheBorderOfACharacter(String text, int bytesMax, String kept) {
        assertThat(storable(text, bytesMax)).isEqualTo(kept);
    }

    @Test
    void whatIsRemovedDoesNotCount() {
        assertThat(storable("\0".repeat(100) + "abcd", 4)).isEqualTo("abcd");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void isTheLongestPrefixThatFits(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 3000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.appendCodePoint("aé日😀".codePoints().toArray()[random.nextInt(4)]);
            }
            int bytesMax = random.nextInt(24);
            String kept = storable(text.toString(), bytesMax);

            assertThat(text.toString()).startsWith(kept);
            assertThat(kept.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(bytesMax);
            if (kept.length() < text.length()) {
                String more = kept + Character.toString(text.codePointAt(kept.length()));
                assertThat(more.getBytes(StandardCharsets.UTF_8).length).isGreaterThan(bytesMax);
            }
        }
    }

    private static String storable(String text, int bytesMax) {
        return new String(Text.storable(text, bytesMax), StandardCharsets.UTF_8);
    }
}
