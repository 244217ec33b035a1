package com.barnebys.analytics.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeliveryOptionsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void offersTheDocumentedDefaults() {
        assertThat(DeliveryOptions.DEFAULT).isEqualTo(new DeliveryOptions(500, 5_000, SECOND));
    }

    @Test
    void refusalsNameOffenderAndExpectation() {
        assertThatThrownBy(() -> new DeliveryOptions(0, 5, SECOND)).hasMessage("batchRows: 0 (expected: 1 or more)");
        assertThatThrownBy(() -> new DeliveryOptions(500, 499, SECOND))
                .hasMessage("backlogRows: 499 (expected: batchRows, 500, to 100000)");
        assertThatThrownBy(() -> new DeliveryOptions(500, 100_001, SECOND)).hasMessageContaining("100001");
        assertThatThrownBy(() -> new DeliveryOptions(1, 1, SECOND.negated())).hasMessageContaining("batchWait");
        assertThatThrownBy(() -> new DeliveryOptions(1, 1, Duration.ofHours(2))).hasMessageContaining("batchWait");
    }
}
