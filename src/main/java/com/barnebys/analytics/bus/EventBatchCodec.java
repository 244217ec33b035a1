package com.barnebys.analytics.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands over the same object: the bus is a crossing of threads here, not of machines. */
final class EventBatchCodec implements MessageCodec<EventBatch, EventBatch> {
    static final String NAME = "event-batch";

    @Override
    public EventBatch transform(EventBatch batch) {
        return batch;
    }

    @Override
    public void encodeToWire(Buffer buffer, EventBatch batch) {
        throw new IllegalStateException("event batches do not leave the process");
    }

    @Override
    public EventBatch decodeFromWire(int position, Buffer buffer) {
        throw new IllegalStateException("event batches do not leave the process");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
