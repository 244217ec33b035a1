package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static com.barnebys.analytics.reference.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.reference.AnsweredCalls.Claim;
import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresReferenceStoreTest extends ReferenceStoreContract {
    private static final Visitor VISITOR = new Visitor("p", "f");

    private static PostgresServer server;

    private String database;

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

    @Override
    ReferenceStore openStore() throws Exception {
        database = server.newDatabase();
        return ready(PostgresReferenceStore.open(vertx, server.url(database)));
    }

    /** When the tables are made; until then it fails. */
    static ReferenceStore ready(ReferenceStore store) throws Exception {
        Optional<Source> unused = answer(store);
        return store;
    }

    /** The first one to come. */
    static Optional<Source> answer(ReferenceStore store) throws Exception {
        while (true) {
            try {
                return await(store.firstType(VISITOR));
            } catch (ExecutionException notYet) {
                Thread.sleep(20);
            }
        }
    }

    @Test
    void replicasThatStartTogetherMakeTheTablesOnce() throws Exception {
        String fresh = server.newDatabase();
        List<ReferenceStore> replicas = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            replicas.add(PostgresReferenceStore.open(vertx, server.url(fresh)));
        }
        for (ReferenceStore replica : replicas) {
            assertThat(await(ready(replica).firstType(VISITOR))).isEmpty();
        }

        assertThat(server.query(fresh, "SELECT COUNT(*), MAX(version) FROM ba_reference_version"))
                .isEqualTo("2|2");
        for (ReferenceStore replica : replicas) {
            Void closed = await(replica.close());
        }
    }

    @Test
    void ofTwoReplicasOneCreates() throws Exception {
        ReferenceStore other = ready(PostgresReferenceStore.open(vertx, server.url(database)));
        for (int i = 0; i < 50; i++) {
            Reference one = reference("a" + i, "b" + i);
            Reference two = reference("b" + i, "a" + i);

            Future<Creation> here = store.create(one);
            Future<Creation> there = other.create(two);

            assertThat(List.of(await(here), await(there)))
                    .containsExactlyInAnyOrder(Creation.CREATED, Creation.ALREADY_CREATED);
        }
        Void closed = await(other.close());
    }

    @Test
    void referencesOfANewerReleaseAreLeftAlone() throws Exception {
        server.query(database, "INSERT INTO ba_reference_version VALUES (99)");

        PostgresReferenceStore older = PostgresReferenceStore.open(vertx, server.url(database));

        ReferenceStoreException failure = failure(PostgresSchemaProbe.migrate(vertx, server.url(database)));
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure).hasMessageContaining("newer release");
        assertThat(failure(older.firstType(VISITOR)).reason()).isEqualTo(Reason.AWAY);
        Void closed = await(older.close());
    }

    @Test
    void referencesOfTheVersionBeforeStayAndCallsAreAnsweredToo() throws Exception {
        String before = server.newDatabase();
        server.query(before, Files.readString(Path.of("src/test/resources/reference/postgres-1.sql")));

        ReferenceStore upgraded = ready(PostgresReferenceStore.open(vertx, server.url(before)));

        assertThat(await(upgraded.find(new ReferenceFilter(List.of("s"), "f", "p"))))
                .contains(STORED_BEFORE);
        assertThat(await(upgraded.create(reference("u")))).isEqualTo(Creation.ALREADY_CREATED);
        assertThat(await(upgraded.create(reference("new")))).isEqualTo(Creation.CREATED);
        assertThat(await(upgraded.answeredCalls().claim("k", Instant.EPOCH))).isEqualTo(new Claim.Claimed());
        assertThat(server.query(before, "SELECT version FROM ba_reference_version ORDER BY version"))
                .isEqualTo("1\n2");
        Void closed = await(upgraded.close());
    }

    @Test
    void tablesThatWereDroppedAreMadeAgain() throws Exception {
        server.query(database, "DROP TABLE ba_reference, ba_reference_ref, ba_reference_version");

        assertThat(failure(store.firstType(VISITOR)).reason()).isEqualTo(Reason.FAILED);

        assertThat(await(ready(store).create(reference("u")))).isEqualTo(Creation.CREATED);
    }

    @Test
    void deletingTakesTheRefsWithIt() throws Exception {
        Creation created = await(store.create(reference("u", "v")));
        int deleted = await(store.deleteOlderThan(Instant.EPOCH.plusMillis(1), 10));

        assertThat(created).isEqualTo(Creation.CREATED);
        assertThat(deleted).isEqualTo(1);
        assertThat(server.query(database, "SELECT COUNT(*) FROM ba_reference_ref"))
                .isEqualTo("0");
    }

    private static Reference reference(String... refs) {
        return new Reference("p", "f", List.of(refs), Source.OTHER, null, null, Instant.EPOCH);
    }
}
