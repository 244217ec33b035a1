package com.barnebys.analytics.conversion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.conversion.WebhookReader.RefusedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookReaderTest {
    private static List<WebhookEntry> read(String json) throws RefusedException {
        return WebhookReader.read(json.getBytes(UTF_8));
    }

    @Test
    void entryMayStandAlone() throws RefusedException {
        assertThat(read("{\"programId\":\"p\",\"ref\":\"r\",\"eventCategory\":\"c\",\"eventAction\":\"a\","
                        + "\"eventLabel\":\"l\",\"eventValue\":\"v\",\"eventCurrency\":\"EUR\"}"))
                .containsExactly(new WebhookEntry("p", "r", "c", "a", "l", "v", "EUR", null));
    }

    @ParameterizedTest
    @CsvSource({
        "100.10, 100.10",
        "1e400, 1e400",
        "-0, -0",
        "12345678901234567890123, 12345678901234567890123",
    })
    void numberIsTheTextItWasWrittenAs(String number, String text) throws RefusedException {
        assertThat(read("[{\"programId\":1,\"ref\":\"r\",\"eventValue\":" + number + "}]"))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.programId()).isEqualTo("1");
                    assertThat(entry.value()).isEqualTo(text);
                    assertThat(entry.error()).isNull();
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "17                                                    | Not an object",
                "null                                                  | Not an object",
                "[{\"programId\":\"p\",\"ref\":\"r\"}]                | Not an object",
                "{}                                                    | programId: missing",
                "{\"ref\":\"r\"}                                       | programId: missing",
                "{\"programId\":\"\",\"ref\":\"r\"}                  | programId: missing",
                "{\"programId\":null,\"ref\":\"r\"}                  | programId: missing",
                "{\"programId\":\"p\"}                                 | ref: missing",
                "{\"programId\":[\"p\"],\"ref\":\"r\"}               | programId: expected a text",
                "{\"programId\":\"p\",\"ref\":{\"a\":[{}]}}            | ref: expected a text",
                "{\"programId\":\"p\",\"ref\":\"r\",\"eventValue\":true} | eventValue: expected a text",
            })
    void whatIsNoEntryIsSaidAndTheNextOneIsRead(String entry, String error) throws RefusedException {
        List<WebhookEntry> entries = read("[" + entry + ",{\"programId\":\"p\",\"ref\":\"r\"}]");

        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).error()).isEqualTo(error);
        assertThat(entries.get(0).key()).isNull();
        assertThat(entries.get(1).error()).isNull();
    }

    @Test
    void lastValueOfARepeatedNameCountsAsJsonParsersHaveIt() throws RefusedException {
        assertThat(read("{\"programId\":\"p\",\"ref\":\"r\",\"ref\":\"q\"}")
                        .get(0)
                        .ref())
                .isEqualTo("q");
    }

    @Test
    void deepNestingIsRefusedAndNotAStackOverflow() {
        String deep = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThatThrownBy(() -> read(deep)).isInstanceOf(RefusedException.class);
    }

    @Test
    void bytesThatAreNoUtf8AreRefused() {
        byte[] body = "[{\"programId\":\"p\",\"ref\":\"x\"}]".getBytes(UTF_8);
        body[body.length - 5] = (byte) 0xFF;

        assertThatThrownBy(() -> WebhookReader.read(body)).isInstanceOf(RefusedException.class);
    }
}
