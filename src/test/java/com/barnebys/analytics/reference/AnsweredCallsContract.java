package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.AnsweredCalls.ABANDONED;
import static com.barnebys.analytics.reference.AnsweredCalls.KEPT;
import static com.barnebys.analytics.reference.AnsweredCalls.KEY_MAX;
import static com.barnebys.analytics.reference.Futures.await;
import static com.barnebys.analytics.reference.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.barnebys.analytics.reference.AnsweredCalls.Claim;
import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How both stores keep answered calls. */
abstract class AnsweredCallsContract {
    static final Instant NOW = Instant.parse("2026-11-24T18:01:08.243Z");
    static final Claim CLAIMED = new Claim.Claimed();
    static final Claim UNDER_WAY = new Claim.UnderWay();

    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final int THREADS = 8;

    Vertx vertx;
    ReferenceStore store;
    AnsweredCalls calls;

    /** An empty store that answers. */
    abstract ReferenceStore openStore() throws Exception;

    @BeforeEach
    void open() throws Exception {
        vertx = Vertx.vertx();
        store = openStore();
        calls = store.answeredCalls();
    }

    @AfterEach
    void close() throws Exception {
        Void closed = await(store.close());
        Void ended = await(vertx.close());
    }

    @Test
    void aKeyIsTheFirstCallersUntilItIsAnswered() throws Exception {
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);
        assertThat(claim("k", NOW)).isEqualTo(UNDER_WAY);
        assertThat(claim("K", NOW)).isEqualTo(CLAIMED);

        keep("k", "{\"stored\":1}");

        assertThat(claim("k", NOW)).isEqualTo(new Claim.Answered("{\"stored\":1}"));
        assertThat(claim("K", NOW)).isEqualTo(UNDER_WAY);
    }

    @Test
    void aReleasedKeyIsForTheNext() throws Exception {
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);
        release("k");
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);

        keep("k", "a");
        release("k");
        release("nobody's");

        assertThat(claim("k", NOW)).isEqualTo(new Claim.Answered("a"));
    }

    @Test
    void anAnswerIsKeptForADayAndNotALittleLonger() throws Exception {
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);
        keep("k", "a");

        Instant later = NOW.plus(KEPT).plus(MOMENT);
        assertThat(claim("k", NOW.plus(KEPT))).isEqualTo(new Claim.Answered("a"));
        assertThat(claim("k", later)).isEqualTo(CLAIMED);

        assertThat(claim("k", later)).isEqualTo(UNDER_WAY);
        keep("k", "b");
        assertThat(claim("k", later.plus(KEPT))).isEqualTo(new Claim.Answered("b"));
    }

    @Test
    void aClaimWithoutAnswerIsTakenOverAfterAMinute() throws Exception {
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);

        Instant later = NOW.plus(ABANDONED).plus(MOMENT);
        assertThat(claim("k", NOW.plus(ABANDONED))).isEqualTo(UNDER_WAY);
        assertThat(claim("k", later)).isEqualTo(CLAIMED);

        assertThat(claim("k", later.plus(ABANDONED))).isEqualTo(UNDER_WAY);
    }

    @Test
    void ofTwoWhoWereGivenAKeyTheLastAnswerStays() throws Exception {
        Instant later = NOW.plus(ABANDONED).plus(MOMENT);
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);
        assertThat(claim("k", later)).isEqualTo(CLAIMED);

        keep("k", "of the slow one");
        assertThat(claim("k", later)).isEqualTo(new Claim.Answered("of the slow one"));
        keep("k", "of the second");

        assertThat(claim("k", later)).isEqualTo(new Claim.Answered("of the second"));
    }

    @Test
    void anAnswerToAKeyThatIsGoneIsNotKept() throws Exception {
        keep("never claimed", "a");
        assertThat(claim("never claimed", NOW)).isEqualTo(CLAIMED);
        release("never claimed");

        keep("never claimed", "a");

        assertThat(claim("never claimed", NOW)).isEqualTo(CLAIMED);
    }

    @Test
    void largeAnswersAndStrangeTextsComeBack() throws Exception {
        String key = "\uFFFD'; --{}%\\\"é😀 ".repeat(20).substring(0, KEY_MAX);
        String answer = "{\"é😀'\\\\\":".repeat(200_000);
        assertThat(answer.length()).isEqualTo(2_000_000);
        assertThat(claim(key, NOW)).isEqualTo(CLAIMED);
        keep(key, answer);
        assertThat(claim("", NOW)).isEqualTo(CLAIMED);
        keep("", "");
        assertThat(claim("x", NOW)).isEqualTo(CLAIMED);
        keep("x", "a\u0000\uD800b\uDC00");

        assertThat(claim(key, NOW)).isEqualTo(new Claim.Answered(answer));
        assertThat(claim("", NOW)).isEqualTo(new Claim.Answered(""));
        assertThat(claim("x", NOW)).isEqualTo(new Claim.Answered("a\uFFFDb\uFFFD"));
    }

    @Test
    void aKeyThatIsTooLongIsRefused() throws Exception {
        assertThat(claim("\uFFFD".repeat(KEY_MAX), NOW)).isEqualTo(CLAIMED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> claim("x".repeat(KEY_MAX + 1), NOW))
                .withMessageContaining("at most 255");
    }

    @Test
    void ofParallelClaimsOneIsGivenTheKey() throws Exception {
        assertOneIsGivenTheKey(calls, calls);
    }

    /** New keys, abandoned ones and those with an answer that is too old. */
    static void assertOneIsGivenTheKey(AnsweredCalls here, AnsweredCalls there) throws Exception {
        Instant abandoned = NOW.plus(ABANDONED).plus(MOMENT);
        Instant old = abandoned.plus(KEPT).plus(MOMENT);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < 20; round++) {
                String key = "k" + round;
                for (Instant now : List.of(NOW, abandoned, old)) {
                    CountDownLatch all = new CountDownLatch(THREADS);
                    List<Callable<Claim>> claims = new ArrayList<>();
                    for (int i = 0; i < THREADS; i++) {
                        AnsweredCalls mine = i % 2 == 0 ? here : there;
                        claims.add(() -> {
                            all.countDown();
                            all.await();
                            return await(mine.claim(key, now));
                        });
                    }
                    List<Claim> given = new ArrayList<>();
                    for (var claim : threads.invokeAll(claims)) {
                        given.add(claim.get());
                    }

                    assertThat(given).containsOnlyOnce(CLAIMED).containsOnly(CLAIMED, UNDER_WAY);
                    if (now.equals(abandoned)) {
                        Void kept = await(here.keep(key, "a"));
                    }
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void oldOnesAreForgottenInSteps() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(claim("k" + i, NOW.plus(Duration.ofHours(i)))).isEqualTo(CLAIMED);
        }
        for (int i = 0; i < 5; i += 2) {
            keep("k" + i, "a" + i);
        }
        Instant before = NOW.plus(Duration.ofHours(3)); // The fourth is exactly as old, and stays.

        assertThat(await(calls.forgetOlderThan(before, 2))).isEqualTo(2);
        assertThat(claim("k2", NOW)).isEqualTo(new Claim.Answered("a2"));
        assertThat(await(calls.forgetOlderThan(before, 2))).isEqualTo(1);
        assertThat(await(calls.forgetOlderThan(before, 2))).isZero();

        assertThat(claim("k0", before)).isEqualTo(CLAIMED);
        assertThat(claim("k3", before)).isEqualTo(UNDER_WAY);
        assertThat(claim("k4", before)).isEqualTo(new Claim.Answered("a4"));
    }

    @Test
    void aKeyThatWasTakenOverIsAsOldAsThat() throws Exception {
        Instant later = NOW.plus(ABANDONED).plus(MOMENT);
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);
        assertThat(claim("k", later)).isEqualTo(CLAIMED);

        assertThat(await(calls.forgetOlderThan(later, 10))).isZero();
        assertThat(await(calls.forgetOlderThan(later.plus(MOMENT), 10))).isEqualTo(1);
    }

    @Test
    void aClosedStoreSaysSo() throws Exception {
        Void closed = await(store.close());

        for (Future<?> each : List.of(
                calls.claim("k", NOW), calls.keep("k", "a"), calls.release("k"), calls.forgetOlderThan(NOW, 1))) {
            assertThat(failure(each).reason()).isEqualTo(Reason.CLOSED);
        }
    }

    Claim claim(String key, Instant now) throws Exception {
        return await(calls.claim(key, now));
    }

    void keep(String key, String answer) throws Exception {
        Void kept = await(calls.keep(key, answer));
    }

    private void release(String key) throws Exception {
        Void released = await(calls.release(key));
    }
}
