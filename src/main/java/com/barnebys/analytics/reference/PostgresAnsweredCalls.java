package com.barnebys.analytics.reference;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;

/** Answered calls in PostgreSQL. Each question is one statement, so replicas need no lock beyond that of the row. */
final class PostgresAnsweredCalls implements AnsweredCalls {
    /*
     * Of parallel claims the key's unique index lets one insert; the others wait for it, look at the row as it is then,
     * and take it over or not. What they read beside that is the row as it was before the statement began, which may be
     * gone by then: an answer that was too old already does not count, and one that came since is seen by the next try.
     * Both are "under way" at this moment.
     */
    private static final String CLAIM = "WITH claimed AS (INSERT INTO ba_answered_call AS c (key, claimed_at)"
            + " VALUES ($1::text, $2::timestamptz) ON CONFLICT (key)"
            + " DO UPDATE SET claimed_at = excluded.claimed_at, answer = NULL"
            + " WHERE c.claimed_at < $3::timestamptz OR (c.answer IS NULL AND c.claimed_at < $4::timestamptz)"
            + " RETURNING 1)"
            + " SELECT EXISTS (SELECT 1 FROM claimed) AS is_claimed,"
            + " (SELECT answer FROM ba_answered_call WHERE key = $1 AND claimed_at >= $3) AS answer";

    private static final String KEEP = "UPDATE ba_answered_call SET answer = $2 WHERE key = $1";

    private static final String RELEASE = "DELETE FROM ba_answered_call WHERE key = $1 AND answer IS NULL";

    /** Replicas that forget at the same time pass over each other's rows. */
    private static final String FORGET = "WITH old AS (SELECT key FROM ba_answered_call WHERE claimed_at < $1"
            + " ORDER BY claimed_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
            + " DELETE FROM ba_answered_call c USING old WHERE c.key = old.key";

    private final PostgresReferenceStore store;

    PostgresAnsweredCalls(PostgresReferenceStore store) {
        this.store = store;
    }

    @Override
    public Future<Claim> claim(String key, Instant now) {
        Tuple values = Tuple.of(
                Limits.callKey(key),
                PostgresReferenceStore.utc(now),
                PostgresReferenceStore.utc(now.minus(KEPT)),
                PostgresReferenceStore.utc(now.minus(ABANDONED)));
        return store.ask(CLAIM, values).map(rows -> claim(rows.iterator().next()));
    }

    private static Claim claim(Row row) {
        if (row.getBoolean("is_claimed")) {
            return new Claim.Claimed();
        }
        String answer = row.getString("answer");
        return answer == null ? new Claim.UnderWay() : new Claim.Answered(answer);
    }

    @Override
    public Future<Void> keep(String key, String answer) {
        return store.ask(KEEP, Tuple.of(Limits.callKey(key), Limits.storable(answer)))
                .mapEmpty();
    }

    @Override
    public Future<Void> release(String key) {
        return store.ask(RELEASE, Tuple.of(Limits.callKey(key))).mapEmpty();
    }

    @Override
    public Future<Integer> forgetOlderThan(Instant before, int max) {
        return store.ask(FORGET, Tuple.of(PostgresReferenceStore.utc(before), (long) max))
                .map(RowSet::rowCount);
    }
}
