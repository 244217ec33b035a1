package com.barnebys.analytics.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.ForeignSpoolException;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.SampleRows;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeliveryTest {
    private static final Parking NOWHERE = (sequence, buffer, offset, length, reason, detail) -> {};
    private static final Duration LONG = Duration.ofSeconds(50);

    private final FakeBacklog spool = new FakeBacklog();
    private final FakeSink sink = new FakeSink();
    private final CompletableFuture<Throwable> fatal = new CompletableFuture<>();

    private Delivery delivery() throws Exception {
        return delivery(DeliveryOptions.DEFAULT, false);
    }

    private Delivery delivery(DeliveryOptions options, boolean acceptSpool) throws Exception {
        return Delivery.of(spool, sink, NOWHERE, options, DeliveryMetrics.NONE, acceptSpool, fatal::complete);
    }

    @Test
    void drainDeliversWhatIsThereAndStopEndsTheThread() throws Exception {
        Delivery delivery = delivery(new DeliveryOptions(500, 5_000, Duration.ofHours(1)), false);
        spool.add(7);
        delivery.start();

        assertThat(delivery.drain(LONG)).isTrue();
        assertThat(delivery.stop(LONG)).isTrue();

        assertThat(sink.stored).hasSize(7);
        assertThat(fatal).isNotDone();
    }

    @Test
    void drainGivesUpInTimeAndTheRowsStay() throws Exception {
        Delivery delivery = delivery();
        sink.failBefore = Integer.MAX_VALUE;
        spool.add(7);
        delivery.start();

        assertThat(delivery.drain(Duration.ofMillis(1))).isFalse();
        assertThat(delivery.stop(LONG)).isTrue();

        assertThat(spool.records).hasSize(7);
    }

    @Test
    void aSinkThatHangsDoesNotHoldStopForEver() throws Exception {
        sink.blocked = new CountDownLatch(1);
        Delivery delivery = delivery();
        spool.add(7);
        delivery.start();

        assertThat(delivery.drain(Duration.ofMillis(1))).isFalse();
        assertThat(sink.isBlocking.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(delivery.stop(Duration.ofMillis(1))).isFalse();

        sink.blocked.countDown();
        assertThat(delivery.stop(LONG)).isTrue();
    }

    @Test
    void anErrorIsHandedToWhoeverCanEndTheProcess() throws Exception {
        sink.error = new OutOfMemoryError("no memory");
        Delivery delivery = delivery();
        spool.add(7);
        delivery.start();

        assertThat(delivery.drain(Duration.ofMillis(1))).isFalse();
        assertThat(fatal.get(30, TimeUnit.SECONDS)).isSameAs(sink.error);
        assertThat(delivery.stop(LONG)).isTrue();
    }

    @Test
    void anotherSpoolIsRefusedUnlessAccepted() throws Exception {
        sink.spoolId = SampleRows.SPOOL;
        sink.position = 5;
        spool.id = new UUID(1, 1);
        spool.lose(5);
        spool.add(1);

        assertThatThrownBy(() -> delivery(DeliveryOptions.DEFAULT, false)).isInstanceOf(ForeignSpoolException.class);

        Delivery delivery = delivery(DeliveryOptions.DEFAULT, true);
        delivery.start();
        assertThat(delivery.drain(LONG)).isTrue();
        assertThat(delivery.stop(LONG)).isTrue();
        assertThat(sink.spoolId).isEqualTo(spool.id);
        assertThat(sink.stored).containsExactly(5L);
    }
}
