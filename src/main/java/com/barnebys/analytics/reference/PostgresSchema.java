package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * The tables in PostgreSQL and their versions. A change is a new entry at the end of {@link #STEPS}; one that was released
 * never changes. Replicas of the version before must be able to go on with the tables of the next.
 */
final class PostgresSchema {
    /** Of our own making; whoever else takes advisory locks in this database takes another number. */
    private static final long LOCK = 0x6261_7265_6673L;

    // spotless:off
    private static final List<String> STEPS = List.of(
            "CREATE TABLE ba_reference(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            + " program_id TEXT NOT NULL, fingerprint TEXT NOT NULL, refs TEXT[] NOT NULL, type TEXT NOT NULL,"
            + " client_ip TEXT, user_agent TEXT, created_at TIMESTAMPTZ NOT NULL);"
            + "CREATE INDEX ba_reference_visitor ON ba_reference(fingerprint, program_id, id);"
            + "CREATE INDEX ba_reference_age ON ba_reference(created_at);"
            + "CREATE TABLE ba_reference_ref(program_id TEXT NOT NULL, fingerprint TEXT NOT NULL, ref TEXT NOT NULL,"
            + " reference_id BIGINT NOT NULL, PRIMARY KEY(program_id, fingerprint, ref));"
            + "CREATE INDEX ba_reference_ref_ref ON ba_reference_ref(ref, program_id, reference_id)",
            // Where somebody has dropped the tables of the first step only, this one is there.
            "CREATE TABLE IF NOT EXISTS ba_answered_call(key TEXT PRIMARY KEY, claimed_at TIMESTAMPTZ NOT NULL,"
            + " answer TEXT);"
            + "CREATE INDEX IF NOT EXISTS ba_answered_call_age ON ba_answered_call(claimed_at)");
    // spotless:on

    private PostgresSchema() {}

    /**
     * Brings the tables up to date, in one transaction and under a lock: of replicas that start together one does it, the
     * others wait and find it done.
     */
    static Future<Void> migrate(Pool pool) {
        return pool.withTransaction(connection -> connection
                .preparedQuery("SELECT pg_advisory_xact_lock($1)")
                .execute(Tuple.of(LOCK))
                .compose(locked -> connection
                        .query("SELECT to_regclass('ba_reference_version') IS NOT NULL")
                        .execute())
                .compose(rows -> version(connection, rows.iterator().next().getBoolean(0)))
                .compose(version -> upgrade(connection, version)));
    }

    /** Asked before it is made: Vert.x logs a warning when {@code IF NOT EXISTS} finds that it does. */
    private static Future<Integer> version(SqlConnection connection, boolean isThere) {
        if (!isThere) {
            return connection
                    .query("CREATE TABLE ba_reference_version(version INTEGER NOT NULL)")
                    .execute()
                    .map(0);
        }
        return connection
                .query("SELECT COALESCE(MAX(version), 0) FROM ba_reference_version")
                .execute()
                .map(rows -> rows.iterator().next().getInteger(0));
    }

    private static Future<Void> upgrade(SqlConnection connection, int version) {
        if (version == STEPS.size()) {
            return Future.succeededFuture();
        }
        if (version > STEPS.size()) {
            return Future.failedFuture(new ReferenceStoreException(
                    Reason.REFUSED,
                    "version of the references: " + version + " (expected: at most " + STEPS.size()
                            + "); written by a newer release"));
        }
        return connection
                .query(STEPS.get(version))
                .execute()
                .compose(done -> connection
                        .preparedQuery("INSERT INTO ba_reference_version VALUES ($1)")
                        .execute(Tuple.of(version + 1)))
                .compose(done -> upgrade(connection, version + 1));
    }
}
