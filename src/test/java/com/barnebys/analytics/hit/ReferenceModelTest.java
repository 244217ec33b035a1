package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Percent decoding and the canonical query beside a second reading of the protocol, written from its text alone: slow,
 * with the JDK's own encoder and decoder, and nothing shared with the code. Random pieces, fixed seeds.
 */
class ReferenceModelTest {
    private static final int QUERIES = 500;
    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,9}");
    private static final String[] PIECES = {
        "a",
        "p",
        "k",
        "s",
        "d1",
        "url",
        "0",
        "7",
        "42",
        "007",
        "10",
        "4294967294",
        "4294967295",
        "a[]",
        "x[0]",
        "=",
        "=",
        "&",
        "&",
        "&",
        "%",
        "%%",
        "%4",
        "%zz",
        "%00",
        "%26",
        "%3D",
        "%2B",
        "+",
        "%20",
        "%73",
        "%30",
        "%C3%A5",
        "%c3%a5",
        "%C3",
        "%A5",
        "%E2%82%AC",
        "%E2%82",
        "%E0%80%80",
        "%ED%A0%80",
        "%ED%9F%BF",
        "%F0%9F%98%80",
        "%F0%9F%98",
        "%F4%90%80%80",
        "%F4%8F%BF%BF",
        "%C0%AF",
        "%FF",
        "%EF%BF%BD",
        "!",
        "'",
        "(",
        ")",
        "*",
        "~",
        "-",
        "_",
        ".",
        ";",
        "/",
        "?",
        "[",
        "{",
        "\"",
        "<",
        "^",
        "`",
        "|",
        "\\",
        "@",
        "$",
        ",",
        ":"
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void canonicalQueryIsThatOfTheModel(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < QUERIES; i++) {
            String query = query(random, random.nextInt(40));
            byte[] bytes = query.getBytes(StandardCharsets.US_ASCII);

            assertThat(CanonicalQuery.of(bytes, 0, bytes.length)).as(query).isEqualTo(canonical(query));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8})
    void decodedTextIsThatOfTheModel(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < QUERIES; i++) {
            String text = query(random, random.nextInt(12));
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);

            assertThat(PercentEncoding.decode(bytes, 0, bytes.length)).as(text).isEqualTo(decoded(text));
        }
    }

    private static String query(Random random, int pieces) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            query.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return query.toString();
    }

    private static String canonical(String query) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String piece : query.split("&")) {
            String[] pair = piece.split("=", 2);
            if (!piece.isEmpty() && !decoded(pair[0]).equals("s")) {
                values.computeIfAbsent(decoded(pair[0]), n -> new ArrayList<>())
                        .add(pair.length == 1 ? "" : decoded(pair[1]));
            }
        }
        List<String> names = new ArrayList<>(values.keySet());
        names.sort(Comparator.comparingLong(name -> INDEX.matcher(name).matches() && Long.parseLong(name) < 0xFFFF_FFFFL
                ? Long.parseLong(name)
                : Long.MAX_VALUE));
        List<String> pairs = new ArrayList<>();
        for (String name : names) {
            values.get(name).forEach(value -> pairs.add(encoded(name) + "=" + encoded(value)));
        }
        return String.join("&", pairs);
    }

    /** The JDK writes forms; ECMAScript's encodeURIComponent differs in seven characters. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%21", "!")
                .replace("%27", "'")
                .replace("%28", "(")
                .replace("%29", ")")
                .replace("%7E", "~");
    }

    private static String decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); ) {
            String escape = text.substring(i, Math.min(i + 3, text.length()));
            if (escape.matches("%[0-9A-Fa-f]{2}")) {
                bytes.write(Integer.parseInt(escape.substring(1), 16));
                i += 3;
            } else {
                bytes.write(text.charAt(i) == '+' ? ' ' : text.charAt(i));
                i++;
            }
        }
        return utf8(bytes.toByteArray());
    }

    /** One U+FFFD for each maximal bad piece: the longest that some right text begins with, or else one byte. */
    private static String utf8(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; ) {
            int length = 1;
            String character = "\uFFFD";
            for (int end = i + 1; end <= Math.min(i + 4, bytes.length); end++) {
                byte[] piece = Arrays.copyOfRange(bytes, i, end);
                CharBuffer whole = CharBuffer.allocate(4);
                CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
                CoderResult result = decoder.decode(ByteBuffer.wrap(piece), whole, false);
                if (!result.isError() && whole.position() > 0) {
                    character = whole.flip().toString();
                    length = end - i;
                    break;
                }
                if (!result.isError() && isBeginning(piece)) {
                    length = end - i;
                }
            }
            text.append(character);
            i += length;
        }
        return text.toString();
    }

    /** Whether right text begins so: the smallest or the largest continuation makes it whole. */
    private static boolean isBeginning(byte[] piece) {
        for (int more = 1; more < 4; more++) {
            for (int filler : new int[] {0x80, 0xBF, 0x90, 0x8F, 0xA0, 0x9F}) {
                byte[] whole = Arrays.copyOf(piece, piece.length + more);
                Arrays.fill(whole, piece.length, whole.length, (byte) filler);
                if (new String(whole, StandardCharsets.UTF_8).indexOf('\uFFFD') < 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
