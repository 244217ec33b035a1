package com.barnebys.analytics.intake;

import com.barnebys.analytics.bus.EventBatch;
import com.barnebys.analytics.bus.EventPublisher;
import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolFullException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends event batches to the spool, in groups. Deployed once, as a worker: it is the spool's one writer.
 *
 * <p>A batch that arrives puts one task behind whatever else has arrived by then; that task takes all that waits. So
 * groups form by themselves while the previous one is written, and nobody waits for a clock.
 */
public final class IntakeVerticle extends VerticleBase {
    /** One write; a single batch can be larger by one request's rows. */
    static final int GROUP_EVENTS_MAX = 1024;

    static final int GROUP_BYTES_MAX = 512 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(IntakeVerticle.class);
    private static final long NANOS_BETWEEN_WARNINGS = 60_000_000_000L;

    private final Spool spool;
    private final IntakeMetrics metrics;
    private final ArrayDeque<EventBatch> waiting = new ArrayDeque<>();
    private final List<EventBatch> group = new ArrayList<>();
    private final List<ByteBuffer> bodies = new ArrayList<>();

    private @Nullable MessageConsumer<EventBatch> consumer;
    private boolean isCommitDue;
    private long refusedRows;
    private long lastWarning = System.nanoTime() - NANOS_BETWEEN_WARNINGS;

    public IntakeVerticle(Spool spool, IntakeMetrics metrics) {
        this.spool = spool;
        this.metrics = metrics;
    }

    @Override
    public Future<?> start() {
        consumer = EventPublisher.consumer(vertx).handler(this::take);
        return Future.succeededFuture();
    }

    private void take(Message<EventBatch> message) {
        waiting.add(message.body());
        if (!isCommitDue) {
            isCommitDue = true;
            context.runOnContext(ignored -> commitAll());
        }
    }

    private void commitAll() {
        isCommitDue = false;
        while (!waiting.isEmpty()) {
            commitGroup();
        }
    }

    private void commitGroup() {
        int events = 0;
        int bytes = 0;
        while (true) {
            EventBatch next = waiting.peek();
            boolean isFull = next == null
                    || (events > 0
                            && (events + next.events().count() > GROUP_EVENTS_MAX
                                    || bytes + next.events().size() > GROUP_BYTES_MAX));
            if (isFull) {
                break;
            }
            waiting.remove();
            group.add(next);
            bodies.add(next.events().toByteBuffer());
            events += next.events().count();
            bytes += next.events().size();
        }
        Receipt receipt = Receipt.FAILED;
        try {
            receipt = append(events);
        } finally {
            // Also when an Error goes on up: what stayed here would be appended a second time with the next group.
            complete(receipt);
        }
    }

    private void complete(Receipt receipt) {
        for (EventBatch batch : group) {
            if (receipt == Receipt.STORED) {
                batch.forEachTable(metrics::accepted);
            }
            batch.complete(receipt);
        }
        group.clear();
        bodies.clear();
    }

    private Receipt append(int events) {
        try {
            long ignored = spool.append(events, bodies);
            return Receipt.STORED;
        } catch (SpoolFullException e) {
            refused(Receipt.FULL, events, e);
            return Receipt.FULL;
        } catch (IOException | RuntimeException e) {
            refused(Receipt.FAILED, events, e);
            return Receipt.FAILED;
        }
    }

    /** Each loss is counted; the log says it once a minute. */
    private void refused(Receipt receipt, int rows, Exception cause) {
        metrics.refused(receipt, rows);
        refusedRows += rows;
        long now = System.nanoTime();
        if (now - lastWarning >= NANOS_BETWEEN_WARNINGS) {
            LOG.error("The spool takes no events. reason={} rowsRefused={}", receipt.reason(), refusedRows, cause);
            refusedRows = 0;
            lastWarning = now;
        }
    }

    /** Takes no more; what arrived before is committed, since its task is in front of this one's completion. */
    @Override
    public Future<?> stop() {
        return consumer == null ? Future.succeededFuture() : consumer.unregister();
    }
}
