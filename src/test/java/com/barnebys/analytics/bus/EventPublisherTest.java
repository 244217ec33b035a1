package com.barnebys.analytics.bus;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.sink.SampleRows;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a worker whose disk hangs: it takes batches, and is done with them when the test says so. */
@Timeout(120)
class EventPublisherTest {
    private static final TrackEvent EVENT = SampleRows.event("click", "ADV1");

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final AtomicLong nanos = new AtomicLong();
    private final BlockingQueue<EventBatch> taken = new LinkedBlockingQueue<>();
    private EventPublisher publisher;

    @BeforeEach
    void start() throws Exception {
        EventPublisher.register(vertx);
        EventPublisher.consumer(vertx).handler(message -> taken.add(message.body()));
        publisher = onLoop(() -> new EventPublisher(vertx, nanos::get));
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    @Test
    void aDiskThatHangsKeepsAVisitorForASecondAndAMachineForFour() throws Exception {
        CompletableFuture<Receipt> machine = new CompletableFuture<>();
        CompletableFuture<Receipt> visitor = onLoop(() -> {
            publisher.publish(EVENT, null, Waiting.MACHINE, machine::complete);
            return published(Waiting.VISITOR);
        });
        EventBatch first = taken.take();

        pass(1000);
        assertThat(visitor.get()).isEqualTo(Receipt.LATE);
        assertThat(machine).isNotDone();
        pass(3000);
        assertThat(machine.get()).isEqualTo(Receipt.LATE);

        CompletableFuture<Receipt> later = publish(Waiting.MACHINE);
        first.complete(Receipt.STORED);
        taken.take().complete(Receipt.STORED);
        assertThat(later.get()).isEqualTo(Receipt.STORED);
    }

    /** The batch that is open behind one that hangs gets old before it is sent. */
    @Test
    void whoJoinsAnOldBatchIsAnsweredLikeAnybodyElse() throws Exception {
        CompletableFuture<Receipt> hanging = publish(Waiting.VISITOR);
        EventBatch first = taken.take();
        CompletableFuture<Receipt> opens = publish(Waiting.VISITOR);
        pass(1000);
        assertThat(hanging.get()).isEqualTo(Receipt.LATE);
        assertThat(opens.get()).isEqualTo(Receipt.LATE);

        CompletableFuture<Receipt> joins = publish(Waiting.MACHINE);
        first.complete(Receipt.STORED);
        EventBatch second = taken.take();
        second.complete(Receipt.STORED);

        assertThat(second.events().count()).isEqualTo(2);
        assertThat(joins.get()).isEqualTo(Receipt.STORED);
    }

    /** Returns when it is in a batch, which has its time from then on. */
    private CompletableFuture<Receipt> publish(Waiting waiting) throws Exception {
        return onLoop(() -> published(waiting));
    }

    private CompletableFuture<Receipt> published(Waiting waiting) {
        CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        publisher.publish(EVENT, null, waiting, receipt::complete);
        return receipt;
    }

    private void pass(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private <T> T onLoop(Supplier<T> task) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.runOnContext(ignored -> done.complete(task.get()));
        return done.get();
    }
}
