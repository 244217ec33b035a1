package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static com.barnebys.analytics.reference.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.reference.AnsweredCalls.Claim;
import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresAnsweredCallsTest extends AnsweredCallsContract {
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
        return replica();
    }

    private ReferenceStore replica() throws Exception {
        return PostgresReferenceStoreTest.ready(PostgresReferenceStore.open(vertx, server.url(database)));
    }

    @Test
    void ofTwoReplicasOneIsGivenTheKey() throws Exception {
        ReferenceStore other = replica();
        assertOneIsGivenTheKey(calls, other.answeredCalls());
        Void closed = await(other.close());
    }

    @Test
    void whatOneReplicaKeptAnotherAnswers() throws Exception {
        ReferenceStore other = replica();
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);
        assertThat(await(other.answeredCalls().claim("k", NOW))).isEqualTo(UNDER_WAY);

        keep("k", "a");

        assertThat(await(other.answeredCalls().claim("k", NOW))).isEqualTo(new Claim.Answered("a"));
        Void closed = await(other.close());
    }

    @Test
    void aTableThatWasDroppedWithTheOthersIsMadeAgain() throws Exception {
        server.query(database, "DROP TABLE ba_reference, ba_reference_ref, ba_reference_version, ba_answered_call");

        assertThat(failure(calls.claim("k", NOW)).reason()).isEqualTo(Reason.FAILED);
        ReferenceStore again = PostgresReferenceStoreTest.ready(store);

        assertThat(await(again.answeredCalls().claim("k", NOW))).isEqualTo(CLAIMED);
    }
}
