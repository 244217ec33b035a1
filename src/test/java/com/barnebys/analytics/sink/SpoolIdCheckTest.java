package com.barnebys.analytics.sink;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class SpoolIdCheckTest {
    private static final UUID MINE = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);

    @Test
    void anotherSpoolIsRefusedWithBothIds() {
        assertThatThrownBy(() -> SpoolIdCheck.check(OTHER, MINE, 17, false))
                .isInstanceOf(ForeignSpoolException.class)
                .hasMessageContaining(MINE.toString())
                .hasMessageContaining(OTHER.toString())
                .hasMessageContaining("17");
    }

    @Test
    void anotherSpoolMayBeAccepted() {
        assertThatCode(() -> SpoolIdCheck.check(OTHER, MINE, 17, true)).doesNotThrowAnyException();
    }

    @Test
    void theSameSpoolAndAnEmptySinkFit() {
        assertThatCode(() -> SpoolIdCheck.check(MINE, MINE, 17, false)).doesNotThrowAnyException();
        assertThatCode(() -> SpoolIdCheck.check(MINE, null, 0, false)).doesNotThrowAnyException();
        assertThatCode(() -> SpoolIdCheck.check(MINE, OTHER, 0, false)).doesNotThrowAnyException();
    }
}
