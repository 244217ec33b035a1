package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentEncodingTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, ``",
                "plain, plain",
                "a+b, a b",
                "a%20b, a b",
                "a%2Bb, a+b",
                "a%2bb, a+b",
                "%, %",
                "%%, %%",
                "50%, 50%",
                "50%+off, 50% off",
                "%4, %4",
                "%zz, %zz",
                "%4z, %4z",
                "%z4, %z4",
                "%%41, %A",
                "%%%41, %%A",
                "%4%41, %4A",
                "%41%4, A%4",
                "100%25%zz%, 100%%zz%",
                "%2541, %41",
                "%u0041, %u0041",
                "%+41, % 41",
                "%4+1, %4 1",
                "%-1, %-1",
                "%C3%A5, \u00E5",
                "%c3%a5, \u00E5",
                "%C3%a5x, \u00E5x",
                "%E6%97%A5%E6%9C%AC, \u65E5\u672C",
                "%F0%9F%98%80, \uD83D\uDE00",
                "%EF%BB%BFx, \uFEFFx",
                "%EF%BF%BD, \uFFFD",
                "%FF, \uFFFD",
                "%FF%FE, \uFFFD\uFFFD",
                "%C3, \uFFFD",
                "%C3x, \uFFFDx",
                "%C3%, \uFFFD%",
                "%C3%zz, \uFFFD%zz",
                "%C3%C3%A5, \uFFFD\u00E5",
                "%80, \uFFFD",
                "%C0%80, \uFFFD\uFFFD",
                "%C1%BF, \uFFFD\uFFFD",
                "%E0%80%80, \uFFFD\uFFFD\uFFFD",
                "%E0%9F%BF, \uFFFD\uFFFD\uFFFD",
                "%E2%82, \uFFFD",
                "%E2%82x, \uFFFDx",
                "%E2x%82, \uFFFDx\uFFFD",
                "%ED%9F%BF, \uD7FF",
                "%ED%A0%80, \uFFFD\uFFFD\uFFFD",
                "%ED%BF%BF, \uFFFD\uFFFD\uFFFD",
                "%EE%80%80, \uE000",
                "%F0%8F%BF%BF, \uFFFD\uFFFD\uFFFD\uFFFD",
                "%F0%9F%98, \uFFFD",
                "%F0%9F, \uFFFD",
                "%F0%9F%98%F0%9F%98%80, \uFFFD\uD83D\uDE00",
                "%F4%8F%BF%BF, \uDBFF\uDFFF",
                "%F4%90%80%80, \uFFFD\uFFFD\uFFFD\uFFFD",
                "%F5%80%80%80, \uFFFD\uFFFD\uFFFD\uFFFD",
                "%F8%88%80%80%80, \uFFFD\uFFFD\uFFFD\uFFFD\uFFFD",
            })
    void decodes(String encoded, String text) {
        assertThat(decode(encoded)).isEqualTo(text);
    }

    @Test
    void decodesNulAndLineEndsLikeAnyCharacter() {
        assertThat(decode("a%00b%0D%0Ac")).isEqualTo("a\0b\r\nc");
    }

    @Test
    void decodesOnlyTheRangeItIsGiven() {
        byte[] bytes = ascii("%41%42%43");

        // An escape that begins in the range and ends behind it is none.
        assertThat(PercentEncoding.decode(bytes, 3, 6)).isEqualTo("B");
        assertThat(PercentEncoding.decode(bytes, 0, 5)).isEqualTo("A%4");
        assertThat(PercentEncoding.decode(bytes, 0, 4)).isEqualTo("A%");
        assertThat(PercentEncoding.decode(bytes, 4, 4)).isEmpty();
    }

    @Test
    void everyByteAloneIsItselfOrReplaced() {
        for (int b = 0; b < 256; b++) {
            String expected = b < 0x80 ? String.valueOf((char) b) : "\uFFFD";
            assertThat(decode(escaped(new byte[] {(byte) b}))).isEqualTo(expected);
        }
    }

    /** Against Node's decoder: see vectors.mjs. */
    @Test
    void everyPairOfBytesIsReadAsNodeReadsIt() throws IOException {
        int checked = 0;
        for (String line : lines("utf8-pairs.txt")) {
            int firstTo = HexFormat.fromHexDigits(line, 3, 5);
            for (int first = HexFormat.fromHexDigits(line, 0, 2); first <= firstTo; first++) {
                for (String range : line.substring(7).split(" ", -1)) {
                    int secondTo = HexFormat.fromHexDigits(range, 3, 5);
                    for (int second = HexFormat.fromHexDigits(range, 0, 2); second <= secondTo; second++) {
                        byte[] pair = {(byte) first, (byte) second};
                        assertThat(decode(escaped(pair)))
                                .as("%02X %02X", first, second)
                                .isEqualTo(shaped(pair, range.substring(6)));
                        checked++;
                    }
                }
            }
        }
        assertThat(checked).isEqualTo(256 * 256);
    }

    /** What a shape of utf8-pairs.txt stands for; the JDK is right about what is valid. */
    private static String shaped(byte[] pair, String shape) {
        return switch (shape) {
            case "AA" -> new String(pair, StandardCharsets.US_ASCII);
            case "AR" -> (char) pair[0] + "\uFFFD";
            case "RA" -> "\uFFFD" + (char) pair[1];
            case "R" -> "\uFFFD";
            case "RR" -> "\uFFFD\uFFFD";
            case "C" -> new String(pair, StandardCharsets.UTF_8);
            default -> throw new IllegalArgumentException(shape);
        };
    }

    /** Against Node's decoder, three to six bytes, mostly at the borders of the UTF-8 table. */
    @Test
    void longerPiecesAreReadAsNodeReadsThem() throws IOException {
        List<String> pieces = lines("utf8-pieces.txt");
        for (String line : pieces) {
            String[] piece = line.split(" ", 2);
            byte[] bytes = HexFormat.of().parseHex(piece[0]);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < piece[1].length(); i += 4) {
                text.append((char) HexFormat.fromHexDigits(piece[1], i, i + 4));
            }
            assertThat(decode(escaped(bytes))).as(piece[0]).isEqualTo(text.toString());
        }
        assertThat(pieces).hasSizeGreaterThan(1000);
    }

    @Test
    void rawBytesOutsideAsciiAreReadAsUtf8Too() {
        byte[] bytes = "å=日本 😀".getBytes(StandardCharsets.UTF_8);
        assertThat(PercentEncoding.decode(bytes, 0, bytes.length)).isEqualTo("å=日本 😀");
    }

    @Test
    void everyCharacterComesBackFromItsEscapes() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                continue;
            }
            String text = Character.toString(c);
            if (!decode(encode(text)).equals(text)) {
                throw new AssertionError("U+%04X does not come back".formatted(c));
            }
        }
    }

    @Test
    void encodesAllButTheUnreserved() {
        for (char c = 0; c < 128; c++) {
            boolean isUnreserved =
                    "-_.!~*'()ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".indexOf(c) >= 0;
            String expected = isUnreserved ? String.valueOf(c) : "%%%02X".formatted((int) c);
            assertThat(encode(String.valueOf(c))).isEqualTo(expected);
        }
        assertThat(encode("a b+å😀\uFFFD")).isEqualTo("a%20b%2B%C3%A5%F0%9F%98%80%EF%BF%BD");
    }

    @Test
    void onlySixteenLettersAndDigitsAreHex() {
        for (int c = -128; c < 0x10000; c++) {
            int expected = c < 0 || c > 'f' ? -1 : Math.max(-1, Character.digit((char) c, 16));
            assertThat(Math.max(-1, PercentEncoding.hexDigit(c))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5"})
    void decodingNeverGrowsAndNeverMakesLoneSurrogates(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[random.nextInt(24)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte)
                        (random.nextBoolean()
                                ? "%+0123456789abcdefABCDEF".charAt(random.nextInt(24))
                                : random.nextInt(256));
            }
            String text = PercentEncoding.decode(bytes, 0, bytes.length);
            assertThat(text.length()).isLessThanOrEqualTo(bytes.length);
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(text)).isTrue();
        }
    }

    private static String decode(String encoded) {
        byte[] bytes = ascii(encoded);
        return PercentEncoding.decode(bytes, 0, bytes.length);
    }

    private static String encode(String text) {
        StringBuilder to = new StringBuilder();
        PercentEncoding.encode(text, to);
        return to.toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String escaped(byte[] bytes) {
        return "%" + HexFormat.ofDelimiter("%").formatHex(bytes).toUpperCase(Locale.ROOT);
    }

    static List<String> lines(String name) throws IOException {
        InputStream stream =
                Objects.requireNonNull(PercentEncodingTest.class.getResourceAsStream("/hit/" + name), name);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        }
    }
}
