package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.reference.AnsweredCalls.Claim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteAnsweredCallsTest extends AnsweredCallsContract {
    @TempDir
    Path dir;

    @Override
    ReferenceStore openStore() throws IOException {
        return SqliteReferenceStore.open(vertx, dir.resolve("references.db"));
    }

    @Test
    void whatWasKeptIsThereWhenItIsOpenedAgain() throws Exception {
        assertThat(claim("k", NOW)).isEqualTo(CLAIMED);
        keep("k", "a");
        Void closed = await(store.close());

        store = openStore();

        assertThat(await(store.answeredCalls().claim("k", NOW))).isEqualTo(new Claim.Answered("a"));
    }

    /** What a killed process leaves: the files as they are, without the shared memory, which SQLite makes anew. */
    @Test
    void whatWasKeptSurvivesTheProcess() throws Exception {
        String answer = "a".repeat(2_000_000);
        assertThat(claim("answered", NOW)).isEqualTo(CLAIMED);
        keep("answered", answer);
        assertThat(claim("under way", NOW)).isEqualTo(CLAIMED);
        Path left = Files.createDirectory(dir.resolve("left"));
        // In this order: a checkpoint between the two writes the first out of the second, and leaves that as it is.
        Files.copy(dir.resolve("references.db"), left.resolve("references.db"));
        Files.copy(dir.resolve("references.db-wal"), left.resolve("references.db-wal"));

        ReferenceStore next = SqliteReferenceStore.open(vertx, left.resolve("references.db"));

        assertThat(await(next.answeredCalls().claim("answered", NOW))).isEqualTo(new Claim.Answered(answer));
        assertThat(await(next.answeredCalls().claim("under way", NOW))).isEqualTo(UNDER_WAY);
        Void closed = await(next.close());
    }

    /** Not how it is meant to run; but then a key is one caller's, too. */
    @Test
    void ofTwoThatHaveTheFileOpenOneIsGivenTheKey() throws Exception {
        ReferenceStore other = openStore();
        assertOneIsGivenTheKey(calls, other.answeredCalls());
        Void closed = await(other.close());
    }
}
