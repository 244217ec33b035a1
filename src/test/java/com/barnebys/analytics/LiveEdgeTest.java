package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.http.EdgeOptions;
import com.barnebys.analytics.metrics.KeyMeters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the edge keeps, and what it gets, when settings are taken. */
class LiveEdgeTest {
    @TempDir
    private Path data;

    private final KeyMeters keys = new KeyMeters();

    @Test
    void aRateLimitKeepsItsBucketsUntilItChanges() throws Exception {
        LiveEdge edge = new LiveEdge(settings("RATE_LIMIT", "5"), keys);
        EdgeOptions before = edge.get();

        edge.take(settings("RATE_LIMIT", "5", "UTM_SOURCE", "other"));
        assertThat(edge.get()).isNotSameAs(before);
        assertThat(edge.get().utmSource()).isEqualTo("other");
        assertThat(edge.get().rateLimit()).isNotNull().isSameAs(before.rateLimit());

        edge.take(settings("RATE_LIMIT", "6"));
        assertThat(edge.get().rateLimit()).isNotNull().isNotSameAs(before.rateLimit());

        edge.take(settings());
        assertThat(edge.get().rateLimit()).isNull();
    }

    @Test
    void theSecretThatWasMadeStaysAsLongAsNoneIsGiven() throws Exception {
        LiveEdge edge = new LiveEdge(settings(), keys);
        Secret made = edge.get().secrets().current();
        Files.delete(data.resolve("secret"));

        edge.take(settings("SECRETS_PREVIOUS", "old"));
        assertThat(edge.get().secrets()).isEqualTo(ring(made, new Secret("old")));
        assertThat(data.resolve("secret")).doesNotExist();

        edge.take(settings("SECRET", "given"));
        assertThat(edge.get().secrets()).isEqualTo(ring(new Secret("given")));
    }

    @Test
    void positionsOfTheCountersAreThoseOfTheRingInForce() throws Exception {
        LiveEdge edge = new LiveEdge(settings("SECRET", "a"), keys);
        keys.of(edge.get().secrets()).verified(0, 7);

        edge.take(settings("SECRET", "b", "SECRETS_PREVIOUS", "a"));

        assertThat(keys.read()).containsExactly(new KeyMeters.KeyUse(0, 0), new KeyMeters.KeyUse(1, 7));
    }

    @Test
    void theManagementPortIsToldHowItWent() throws Exception {
        assertThat(new LiveEdge(settings(), keys).details().fieldNames())
                .containsExactly("lastTaken", "refused", "mistakes", "needRestart", "reloads");
    }

    private static SecretRing ring(Secret... secrets) {
        return new SecretRing(List.of(secrets));
    }

    private Settings settings(String... namesAndValues) {
        Map<String, String> given = new HashMap<>(Map.of("DATA_DIR", data.toString()));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            given.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return Settings.of(given);
    }
}
