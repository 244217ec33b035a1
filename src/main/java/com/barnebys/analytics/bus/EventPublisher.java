package com.barnebys.analytics.bus;

import com.barnebys.analytics.event.ConversionEvent;
import com.barnebys.analytics.event.EventBuffer;
import com.barnebys.analytics.event.EventIds;
import com.barnebys.analytics.event.EventWriter;
import com.barnebys.analytics.event.TrackEvent;
import io.netty.channel.SingleThreadEventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands events to the intake worker. One for each event loop, used on that loop only, so nothing here is locked.
 *
 * <p>The first event of a turn opens a batch and asks the loop to send it when the turn is over; the rest of the turn
 * joins. While an earlier batch is on its way, the next one waits for it and takes what further turns bring. Whoever
 * publishes is answered exactly once: when the batch is in the spool, when it cannot be, or when the limit of time has
 * passed. What is in flight is given back only when the worker is done with it, so a disk that hangs fills the window and
 * the rest is shed at once.
 */
public final class EventPublisher {
    public static final int BATCH_EVENTS_MAX = 1024;
    public static final int BATCH_BYTES_MAX = 512 * 1024;
    public static final int IN_FLIGHT_BYTES_MAX = 16 * 1024 * 1024;
    public static final int IN_FLIGHT_EVENTS_MAX = 32_768;

    private static final String ADDRESS = "analytics.events";
    private static final long CHECK_MILLIS = 250;
    /** A batch is sent after so many turns, whatever still comes. */
    private static final int LOOKS_MAX = 24;

    private static final int EMPTY_LOOKS_MAX = 3;
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Vertx vertx;
    private final Context loop;
    private final LongSupplier nanoTime;
    private final EventWriter writer = new EventWriter(new EventIds());
    private final MessageProducer<EventBatch> producer;
    private final ArrayDeque<EventBatch> inFlight = new ArrayDeque<>();
    private final long timer;

    private final SingleThreadEventLoop eventLoop;
    /** Behind an iteration of the event loop: asks for the next one, which polls instead of waiting. */
    private final Runnable nextTurn;

    private @Nullable EventBatch open;
    private int looks;
    private int emptyLooks;
    /** That of a batch the worker is done with: a new one would have to be cleared, and grow. */
    private @Nullable EventBuffer spare;

    private int lastLookEvents;
    private int inFlightEvents;
    private int inFlightBytes;

    /** Makes the publisher of the loop it is called on. */
    public EventPublisher(Vertx vertx) {
        this(vertx, System::nanoTime);
    }

    EventPublisher(Vertx vertx, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.eventLoop = (SingleThreadEventLoop) ((ContextInternal) loop).nettyEventLoop();
        this.nextTurn = () -> loop.runOnContext(ignored -> endTurn());
        this.nanoTime = nanoTime;
        this.producer = vertx.eventBus()
                .sender(ADDRESS, new DeliveryOptions().setLocalOnly(true).setCodecName(EventBatchCodec.NAME));
        this.timer = vertx.setPeriodic(CHECK_MILLIS, id -> answerLate());
    }

    /** Makes the bus know the batches; once for each Vert.x instance, before the first publisher or consumer. */
    public static void register(Vertx vertx) {
        vertx.eventBus().registerCodec(new EventBatchCodec());
    }

    /** Where the intake receives batches: in the order each loop sent them, on the context it is called from. */
    public static MessageConsumer<EventBatch> consumer(Vertx vertx) {
        return vertx.eventBus().localConsumer(ADDRESS);
    }

    /**
     * Hands over the rows of one request: all of them are stored or none.
     *
     * @param lead the second row, if the hit makes a lead
     * @param waiting who waits, and so how long at most
     * @param answer called once, on this loop; may be called before this method returns
     */
    public void publish(TrackEvent event, @Nullable TrackEvent lead, Waiting waiting, Consumer<Receipt> answer) {
        EventBatch batch = open(answer);
        if (batch != null) {
            batch.add(event, lead, writer);
            handOver(batch, waiting, answer);
        }
    }

    /**
     * Hands over the conversion events of one request: all of them are stored or none.
     *
     * @param answer called once, on this loop; may be called before this method returns
     */
    public void publish(List<ConversionEvent> events, Consumer<Receipt> answer) {
        EventBatch batch = open(answer);
        if (batch != null) {
            batch.add(events, writer);
            handOver(batch, Waiting.MACHINE, answer);
        }
    }

    /** The batch to join; null when too much is in flight, which is answered then. */
    private @Nullable EventBatch open(Consumer<Receipt> answer) {
        if (inFlightBytes > IN_FLIGHT_BYTES_MAX || inFlightEvents > IN_FLIGHT_EVENTS_MAX) {
            answer.accept(Receipt.SHED);
            return null;
        }
        EventBatch batch = open;
        if (batch == null) {
            batch = new EventBatch(loop, nanoTime.getAsLong(), buffer(), this::completed);
            open = batch;
            loop.runOnContext(ignored -> endTurn());
        }
        return batch;
    }

    private void handOver(EventBatch batch, Waiting waiting, Consumer<Receipt> answer) {
        batch.answer(waiting, answer);
        if (batch.events().size() >= BATCH_BYTES_MAX || batch.events().count() >= BATCH_EVENTS_MAX) {
            send();
        }
    }

    private EventBuffer buffer() {
        EventBuffer buffer = spare;
        if (buffer == null) {
            return new EventBuffer(BUFFER_BYTES);
        }
        spare = null;
        buffer.cut(0, 0);
        return buffer;
    }

    /**
     * At the end of a turn: looks at the sockets again, without waiting, and sends the batch once some looks in a row have
     * brought nothing new. So a batch takes in what has arrived by then, and the worker is woken half as often; a lone
     * request pays the empty looks, a microsecond or two each. While an earlier batch is on its way the next one waits
     * for it: the worker takes one at a time anyhow.
     */
    private void endTurn() {
        EventBatch batch = open;
        if (batch == null || !inFlight.isEmpty()) {
            return;
        }
        int events = batch.events().count();
        emptyLooks = events == lastLookEvents ? emptyLooks + 1 : 0;
        if (emptyLooks == EMPTY_LOOKS_MAX || ++looks > LOOKS_MAX) {
            send();
        } else {
            lastLookEvents = events;
            eventLoop.executeAfterEventLoopIteration(nextTurn);
        }
    }

    private void send() {
        EventBatch batch = open;
        if (batch == null) {
            return;
        }
        open = null;
        looks = 0;
        emptyLooks = 0;
        lastLookEvents = 0;
        inFlight.add(batch);
        inFlightEvents += batch.events().count();
        inFlightBytes += batch.events().size();
        producer.write(batch).onFailure(noConsumer -> batch.complete(Receipt.FAILED));
    }

    private void completed(EventBatch batch) {
        // The worker takes batches in order, so this is the first one but after a failed send.
        if (inFlight.remove(batch)) {
            inFlightEvents -= batch.events().count();
            inFlightBytes -= batch.events().size();
            spare = batch.events();
        }
        // First the next batch, so that the worker has it while this loop answers.
        if (inFlight.isEmpty()) {
            send();
        }
        batch.answerAll(batch.receipt());
    }

    private void answerLate() {
        long now = nanoTime.getAsLong();
        for (EventBatch batch : inFlight) {
            batch.answerLate(now);
        }
        if (open != null) {
            open.answerLate(now);
        }
    }

    /** Stops the clock that answers late requests; call when no request is open any more. */
    public void close() {
        vertx.cancelTimer(timer);
    }
}
