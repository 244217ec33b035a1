package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalQueryTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, ``",
                "p=1&k=2, p=1&k=2",
                "s=1, ``",
                "%73=1&p=1, p=1",
                "S=1, S=1",
                "a, a=",
                "a=, a=",
                "=x, =x",
                "=, =",
                "&&a&&, a=",
                "d1=a+b, d1=a%20b",
                "d1=a%2Bb, d1=a%2Bb",
                "d1=%c3%a5, d1=%C3%A5",
                "d1=%41, d1=A",
                "d1=100%25%zz%, d1=100%25%25zz%25",
                "d1=%ff, d1=%EF%BF%BD",
                "d1=%ED%A0%80, d1=%EF%BF%BD%EF%BF%BD%EF%BF%BD",
                "d1=!'()*-._~, d1=!'()*-._~",
                "x[0]=1, x%5B0%5D=1",
                "d1=a=b, d1=a%3Db",
                "a=1&b=2&a=3, a=1&a=3&b=2",
                "z=1&42=2&7=3&0=4, 0=4&7=3&42=2&z=1",
                "01=1&1=2, 1=2&01=1",
                "-1=1&1=2, 1=2&-1=1",
                "x=1&%37=2, 7=2&x=1",
                "4294967295=1&4294967294=2, 4294967294=2&4294967295=1",
                "99999999999=1&3=2, 3=2&99999999999=1",
                "\u0661=1, \u0661=1",
            })
    void isWrittenInOneWay(String query, String canonical) {
        String expected = canonical.replace("\u0661", "%D9%A1");
        assertThat(canonical(query.replace("\u0661", "%d9%a1"))).isEqualTo(expected);
    }

    /** Against Node's querystring.stringify(parse(query) without s): see vectors.mjs. */
    @Test
    void isWhatNodeWrote() throws IOException {
        List<String> vectors = PercentEncodingTest.lines("queries.jsonl");
        for (String line : vectors) {
            JsonObject vector = new JsonObject(line);
            assertThat(canonical(vector.getString("query"))).as(line).isEqualTo(vector.getString("canonical"));
        }
        assertThat(vectors).hasSizeGreaterThan(400);
    }

    @Test
    void writtenTwiceIsWrittenOnce() throws IOException {
        for (String line : PercentEncodingTest.lines("queries.jsonl")) {
            String canonical = new JsonObject(line).getString("canonical");
            assertThat(canonical(canonical)).isEqualTo(canonical);
        }
    }

    private static String canonical(String query) {
        byte[] bytes = ("x=" + query + "&y").getBytes(StandardCharsets.US_ASCII);
        return CanonicalQuery.of(bytes, 2, 2 + query.length());
    }
}
