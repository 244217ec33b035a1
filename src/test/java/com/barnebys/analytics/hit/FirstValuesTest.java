package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirstValuesTest {
    private static final Set<String> WANTED = Set.of("a", "b", "_f");

    private static FirstValues read(String raw) {
        Target target = new Target();
        assertThat(target.read(raw)).isTrue();
        return FirstValues.of(target, WANTED);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "NULL",
            value = {
                "/x?a=1, 1",
                "/x?a=1&a=2, 1",
                "/x?b=2&a=1, 1",
                "/x?a=, ''",
                "/x?a, ''",
                "/x?&&a=1&, 1",
                "/x?a=1=2, 1=2",
                "/x?=1, NULL",
                "/x?A=1, NULL",
                "/x?xa=1, NULL",
                "/x, NULL",
                "/x?, NULL",
                "/x?%61=1, 1",
                "/x?a=%C3%A5+b%zz%4, å b%zz%4",
                "/x?b=1#a=2, NULL",
                "/x?b=?&a=/?&, /?",
                "http://t.example/x?a=1, 1",
            })
    void valueOfA(String raw, String expected) {
        assertThat(read(raw).get("a")).isEqualTo(expected);
        assertThat(read(raw).orEmpty("a")).isEqualTo(expected == null ? "" : expected);
    }

    @Test
    void piecesBehindTheThousandthDoNotCount() {
        assertThat(read("/x?" + "&".repeat(999) + "a=1").get("a")).isEqualTo("1");
        assertThat(read("/x?" + "&".repeat(1000) + "a=1").get("a")).isNull();
    }

    @Test
    void whatIsNotWantedIsNotThere() {
        assertThat(read("/x?c=1&a=1").get("c")).isNull();
    }
}
