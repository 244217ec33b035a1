package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static com.barnebys.analytics.reference.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.reference.PostgresReferenceStore.Patience;
import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of questions while PostgreSQL is away, silent, or does not let us in; and that it heals by itself. */
class PostgresConnectionTest {
    private static final Visitor VISITOR = new Visitor("p", "f");
    private static final Patience SHORT = new Patience(
            Duration.ofMillis(500),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofMillis(20));

    private static PostgresServer server;

    private final Vertx vertx = Vertx.vertx();

    @BeforeAll
    static void startServer() throws Exception {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @AfterEach
    void close() throws Exception {
        Void closed = await(vertx.close());
    }

    @Test
    void aServerThatWasStoppedAndStartedIsUsedAgain() throws Exception {
        String database = server.newDatabase();
        ReferenceStore store = open(server.url(database));
        assertThat(await(store.create(reference("before")))).isEqualTo(Creation.CREATED);

        server.stop();
        assertThat(failure(store.firstType(VISITOR)).reason()).isEqualTo(Reason.AWAY);
        server.startAgain();

        ReferenceStore healed = PostgresReferenceStoreTest.ready(store);
        assertThat(await(healed.create(reference("before")))).isEqualTo(Creation.ALREADY_CREATED);
        assertThat(await(healed.create(reference("after")))).isEqualTo(Creation.CREATED);
    }

    @Test
    void aServerThatComesLaterIsFound() throws Exception {
        String database = server.newDatabase();
        server.stop();

        ReferenceStore store = PostgresReferenceStore.open(vertx, server.url(database), SHORT);
        assertThat(failure(store.firstType(VISITOR)).reason()).isEqualTo(Reason.AWAY);
        server.startAgain();

        assertThat(await(PostgresReferenceStoreTest.ready(store).create(reference("u"))))
                .isEqualTo(Creation.CREATED);
    }

    @Test
    void aConnectionThatFallsSilentIsGivenUpAndAnotherMade() throws Exception {
        String database = server.newDatabase();
        RecordingReferenceMetrics metrics = new RecordingReferenceMetrics();
        try (Relay relay = Relay.to(server.port())) {
            ReferenceStore store = open(PostgresServer.url("127.0.0.1", relay.port(), database, "?sslmode=disable"));
            SourceLookup lookup = new SourceLookup(vertx, store, metrics, SourceLookup.WAIT_MAX);
            assertThat(await(lookup.create(
                            new Reference("p", "f", List.of("u"), Source.BARNEBYS, null, null, Instant.EPOCH))))
                    .isEqualTo(Creation.CREATED);

            relay.fallSilent();
            List<Future<Source>> asked = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                asked.add(lookup.source("p", "f" + i));
            }
            for (Future<Source> each : asked) {
                assertThat(await(each)).isEqualTo(Source.OTHER);
            }
            assertThat(metrics.outcomes).hasSize(400).contains(LookupOutcome.LATE);
            assertThat(failure(store.firstType(VISITOR)).reason()).isIn(Reason.TIMEOUT, Reason.AWAY, Reason.FULL);

            relay.speakAgain();
            // Not a question more: what was asked meanwhile may fail behind it, and then nothing is asked for a moment.
            assertThat(PostgresReferenceStoreTest.answer(store)).contains(Source.BARNEBYS);
        }
    }

    @Test
    void aSocketThatAcceptsAndSaysNothingKeepsNobodyWaiting() throws Exception {
        RecordingReferenceMetrics metrics = new RecordingReferenceMetrics();
        try (Relay mute = Relay.to(server.port())) {
            mute.fallSilent();
            String database = server.newDatabase();
            ReferenceStore store = PostgresReferenceStore.open(
                    vertx, PostgresServer.url("127.0.0.1", mute.port(), database, "?sslmode=prefer"), SHORT);
            SourceLookup lookup = new SourceLookup(vertx, store, metrics, SourceLookup.WAIT_MAX);

            assertThat(await(lookup.source("p", "f"))).isEqualTo(Source.OTHER);
            assertThat(failure(store.create(reference("u"))).reason()).isEqualTo(Reason.AWAY);
            mute.speakAgain();

            assertThat(await(PostgresReferenceStoreTest.ready(store).create(reference("u"))))
                    .isEqualTo(Creation.CREATED);
            assertThat(metrics.outcomes).containsExactly(LookupOutcome.FAILED);
        }
    }

    @Test
    void closingEndsWhileNobodyAnswers() throws Exception {
        String database = server.newDatabase();
        try (Relay relay = Relay.to(server.port())) {
            Vertx stopping = Vertx.vertx();
            ReferenceStore store = PostgresReferenceStoreTest.ready(PostgresReferenceStore.open(
                    stopping, PostgresServer.url("127.0.0.1", relay.port(), database, "?sslmode=disable"), SHORT));
            relay.fallSilent();
            List<Future<?>> asked = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                asked.add(store.firstType(VISITOR));
            }

            Void closed = await(store.close());
            for (Future<?> each : asked) {
                assertThat(failure(each).reason()).isEqualTo(Reason.CLOSED);
            }
            Void stopped = await(stopping.close());
        }
    }

    @Test
    void aTableThatIsLockedEndsTheQuestionNotTheServer() throws Exception {
        String database = server.newDatabase();
        ReferenceStore store = open(server.url(database));
        assertThat(server.query(database, "CREATE TABLE released(n INT)")).isEqualTo("CREATE TABLE");
        Thread holder = new Thread(() -> {
            try {
                String held = server.query(
                        database,
                        "LOCK TABLE ba_reference; DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM released)"
                                + " LOOP PERFORM pg_sleep(0.02); END LOOP; END $$");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        holder.start();
        while (server.query(
                        database,
                        "SELECT COUNT(*) FROM pg_locks WHERE relation = 'ba_reference'::regclass"
                                + " AND mode = 'AccessExclusiveLock' AND granted")
                .equals("0")) {
            Thread.sleep(10);
        }

        assertThat(failure(store.firstType(VISITOR)).reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(server.query(database, "INSERT INTO released VALUES (1)")).isEqualTo("INSERT 0 1");
        holder.join();

        assertThat(PostgresReferenceStoreTest.answer(store)).isEmpty();
    }

    @Test
    void tlsIsAsTheUrlSays() throws Exception {
        String database = server.newDatabase();
        String trusted = "&sslrootcert=" + server.certificate();

        assertThat(tls("127.0.0.1", database, "?sslmode=disable")).isEqualTo("f");
        assertThat(tls("127.0.0.1", database, "")).isEqualTo("t");
        assertThat(tls("127.0.0.1", database, "?sslmode=require")).isEqualTo("t");
        assertThat(tls("127.0.0.1", database, "?sslmode=verify-ca" + trusted)).isEqualTo("t");
        assertThat(tls("localhost", database, "?sslmode=verify-full" + trusted)).isEqualTo("t");

        // The certificate is for localhost; nobody has signed it.
        assertThat(refusal("127.0.0.1", database, "?sslmode=verify-full" + trusted)
                        .reason())
                .isEqualTo(Reason.REFUSED);
        assertThat(refusal("localhost", database, "?sslmode=verify-full").reason())
                .isEqualTo(Reason.REFUSED);
    }

    @Test
    void aRefusedLoginShowsNeitherUserNorPassword() throws Exception {
        String wrong = "postgresql://" + PostgresServer.USER + ":wr0ng@127.0.0.1:" + server.port();

        ReferenceStoreException password =
                failure(PostgresSchemaProbe.migrate(vertx, PostgresUrl.parse(wrong + "/postgres?sslmode=disable")));
        ReferenceStoreException missing = failure(PostgresSchemaProbe.migrate(vertx, server.url("nowhere")));

        assertThat(password.reason()).isEqualTo(Reason.REFUSED);
        assertThat(missing.reason()).isEqualTo(Reason.REFUSED);
        assertThat(missing).hasMessageContaining("nowhere");
        for (ReferenceStoreException each : List.of(password, missing)) {
            assertThat(each)
                    .hasNoCause()
                    .hasMessageNotContainingAny("wr0ng", PostgresServer.PASSWORD, PostgresServer.USER);
        }
    }

    private ReferenceStore open(PostgresUrl url) throws Exception {
        return PostgresReferenceStoreTest.ready(PostgresReferenceStore.open(vertx, url, SHORT));
    }

    private String tls(String host, String database, String parameters) throws Exception {
        // With patience: what is idle must not be gone before it is looked at.
        ReferenceStore store = PostgresReferenceStoreTest.ready(
                PostgresReferenceStore.open(vertx, PostgresServer.url(host, server.port(), database, parameters)));
        String isEncrypted = server.query(
                database,
                "SELECT DISTINCT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                        + " WHERE a.application_name = 'barnebys-analytics' AND a.datname = '" + database + "'");
        Void closed = await(store.close());
        while (!server.query(
                        database,
                        "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'barnebys-analytics'"
                                + " AND datname = '" + database + "'")
                .equals("0")) {
            Thread.sleep(10);
        }
        return isEncrypted;
    }

    private ReferenceStoreException refusal(String host, String database, String parameters) throws IOException {
        return failure(
                PostgresSchemaProbe.migrate(vertx, PostgresServer.url(host, server.port(), database, parameters)));
    }

    private static Reference reference(String ref) {
        return new Reference("p", "f", List.of(ref), Source.OTHER, null, null, Instant.EPOCH);
    }
}
