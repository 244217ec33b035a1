package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KindLimitTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "click",
                "a",
                "A",
                "0",
                "_",
                "click_test",
                "Events",
                "event",
                "events_",
                "x123456789012345678901234567890123456789012345678901234567890123"
            })
    void validKindsNameATable(String kind) {
        assertThat(KindLimit.isValid(kind)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "events",
                "a b",
                "a-b",
                "a.b",
                "a/b",
                "../a",
                "a\0",
                "a\n",
                "å",
                "\uFF41",
                "a`b",
                "a;b",
                "a$20260101",
                "x1234567890123456789012345678901234567890123456789012345678901234"
            })
    void otherKindsDoNot(String kind) {
        assertThat(KindLimit.isValid(kind)).isFalse();
    }

    @Test
    void newKindsBeyondTheLimitAreRefusedAndKnownOnesStay() {
        KindLimit limit = new KindLimit(List.of("click"));
        IntStream.range(0, KindLimit.NEW_KINDS_MAX)
                .forEach(i -> assertThat(limit.admit("k" + i)).isEqualTo("k" + i));

        assertThat(limit.admit("one_more")).isNull();
        assertThat(limit.admit("one_more")).isNull();
        assertThat(limit.admit("k7")).isEqualTo("k7");
        assertThat(limit.admit("click")).isEqualTo("click");
    }

    @Test
    @SuppressWarnings("StringOperationCanBeSimplified") // a text of its own is the point
    void oneKindIsOneInstance() {
        KindLimit limit = new KindLimit(List.of());
        String kind = limit.admit(new String("click"));

        assertThat(limit.admit(new String("click"))).isSameAs(kind);
    }

    /** Two threads, one place left: both bring the kind that takes it, and both are served. */
    @Test
    void threadsThatBringTheSameNewKindAreAllAdmitted() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 500; round++) {
                KindLimit limit = new KindLimit(List.of());
                IntStream.range(1, KindLimit.NEW_KINDS_MAX)
                        .forEach(i -> assertThat(limit.admit("k" + i)).isNotNull());
                AtomicInteger ready = new AtomicInteger();
                Future<Boolean> theirs = other.submit(() -> isAdmittedWhenBothAreReady(limit, ready));

                boolean ours = isAdmittedWhenBothAreReady(limit, ready);

                assertThat(ours && theirs.get()).as("round %d", round).isTrue();
                assertThat(limit.admit("one_more")).isNull();
            }
        } finally {
            other.shutdownNow();
        }
    }

    private static boolean isAdmittedWhenBothAreReady(KindLimit limit, AtomicInteger ready) {
        ready.incrementAndGet();
        while (ready.get() < 2) {
            Thread.onSpinWait();
        }
        return limit.admit("last") != null;
    }
}
