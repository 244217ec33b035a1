package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;
import static com.barnebys.analytics.reference.Futures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.reference.AnsweredCalls.Claim;
import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteReferenceStoreTest extends ReferenceStoreContract {
    private static final Visitor VISITOR = new Visitor("p", "f");

    @TempDir
    Path dir;

    @Override
    ReferenceStore openStore() throws IOException {
        return SqliteReferenceStore.open(vertx, dir.resolve("data/references.db"));
    }

    @Test
    void whatWasStoredIsThereWhenItIsOpenedAgain() throws Exception {
        Creation created = await(store.create(reference("u")));
        Void closed = await(store.close());

        store = openStore();

        assertThat(created).isEqualTo(Creation.CREATED);
        assertThat(await(store.create(reference("u")))).isEqualTo(Creation.ALREADY_CREATED);
    }

    @Test
    void referencesOfTheVersionBeforeStayAndCallsAreAnsweredToo() throws Exception {
        Path before = dir.resolve("before.db");
        String script = Files.readString(Path.of("src/test/resources/reference/sqlite-1.sql"));
        execute(before, script.strip().split(";\n", -1));

        for (int i = 0; i < 2; i++) {
            ReferenceStore upgraded = SqliteReferenceStore.open(vertx, before);

            assertThat(await(upgraded.find(new ReferenceFilter(List.of("s"), "f", "p"))))
                    .contains(STORED_BEFORE);
            assertThat(await(upgraded.create(reference("u")))).isEqualTo(Creation.ALREADY_CREATED);
            assertThat(await(upgraded.create(reference("new" + i)))).isEqualTo(Creation.CREATED);
            assertThat(await(upgraded.answeredCalls().claim("k" + i, Instant.EPOCH)))
                    .isEqualTo(new Claim.Claimed());
            Void closed = await(upgraded.close());
        }
    }

    @Test
    void aFullQueueIsRefusedAndTheRestAnswered() throws Exception {
        SqliteReferenceStore sqlite = (SqliteReferenceStore) store;
        CountDownLatch isBusy = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        Future<Boolean> blocking = sqlite.ask(file -> {
            isBusy.countDown();
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                throw new SQLException(e);
            }
            return true;
        });
        isBusy.await();

        List<Future<?>> waiting = new ArrayList<>();
        Future<?> last = store.firstType(VISITOR);
        while (!last.failed()) {
            waiting.add(last);
            last = store.firstType(VISITOR);
        }
        mayGoOn.countDown();

        // The flush of each second stands in the queue, too, and a slow machine may take some to fill it.
        assertThat(waiting.size()).isBetween(SqliteReferenceStore.QUEUE_MAX - 20, SqliteReferenceStore.QUEUE_MAX);
        assertThat(failure(last).reason()).isEqualTo(Reason.FULL);
        assertThat(await(blocking)).isTrue();
        assertThat(await(Future.all(waiting)).succeeded()).isTrue();
    }

    @Test
    void afterAFailureTheFileIsOpenedAgain() throws Exception {
        execute("ALTER TABLE ba_reference RENAME TO elsewhere");
        ReferenceStoreException failure = failure(store.create(reference("u")));
        execute("ALTER TABLE elsewhere RENAME TO ba_reference");

        assertThat(failure.reason()).isEqualTo(Reason.FAILED);
        assertThat(failure).hasMessageContaining("references.db");
        assertThat(await(store.create(reference("u")))).isEqualTo(Creation.CREATED);
    }

    @Test
    void aFailureInTheMiddleOfAReferenceLeavesNothingOfIt() throws Exception {
        execute("CREATE TRIGGER no BEFORE INSERT ON ba_reference_ref WHEN NEW.ref = 'b'"
                + " BEGIN SELECT RAISE(FAIL, 'no'); END");
        Reference reference = new Reference("p", "f", List.of("a", "b"), Source.OTHER, null, null, Instant.EPOCH);
        Creation refused = await(store.create(reference));
        execute("DROP TRIGGER no");

        assertThat(refused).isEqualTo(Creation.ALREADY_CREATED); // RAISE is a constraint like any other.
        assertThat(await(store.find(new ReferenceFilter(List.of("a"), null, null))))
                .isEmpty();
        assertThat(await(store.firstType(VISITOR))).isEmpty();
        assertThat(await(store.create(reference))).isEqualTo(Creation.CREATED);
    }

    @Test
    void whatIsNoDatabaseOrANewerOneIsRefused() throws Exception {
        Path text = Files.writeString(dir.resolve("text.db"), "no database ".repeat(100));
        execute("PRAGMA user_version=99");

        assertThatThrownBy(() -> SqliteReferenceStore.open(vertx, text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("text.db");
        assertThatThrownBy(this::openStore).isInstanceOf(IOException.class).hasMessageContaining("newer release");
    }

    private static Reference reference(String ref) {
        return new Reference("p", "f", List.of(ref), Source.OTHER, null, null, Instant.EPOCH);
    }

    private void execute(String sql) throws SQLException {
        execute(dir.resolve("data/references.db"), sql);
    }

    private static void execute(Path file, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                boolean unused = statement.execute(sql);
            }
        }
    }
}
