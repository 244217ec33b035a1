package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class SecretRingTest {
    @Test
    void secretsShowThemselvesToNobody() {
        SecretRing ring = SecretRing.of(new Secret("hunter2"), List.of(new Secret("hunter1")));

        assertThat(ring.toString()).doesNotContain("hunter");
        assertThat(ring.current()).isEqualTo(new Secret("hunter2")).isNotEqualTo(new Secret("hunter1"));
    }

    @Test
    void bytesHandedOutAreACopy() {
        Secret secret = new Secret("hunter2");
        secret.bytes()[0] = 0;

        assertThat(secret).isEqualTo(new Secret("hunter2"));
        assertThat(new Secret("é").length()).isEqualTo(2);
    }

    @Test
    void noSecretIsNoRing() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Secret(""));
        assertThatIllegalArgumentException().isThrownBy(() -> new SecretRing(List.of()));
    }
}
