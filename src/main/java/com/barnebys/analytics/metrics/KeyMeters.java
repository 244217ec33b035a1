package com.barnebys.analytics.metrics;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.http.KeyMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * How often each signature key was used, and when last: evidence for dropping one. Any thread.
 *
 * <p>Counted by key and shown by position. A rotation moves keys: what was SECRET becomes the first of SECRETS_PREVIOUS,
 * and takes its counts along to position 1. Event loops change to a new ring one after the other, each with its next
 * request; one that still has the old ring counts for the same keys. A key that leaves the ring loses its counts.
 */
public final class KeyMeters implements MetricSource {
    private final List<Key> keys = new ArrayList<>();
    private volatile List<Use> inForce = List.of();

    private record Key(Secret secret, Use use) {}

    /** One key. */
    private static final class Use {
        private final LongAdder verified = new LongAdder();
        private volatile long lastSeconds;

        void count(long nowSeconds) {
            verified.increment();
            // A write a second and loop, or the loops would take the cache line from each other with each hit.
            if (nowSeconds > lastSeconds) {
                lastSeconds = nowSeconds;
            }
        }
    }

    /**
     * A key of the ring in force.
     *
     * @param verified hits it has signed, since it is in the ring
     * @param lastUsedSeconds Unix time of the last one; 0: none yet
     */
    public record KeyUse(long verified, long lastUsedSeconds) {}

    /** From now on positions are those of this ring. To be called before the edge has it. */
    public synchronized void enter(SecretRing ring) {
        keys.removeIf(key -> !ring.secrets().contains(key.secret()));
        inForce = uses(ring);
    }

    /** For whoever verifies with this ring. */
    public KeyMetrics of(SecretRing ring) {
        Use[] uses = uses(ring).toArray(new Use[0]);
        return (position, nowSeconds) -> uses[position].count(nowSeconds);
    }

    private synchronized List<Use> uses(SecretRing ring) {
        List<Use> uses = new ArrayList<>();
        for (int i = 0; i < ring.secrets().size(); i++) {
            Secret secret = ring.secrets().get(i);
            boolean isRepeated = ring.secrets().indexOf(secret) < i; // Nothing is ever found to be signed by it.
            uses.add(isRepeated ? new Use() : useOf(secret));
        }
        return List.copyOf(uses);
    }

    private Use useOf(Secret secret) {
        for (Key key : keys) {
            if (key.secret().equals(secret)) {
                return key.use();
            }
        }
        Key added = new Key(secret, new Use());
        keys.add(added);
        return added.use();
    }

    /** The keys in force by their position: SECRET, then SECRETS_PREVIOUS. */
    public List<KeyUse> read() {
        return inForce.stream()
                .map(use -> new KeyUse(use.verified.sum(), use.lastSeconds))
                .toList();
    }

    @Override
    public void addTo(Scrape scrape) {
        scrape.counter(
                "key_verified", "Good signatures by key; 0 is SECRET.", "position", byPosition(KeyUse::verified));
        scrape.gauge(
                "key_last_used_timestamp_seconds",
                "When a key last signed a hit; 0 when it has signed none.",
                "position",
                byPosition(KeyUse::lastUsedSeconds));
    }

    Map<String, Long> byPosition(ToLongFunction<KeyUse> value) {
        Map<String, Long> values = new TreeMap<>();
        List<KeyUse> read = read();
        for (int i = 0; i < read.size(); i++) {
            values.put(Integer.toString(i), value.applyAsLong(read.get(i)));
        }
        return values;
    }
}
