package com.barnebys.analytics.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000L;

    private final RateLimit limit = new RateLimit(2);
    private long now = Long.MAX_VALUE - SECOND; // nanoTime may run over

    private int admitted(String address, String program, int asked) {
        int admitted = 0;
        for (int i = 0; i < asked; i++) {
            admitted += limit.admits(address, program, now) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void burstIsTenSecondsAndThenItFillsSteadily() {
        assertThat(admitted("a", "p", 100)).isEqualTo(20);
        now += SECOND;
        assertThat(admitted("a", "p", 100)).isEqualTo(2);
        now += SECOND / 2;
        assertThat(admitted("a", "p", 100)).isEqualTo(1);
        now += 1000 * SECOND;
        assertThat(admitted("a", "p", 100)).isEqualTo(20);
    }

    @Test
    void eachAddressAndProgramHasItsOwn() {
        assertThat(admitted("a", "p", 100)).isEqualTo(20);
        assertThat(admitted("b", "p", 100)).isEqualTo(20);
        assertThat(admitted("a", "q", 100)).isEqualTo(20);
        assertThat(admitted(null, "p", 100)).isEqualTo(20);
    }

    @Test
    void clockThatGoesBackGivesNothing() {
        assertThat(admitted("a", "p", 100)).isEqualTo(20);
        now -= 5 * SECOND;
        assertThat(admitted("a", "p", 100)).isZero();
    }

    @Test
    void limitIsAtLeastOne() {
        assertThatThrownBy(() -> new RateLimit(0)).hasMessageContaining("perSecond");
    }
}
