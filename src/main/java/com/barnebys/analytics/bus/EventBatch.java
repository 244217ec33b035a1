package com.barnebys.analytics.bus;

import com.barnebys.analytics.event.ConversionEvent;
import com.barnebys.analytics.event.EventBuffer;
import com.barnebys.analytics.event.EventWriter;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.event.TrackEvent;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one turn of an event loop, and who waits for them. Filled on that loop; once sent, the worker reads it
 * and calls {@link #complete} exactly once, which runs the answers back on the loop.
 */
public final class EventBatch {
    private static final Logger LOG = LoggerFactory.getLogger(EventBatch.class);

    private final EventBuffer events;
    private final List<Consumer<Receipt>> visitors = new ArrayList<>();
    private final List<Consumer<Receipt>> machines = new ArrayList<>(32);
    // Few kinds share a batch: a scan beats a map.
    private final List<String> tables = new ArrayList<>(4);
    private int[] rows = new int[4];

    private final Context loop;
    private final Consumer<EventBatch> completed;
    private final long openedNanos;
    private Receipt receipt = Receipt.LATE;

    /** @param events empty; the batch's own until it is completed */
    EventBatch(Context loop, long openedNanos, EventBuffer events, Consumer<EventBatch> completed) {
        this.events = events;
        this.loop = loop;
        this.openedNanos = openedNanos;
        this.completed = completed;
    }

    /** Takes the rows of one request, all or none: half a row would make the whole batch unreadable. */
    void add(TrackEvent event, @Nullable TrackEvent lead, EventWriter writer) {
        int size = events.size();
        int count = events.count();
        boolean isWritten = false;
        try {
            writer.write(event, events);
            if (lead != null) {
                writer.write(lead, events);
            }
            isWritten = true;
        } finally {
            if (!isWritten) {
                events.cut(size, count);
            }
        }
        countRow(event.table());
        if (lead != null) {
            countRow(lead.table());
        }
    }

    /** As {@link #add(TrackEvent, TrackEvent, EventWriter)}, for conversion events. */
    void add(List<ConversionEvent> conversions, EventWriter writer) {
        int size = events.size();
        int count = events.count();
        boolean isWritten = false;
        try {
            conversions.forEach(event -> writer.write(event, events));
            isWritten = true;
        } finally {
            if (!isWritten) {
                events.cut(size, count);
            }
        }
        conversions.forEach(event -> countRow(TableSchema.EVENTS_TABLE));
    }

    void answer(Waiting waiting, Consumer<Receipt> answer) {
        (waiting == Waiting.VISITOR ? visitors : machines).add(answer);
    }

    private void countRow(String table) {
        int i = 0;
        while (i < tables.size() && !tables.get(i).equals(table)) {
            i++;
        }
        if (i == tables.size()) {
            tables.add(table);
            if (i == rows.length) {
                rows = Arrays.copyOf(rows, 2 * i);
            }
        }
        rows[i]++;
    }

    /** The encoded events. */
    public EventBuffer events() {
        return events;
    }

    /** Rows by table. */
    public void forEachTable(ObjIntConsumer<String> consumer) {
        for (int i = 0; i < tables.size(); i++) {
            consumer.accept(tables.get(i), rows[i]);
        }
    }

    /** Says what became of the batch. Called once, by the worker; the answers run on the event loop. */
    public void complete(Receipt outcome) {
        receipt = outcome;
        loop.runOnContext(ignored -> completed.accept(this));
    }

    Receipt receipt() {
        return receipt;
    }

    /** Runs the answers that have not run yet. One that fails takes no other with it. */
    void answerAll(Receipt outcome) {
        answer(visitors, outcome);
        answer(machines, outcome);
    }

    /** Runs those that have waited too long by now. */
    void answerLate(long nowNanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nowNanos - openedNanos);
        if (millis >= Waiting.VISITOR.millisMax()) {
            answer(visitors, Receipt.LATE);
        }
        if (millis >= Waiting.MACHINE.millisMax()) {
            answer(machines, Receipt.LATE);
        }
    }

    private static void answer(List<Consumer<Receipt>> answers, Receipt outcome) {
        // An answer may bring the next request of its connection, which then joins this batch if it is open.
        int due = answers.size();
        for (int i = 0; i < due; i++) {
            try {
                answers.get(i).accept(outcome);
            } catch (RuntimeException e) {
                LOG.error("An answer failed. receipt={}", outcome.reason(), e);
            }
        }
        answers.subList(0, due).clear();
    }
}
