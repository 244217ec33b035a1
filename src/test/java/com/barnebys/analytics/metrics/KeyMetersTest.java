package com.barnebys.analytics.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.http.KeyMetrics;
import com.barnebys.analytics.metrics.KeyMeters.KeyUse;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Counts belong to keys, and are shown where the key is now. */
class KeyMetersTest {
    private final KeyMeters keys = new KeyMeters();

    @Test
    void aKeyTakesItsCountsAlongWhenItMoves() {
        SecretRing before = ring("old");
        keys.enter(before);
        KeyMetrics edge = keys.of(before);
        edge.verified(0, 100);
        edge.verified(0, 107);
        edge.verified(0, 105);

        SecretRing after = ring("new", "old");
        keys.enter(after);

        assertThat(keys.read()).containsExactly(new KeyUse(0, 0), new KeyUse(3, 107));
        keys.of(after).verified(0, 108);
        keys.of(after).verified(1, 109);
        assertThat(keys.read()).containsExactly(new KeyUse(1, 108), new KeyUse(4, 109));
        assertThat(keys.byPosition(KeyUse::lastUsedSeconds))
                .containsEntry("0", 108L)
                .containsEntry("1", 109L);
    }

    @Test
    void aLoopThatStillHasTheOldRingCountsForTheSameKeys() {
        SecretRing before = ring("old", "new");
        keys.enter(before);
        KeyMetrics late = keys.of(before);
        keys.enter(ring("new", "old"));

        late.verified(0, 10);
        keys.of(before).verified(1, 11);

        assertThat(keys.read()).containsExactly(new KeyUse(1, 11), new KeyUse(1, 10));
    }

    @Test
    void aKeyThatWasDroppedBeginsAtNothingWhenItComesBack() {
        SecretRing both = ring("new", "old");
        keys.enter(both);
        KeyMetrics late = keys.of(both);
        late.verified(1, 10);
        keys.enter(ring("new"));
        late.verified(1, 11);
        assertThat(keys.read()).containsExactly(new KeyUse(0, 0));

        keys.enter(both);

        assertThat(keys.read()).containsExactly(new KeyUse(0, 0), new KeyUse(0, 0));
    }

    @Test
    void aKeyThatIsThereTwiceIsCountedOnce() {
        SecretRing twice = ring("a", "a", "b");
        keys.enter(twice);

        keys.of(twice).verified(0, 1);
        keys.of(twice).verified(2, 2);

        assertThat(keys.read()).containsExactly(new KeyUse(1, 1), new KeyUse(0, 0), new KeyUse(1, 2));
    }

    private static SecretRing ring(String... texts) {
        return new SecretRing(Arrays.stream(texts).map(Secret::new).toList());
    }
}
