package com.barnebys.analytics.reference;

import io.vertx.core.Future;
import java.time.Instant;

/** Answered calls in the SQLite file, on the one thread that touches it: so of parallel claims one is first. */
final class SqliteAnsweredCalls implements AnsweredCalls {
    private final SqliteReferenceStore store;

    SqliteAnsweredCalls(SqliteReferenceStore store) {
        this.store = store;
    }

    @Override
    public Future<Claim> claim(String key, Instant now) {
        String checked = Limits.callKey(key);
        return store.ask(file -> file.claim(checked, now));
    }

    @Override
    public Future<Void> keep(String key, String answer) {
        String checked = Limits.callKey(key);
        return store.ask(file -> file.keep(checked, Limits.storable(answer))).mapEmpty();
    }

    @Override
    public Future<Void> release(String key) {
        String checked = Limits.callKey(key);
        return store.ask(file -> file.release(checked)).mapEmpty();
    }

    @Override
    public Future<Integer> forgetOlderThan(Instant before, int max) {
        return store.ask(file -> file.forgetCallsOlderThan(before, max));
    }
}
