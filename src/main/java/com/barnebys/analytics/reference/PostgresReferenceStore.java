package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * References in PostgreSQL, for several replicas.
 *
 * <p>How it bears a server that is away, and why in this way: <ul>
 * <li>Nothing is connected at the start. The schema is brought up to date in the background, again and again until it is;
 *     before that every question fails at once.
 * <li>After a failure that tells of the server, not of the question, all questions fail for {@link Patience#pause} without being
 *     sent: otherwise each event would cost a connection that is refused, or wait its time in vain.
 * <li>A server that hangs is noticed by silence: a connection on which nothing is read for {@link Patience#silence} is closed.
 *     Vert.x cannot close a pooled connection that waits for an answer in another way. Idle connections leave the pool
 *     before that, so that no question meets one that is just being closed.
 * </ul>
 */
final class PostgresReferenceStore implements ReferenceStore {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresReferenceStore.class);

    private static final int CONNECTIONS_MAX = 8;
    private static final int WAITING_MAX = 256;
    private static final int STATEMENTS_KEPT = 32;

    private static final String UNIQUE_VIOLATION = "23505";
    private static final String COLUMNS =
            "r.program_id, r.fingerprint, r.refs, r.type, r.client_ip, r.user_agent," + " r.created_at";

    /** Locks in the order of refs, so that two calls with the same refs in another order wait and do not deadlock. */
    private static final String CREATE = "WITH created AS (INSERT INTO ba_reference"
            + "(program_id, fingerprint, refs, type, client_ip, user_agent, created_at)"
            + " SELECT $1::text, $2::text, $3::text[], $4::text, $5::text, $6::text, $7::timestamptz WHERE NOT EXISTS"
            + " (SELECT 1 FROM ba_reference_ref WHERE program_id = $1 AND fingerprint = $2 AND ref = ANY($3))"
            + " RETURNING id, program_id, fingerprint, refs)"
            + " INSERT INTO ba_reference_ref(program_id, fingerprint, ref, reference_id)"
            + " SELECT c.program_id, c.fingerprint, u.ref, c.id FROM created c CROSS JOIN unnest(c.refs) AS u(ref)"
            + " ORDER BY u.ref COLLATE \"C\"";

    private static final String FIND_ALL = "SELECT k.n, " + COLUMNS
            + " FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(program_id, ref, n)"
            + " CROSS JOIN LATERAL (SELECT reference_id FROM ba_reference_ref f"
            + " WHERE f.ref = k.ref AND f.program_id = k.program_id ORDER BY f.reference_id LIMIT 1) m"
            + " JOIN ba_reference r ON r.id = m.reference_id";

    private static final String FIRST_TYPE =
            "SELECT type FROM ba_reference WHERE fingerprint = $1 AND program_id = $2 ORDER BY id LIMIT 1";

    private static final String IS_FROM_BARNEBYS =
            "SELECT EXISTS (SELECT 1 FROM ba_reference" + " WHERE fingerprint = $1 AND program_id = $2 AND type = $3)";

    /** Replicas that delete at the same time pass over each other's rows. */
    private static final String DELETE = "WITH old AS (SELECT id, program_id, fingerprint, refs FROM ba_reference"
            + " WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED),"
            + " refs AS (DELETE FROM ba_reference_ref f"
            + " USING (SELECT id, program_id, fingerprint, unnest(refs) AS ref FROM old) o"
            + " WHERE f.program_id = o.program_id AND f.fingerprint = o.fingerprint AND f.ref = o.ref"
            + " AND f.reference_id = o.id)"
            + " DELETE FROM ba_reference r USING old WHERE r.id = old.id";

    private final Vertx vertx;
    private final PostgresUrl url;
    private final Patience patience;
    private final Pool pool;
    private final PostgresFailures failures;
    private final FailureLog log = new FailureLog("PostgreSQL does not answer questions about references.");

    private final AnsweredCalls answeredCalls = new PostgresAnsweredCalls(this);

    private final AtomicBoolean isReady = new AtomicBoolean();
    private volatile boolean isClosed;
    private volatile long pausedUntil = System.nanoTime();

    private PostgresReferenceStore(Vertx vertx, PostgresUrl url, Patience patience) throws IOException {
        this.vertx = vertx;
        this.patience = patience;
        this.url = url;
        this.failures = new PostgresFailures(url);
        PgConnectOptions connect = url.connectOptions()
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(STATEMENTS_KEPT)
                .addProperty("application_name", "barnebys-analytics")
                .addProperty(
                        "statement_timeout", Long.toString(patience.statement().toMillis()));
        NetClientOptions net = new NetClientOptions()
                .setConnectTimeout((int) patience.connect().toMillis())
                .setTcpKeepAlive(true)
                .setReadIdleTimeout((int) patience.silence().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        PoolOptions options = new PoolOptions()
                .setMaxSize(CONNECTIONS_MAX)
                .setMaxWaitQueueSize(WAITING_MAX)
                .setConnectionTimeout((int) patience.connect().toMillis())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) patience.idle().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        this.pool = PgBuilder.pool()
                .with(options)
                .with(net)
                .connectingTo(connect)
                .using(vertx)
                .build();
    }

    /** Returns at once; the server may be away. */
    static PostgresReferenceStore open(Vertx vertx, PostgresUrl url) throws IOException {
        return open(vertx, url, Patience.DEFAULT);
    }

    static PostgresReferenceStore open(Vertx vertx, PostgresUrl url, Patience patience) throws IOException {
        PostgresReferenceStore store = new PostgresReferenceStore(vertx, url, patience);
        store.migrate();
        return store;
    }

    private void migrate() {
        Future<Void> unused = PostgresSchema.migrate(pool)
                .timeout(patience.question().toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(result -> {
                    if (isClosed) {
                        return;
                    }
                    if (result.succeeded()) {
                        isReady.set(true);
                        LOG.info("References are in PostgreSQL. url={}", url);
                    } else {
                        log.happened(failures.sorted(result.cause()));
                        long unusedTimer = vertx.setTimer(patience.pause().toMillis(), ignored -> migrate());
                    }
                });
    }

    @Override
    public Future<Creation> create(Reference reference) {
        Tuple values = Tuple.tuple()
                .addString(reference.programId())
                .addString(reference.fingerprint())
                .addArrayOfString(reference.refs().toArray(String[]::new))
                .addString(reference.type().word())
                .addString(reference.clientIP())
                .addString(reference.userAgent())
                .addOffsetDateTime(utc(reference.createdAt()));
        return ask(() -> pool.preparedQuery(CREATE)
                .execute(values)
                .map(rows -> rows.rowCount() == 0 ? Creation.ALREADY_CREATED : Creation.CREATED)
                .recover(e -> UNIQUE_VIOLATION.equals(PostgresFailures.state(e))
                        ? Future.succeededFuture(Creation.ALREADY_CREATED)
                        : Future.failedFuture(e)));
    }

    @Override
    public Future<Optional<Reference>> find(ReferenceFilter filter) {
        Tuple values = Tuple.tuple();
        List<String> conditions = new ArrayList<>();
        boolean isByRef = !filter.refs().isEmpty();
        if (isByRef) {
            values.addArrayOfString(filter.refs().toArray(String[]::new));
            conditions.add("ref = ANY($1)");
        }
        if (filter.fingerprint() != null) {
            values.addString(filter.fingerprint());
            conditions.add("fingerprint = $" + values.size());
        }
        if (filter.programId() != null) {
            values.addString(filter.programId());
            conditions.add("program_id = $" + values.size());
        }
        String where = " WHERE " + String.join(" AND ", conditions);
        String matching;
        if (isByRef && filter.fingerprint() == null) {
            String programId = filter.programId() == null ? null : "$2::text";
            matching = " WHERE id = (" + FirstByRef.sql("SELECT unnest($1::text[])", programId) + ")";
        } else if (isByRef) {
            matching = " WHERE id = (SELECT MIN(reference_id) FROM ba_reference_ref" + where + ")";
        } else {
            matching = where + " ORDER BY id LIMIT 1";
        }
        return ask("SELECT " + COLUMNS + " FROM ba_reference r" + matching, values)
                .map(rows -> first(rows).map(PostgresReferenceStore::reference));
    }

    @Override
    public Future<Map<ProgramRef, Reference>> findAll(Collection<ProgramRef> keys) {
        if (keys.size() > FIND_ALL_MAX) {
            throw new IllegalArgumentException("keys: " + keys.size() + " (expected: at most " + FIND_ALL_MAX + ")");
        }
        List<ProgramRef> asked = List.copyOf(keys);
        Tuple values = Tuple.tuple()
                .addArrayOfString(asked.stream().map(ProgramRef::programId).toArray(String[]::new))
                .addArrayOfString(asked.stream().map(ProgramRef::ref).toArray(String[]::new));
        return ask(() -> pool.preparedQuery(FIND_ALL).execute(values).map(rows -> {
            Map<ProgramRef, Reference> found = new HashMap<>();
            for (Row row : rows) {
                found.put(asked.get(row.getLong("n").intValue() - 1), reference(row));
            }
            return found;
        }));
    }

    @Override
    public Future<Optional<Source>> firstType(Visitor visitor) {
        Tuple values = Tuple.of(visitor.fingerprint(), visitor.programId());
        return ask(() -> pool.preparedQuery(FIRST_TYPE)
                .execute(values)
                .map(rows -> first(rows).map(row -> Source.of(row.getString(0)))));
    }

    @Override
    public Future<Boolean> isFromBarnebys(Visitor visitor) {
        Tuple values = Tuple.of(visitor.fingerprint(), visitor.programId(), Source.BARNEBYS.word());
        return ask(() -> pool.preparedQuery(IS_FROM_BARNEBYS)
                .execute(values)
                .map(rows -> rows.iterator().next().getBoolean(0)));
    }

    @Override
    public Future<Integer> deleteOlderThan(Instant before, int max) {
        Tuple values = Tuple.of(utc(before), (long) max);
        return ask(() -> pool.preparedQuery(DELETE).execute(values).map(RowSet::rowCount));
    }

    @Override
    public AnsweredCalls answeredCalls() {
        return answeredCalls;
    }

    static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
    }

    private static Reference reference(Row row) {
        return new Reference(
                row.getString("program_id"),
                row.getString("fingerprint"),
                List.of(row.getArrayOfStrings("refs")),
                Source.of(row.getString("type")),
                row.getString("client_ip"),
                row.getString("user_agent"),
                row.getOffsetDateTime("created_at").toInstant());
    }

    Future<RowSet<Row>> ask(String sql, Tuple values) {
        return ask(() -> pool.preparedQuery(sql).execute(values));
    }

    private <T> Future<T> ask(Supplier<Future<T>> question) {
        if (isClosed) {
            return failed(Reason.CLOSED, "the store of references is closed");
        }
        if (!isReady.get()) {
            return failed(Reason.AWAY, "not connected yet");
        }
        if (pausedUntil - System.nanoTime() > 0) {
            return failed(Reason.AWAY, "not asked, it failed a moment ago");
        }
        return question.get()
                .timeout(patience.question().toMillis(), TimeUnit.MILLISECONDS)
                .transform(result -> {
                    if (result.succeeded()) {
                        log.ended();
                        return Future.succeededFuture(result.result());
                    }
                    return Future.failedFuture(failed(result.cause()));
                });
    }

    private static <T> Future<T> failed(Reason reason, String message) {
        return Future.failedFuture(new ReferenceStoreException(reason, message));
    }

    private ReferenceStoreException failed(Throwable cause) {
        if (isClosed) {
            return new ReferenceStoreException(Reason.CLOSED, "the store of references was closed meanwhile");
        }
        ReferenceStoreException failure = failures.sorted(cause);
        log.happened(failure);
        boolean isServer = failure.reason() != Reason.FAILED && failure.reason() != Reason.FULL;
        if (isServer) {
            pausedUntil = System.nanoTime() + patience.pause().toNanos();
        }
        if (PostgresFailures.isTableMissing(cause) && isReady.compareAndSet(true, false)) {
            migrate(); // Another database than before: make the tables again.
        }
        return failure;
    }

    @Override
    public Future<Void> close() {
        if (isClosed) {
            return Future.succeededFuture();
        }
        isClosed = true;
        return pool.close();
    }

    /**
     * How long things may take.
     *
     * @param connect a connection to come about, and a question to get one
     * @param statement the server to work on a question; it then ends it itself
     * @param question a question to be answered; more than {@code statement}, so that the server's own word comes first
     * @param idle a connection to be in the pool unused; less than {@code silence}
     * @param silence a connection to bring nothing
     * @param pause nothing to be asked after the server failed
     */
    record Patience(
            Duration connect, Duration statement, Duration question, Duration idle, Duration silence, Duration pause) {
        static final Patience DEFAULT = new Patience(
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(4),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                Duration.ofSeconds(1));
    }
}
