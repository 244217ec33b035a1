package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeyTextTest {
    private static final String KEY = "-----BEGIN PRIVATE KEY-----\nnAb/\nr+T=\n-----END PRIVATE KEY-----\n";
    private static final String REPAIRED = "-----BEGIN PRIVATE KEY-----\nnAb/r+T=\n-----END PRIVATE KEY-----\n";

    @Test
    void aGoodKeyStaysTheSameKey() {
        assertThat(PrivateKeyText.repaired(KEY)).isEqualTo(REPAIRED);
        assertThat(PrivateKeyText.repaired(REPAIRED)).isEqualTo(REPAIRED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\n", "\\\\n", "\\r\\n", "\r\n", "\r", " ", "\n    ", "\\n\n", ""})
    void whateverBecameOfItsNewlinesIsUndone(String newline) {
        String garbled = KEY.replace("\n", newline);

        assertThat(PrivateKeyText.repaired(garbled)).isEqualTo(REPAIRED);
        assertThat(PrivateKeyText.repaired('"' + garbled + '"')).isEqualTo(REPAIRED);
        assertThat(PrivateKeyText.repaired("'" + garbled + "'\n")).isEqualTo(REPAIRED);
        assertThat(PrivateKeyText.repaired("  \"private_key\": \"" + garbled + "\",\n"))
                .isEqualTo(REPAIRED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hush",
                "-----BEGIN PRIVATE KEY-----\nhush",
                "-----BEGIN RSA PRIVATE KEY-----\nhush\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nhush!\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nhu=sh\n-----END PRIVATE KEY-----"
            })
    void whatIsNoKeyIsRefusedWithoutQuotingIt(String text) {
        assertThatThrownBy(() -> PrivateKeyText.repaired(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ")
                .hasMessageNotContaining("hush");
    }
}
