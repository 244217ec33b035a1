package com.barnebys.analytics.hit;

import java.util.ArrayList;
import java.util.List;

/**
 * The keys in force: the first signs, all are accepted, so that a secret can be rotated without a refused link.
 *
 * @param secrets at least one; position 0 is the current one
 */
public record SecretRing(List<Secret> secrets) {
    public SecretRing {
        secrets = List.copyOf(secrets);
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("SECRET: none (expected: at least one)");
        }
    }

    public static SecretRing of(Secret current, List<Secret> previous) {
        List<Secret> all = new ArrayList<>();
        all.add(current);
        all.addAll(previous);
        return new SecretRing(all);
    }

    public Secret current() {
        return secrets.get(0);
    }
}
