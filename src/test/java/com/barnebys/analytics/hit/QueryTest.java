package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class QueryTest {
    private static final Map<String, Parameter> ASKED = Map.of(
            "p", Parameter.PROGRAM,
            "k", Parameter.KIND,
            "d1", Parameter.DIMENSION1,
            "url", Parameter.URL,
            "a", Parameter.AFFILIATE,
            "s", Parameter.SIGNATURE);

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "p=1, 1",
                "x=2&p=1, 1",
                "p=1&p=2, 1",
                "p=&p=2, ``",
                "p&p=2, ``",
                "p=a=b, a=b",
                "p==, =",
                "p=a+b%20c, a b c",
                "%70=1, 1",
                "p=%zz%, %zz%",
                "p=1;k=2, 1;k=2",
                "P=2&p=1, 1",
                "&&p=1, 1",
                "?p=2&p=1, 1",
                "p%3D=2&p=1, 1",
                "+p=2&p=1, 1",
                "p=1#, 1#",
            })
    void firstValueOfThePlainNameCounts(String query, String program) {
        Query read = read(query);

        assertThat(read.has(Parameter.PROGRAM)).isTrue();
        assertThat(read.value(Parameter.PROGRAM)).isEqualTo(program);
        assertThat(read.is(Parameter.PROGRAM, program)).isEqualTo(!program.isEmpty());
        assertThat(read.isEmpty(Parameter.PROGRAM)).isEqualTo(program.isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {"``", "&", "=", "=p", "P=1", "pp=1", "p%00=1", "%2570=1", "amp;p=1", "p[0]=1", "p[]=1"})
    void otherNamesAreNotTheName(String query) {
        Query read = read(query);

        assertThat(read.has(Parameter.PROGRAM)).isFalse();
        assertThat(read.isEmpty(Parameter.PROGRAM)).isTrue();
        assertThat(read.value(Parameter.PROGRAM)).isEmpty();
        assertThat(read.is(Parameter.PROGRAM, "")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Parameter.class)
    void everyParameterIsFoundByItsNamePlainAndEscaped(Parameter parameter) {
        String name = nameOf(parameter);
        StringBuilder escaped = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.US_ASCII)) {
            PercentEncoding.escape(b, escaped);
        }

        assertThat(read("x=0&" + name + "=v&y=0").value(parameter)).isEqualTo("v");
        assertThat(read(escaped + "=v").value(parameter)).isEqualTo("v");
        assertThat(read(name.toUpperCase(java.util.Locale.ROOT) + "=v").has(parameter))
                .isEqualTo(false);
        assertThat(read(name + "x=v").has(parameter)).isFalse();
    }

    /** The names of protocol.md, section 2. */
    private static String nameOf(Parameter parameter) {
        return switch (parameter) {
            case PROGRAM -> "p";
            case KIND -> "k";
            case AFFILIATE -> "a";
            case SIGNATURE -> "s";
            case DIMENSION1 -> "d1";
            case DIMENSION2 -> "d2";
            case DIMENSION3 -> "d3";
            case DIMENSION4 -> "d4";
            case DIMENSION5 -> "d5";
            case SPONSORED -> "sp";
            case DEAL_TYPE -> "dt";
            case URL -> "url";
            case FINGERPRINT -> "fpv";
            case EXPIRES -> "exp";
            case HANDLER -> "_h";
            case SOURCE -> "source";
        };
    }

    @Test
    void onlyTheFirstThousandPiecesCount() {
        assertThat(read("&".repeat(998) + "p=1").value(Parameter.PROGRAM)).isEqualTo("1");
        assertThat(read("&".repeat(999) + "p=1").value(Parameter.PROGRAM)).isEqualTo("1");
        assertThat(read("&".repeat(1000) + "p=1").has(Parameter.PROGRAM)).isFalse();
        assertThat(read("x&".repeat(1000) + "p=1").has(Parameter.PROGRAM)).isFalse();
        assertThat(read("s=1&" + "&".repeat(999) + "s=2").hasTwoSignatures()).isFalse();
        assertThat(read("s=1&" + "&".repeat(998) + "s=2").hasTwoSignatures()).isTrue();
        assertThat(read("&".repeat(5000)).pieces()).isEqualTo(Query.PIECES_MAX);
    }

    @Test
    void nothingStaysFromTheQueryReadBefore() {
        Query query = new Query();
        byte[] first = "s=1&s=2&p=1".getBytes(StandardCharsets.US_ASCII);
        query.read(first, 0, first.length);

        query.read(new byte[0], 0, 0);

        assertThat(query.hasTwoSignatures()).isFalse();
        assertThat(query.has(Parameter.PROGRAM)).isFalse();
        assertThat(query.pieces()).isEqualTo(1);
    }

    /** Against Node's querystring.parse: see vectors.mjs. */
    @Test
    void queriesSayWhatNodeReadInThem() throws IOException {
        for (String line : PercentEncodingTest.lines("queries.jsonl")) {
            JsonObject vector = new JsonObject(line);
            JsonObject first = vector.getJsonObject("first");
            Query read = read(vector.getString("query"));
            ASKED.forEach((name, parameter) -> {
                assertThat(read.has(parameter)).as(line).isEqualTo(first.containsKey(name));
                assertThat(read.value(parameter)).as(line).isEqualTo(first.getString(name, ""));
            });
            assertThat(read.hasTwoSignatures()).as(line).isEqualTo(vector.getInteger("signatures") > 1);
        }
    }

    private static Query read(String query) {
        // Not at 0 and not to the end: what stands around the query is not part of it.
        byte[] bytes = ("p=before&" + query + "&p=behind&s=&s=").getBytes(StandardCharsets.US_ASCII);
        Query read = new Query();
        read.read(bytes, 9, 9 + query.length());
        return read;
    }
}
