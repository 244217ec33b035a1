package com.barnebys.analytics.conversion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.conversion.Webhook.Answer;
import com.barnebys.analytics.reference.Reference;
import com.barnebys.analytics.reference.ReferenceOptions;
import com.barnebys.analytics.reference.ReferenceStore;
import com.barnebys.analytics.reference.Source;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the whole tracker cannot be made to do: refuse the rows, lose the store. */
class WebhookTest {
    private static final byte[] BODY =
            "[{\"programId\":\"p\",\"ref\":\"r\"},{\"programId\":\"p\",\"ref\":\"x\"}]".getBytes(UTF_8);
    private static final long NOW = 1_795_000_000_000L;

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    /** What the intake says to the next batches; STORED when it has nothing to say. */
    private final Deque<Receipt> receipts = new ArrayDeque<>();

    private ReferenceStore references;
    private Webhook webhook;

    @BeforeEach
    void start() throws Exception {
        EventPublisher.register(vertx);
        references = ReferenceStore.open(
                vertx, new ReferenceOptions(Optional.empty(), directory.resolve("references.db"), 0));
        references
                .create(new Reference("p", "f", List.of("r"), Source.BARNEBYS, null, null, Instant.ofEpochMilli(NOW)))
                .await();
        Promise<Webhook> made = Promise.promise();
        vertx.runOnContext(ignored -> {
            EventPublisher.consumer(vertx).handler(message -> {
                Receipt next = receipts.poll();
                message.body().complete(next == null ? Receipt.STORED : next);
            });
            made.complete(new Webhook(new EventPublisher(vertx), references));
        });
        webhook = made.future().await();
    }

    @AfterEach
    void stop() {
        references.close().await();
        vertx.close().await();
    }

    private Answer take(String key) {
        Promise<Answer> answer = Promise.promise();
        vertx.runOnContext(ignored -> {
            Future<Answer> unused = webhook.take(BODY, key, NOW).onComplete(answer);
        });
        return answer.future().await();
    }

    @Test
    void rowsThatAreNotStoredAreNotAnsweredAsTakenAndTheKeyIsFreeAgain() {
        receipts.add(Receipt.FULL);

        assertThat(take("key").status()).isEqualTo(503);
        Answer again = take("key");

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.hits()).isEqualTo(1);
        assertThat(again.misses()).isEqualTo(1);
        assertThat(take("key").text()).isEqualTo(again.text());
    }

    @Test
    void storeThatFailsTakesNothing() {
        references.close().await();

        assertThat(take(null).status()).isEqualTo(503);
        assertThat(take("key").status()).isEqualTo(503);
    }

    @Test
    void idsOfAKeyAreItsOwnAndTheSameEachTime() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String id = Webhook.eventId("key", i);
            assertThat(id).isEqualTo(Webhook.eventId("key", i));
            assertThat(UUID.fromString(id).version()).isEqualTo(8);
            assertThat(UUID.fromString(id).variant()).isEqualTo(2);
            ids.add(id);
            ids.add(Webhook.eventId("key" + i, 0));
        }
        assertThat(ids).hasSize(2000);
    }
}
