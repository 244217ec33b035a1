package com.barnebys.analytics.conversion;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.conversion.WebhookReader.RefusedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"ref\":\"r\",\"ref\":\"q\"              | q |",
                "\"ref\":true,\"ref\":\"q\"                | q |",
                "\"ref\":[1],\"ref\":7                        | 7 |",
                "\"ref\":\"r\",\"ref\":null                 |   | ref: missing",
                "\"ref\":\"r\",\"ref\":{}                   |   | ref: expected a text",
                "\"ref\":\"r\",\"eventValue\":true,\"eventValue\":null | r |",
            })
    void lastValueOfARepeatedNameCountsAsJsonParsersHaveIt(String members, String ref, String error)
            throws RefusedException {
        assertThat(read("{\"programId\":\"p\"," + members + "}"))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.ref()).isEqualTo(ref);
                    assertThat(entry.error()).isEqualTo(error);
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 1_001, 900_000})
    void numberAndNameMayBeLong(int length) throws RefusedException {
        String number = "1".repeat(length);
        String entry = "{\"programId\":\"p\",\"ref\":\"r\",\"eventValue\":" + number + "}";
        String unknown = "{\"programId\":\"p\",\"ref\":\"r\",\"" + "n".repeat(length) + "\":0." + number + "}";

        assertThat(read("[" + entry + "," + unknown + ",{}]"))
                .extracting(WebhookEntry::error)
                .containsExactly(null, null, "programId: missing");
        assertThat(read(entry).get(0).value()).isEqualTo(number);
    }

    @Test
    void deepNestingIsRefusedAndNotAStackOverflow() {
        String deep = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThatThrownBy(() -> read(deep))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("deep");
    }

    @Test
    void byteOrderMarkInFrontIsPassedOver() throws RefusedException {
        assertThat(read("\uFEFF[{}]")).hasSize(1);
        assertThatThrownBy(() -> read("\uFEFF\uFEFF[]")).isInstanceOf(RefusedException.class);
    }

    @Test
    void loneSurrogateIsReplacedAndAPairIsNot() throws RefusedException {
        assertThat(read("{\"programId\":\"p\",\"ref\":\"\\udc00a\\ud83d\\ude00\\ud83d\"}")
                        .get(0)
                        .ref())
                .isEqualTo("\uFFFDa\uD83D\uDE00\uFFFD");
    }

    /** The last four are what a lenient reader takes: NUL in two bytes, halves of a pair, and more than there is. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00ff",
                "\u00e5",
                "\u00e2\u0082",
                "\u00c0\u0080",
                "\u00ed\u00a0\u0080",
                "\u00f4\u0090\u0080\u0080",
                "\u00f5\u0080\u0080\u0080"
            })
    void bytesThatAreNoUtf8AreRefused(String bytes) {
        byte[] body = ("[{\"programId\":\"p\",\"ref\":\"" + bytes + "\"}]").getBytes(ISO_8859_1);

        assertThatThrownBy(() -> WebhookReader.read(body)).isInstanceOf(RefusedException.class);
    }
}
