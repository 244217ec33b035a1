package com.barnebys.analytics.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.event.EventBuffer;
import com.barnebys.analytics.event.EventIds;
import com.barnebys.analytics.event.EventWriter;
import com.barnebys.analytics.event.TrackEvent;
import com.barnebys.analytics.sink.SampleRows;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class EventBatchTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final TrackEvent EVENT = SampleRows.event("click", "ADV1");

    private final EventWriter writer = new EventWriter(new EventIds());
    private final EventBatch batch =
            new EventBatch(VERTX.getOrCreateContext(), 0, new EventBuffer(64), completed -> {});

    @AfterAll
    static void close() {
        VERTX.close().await();
    }

    @Test
    void requestThatCannotBeWrittenLeavesNothingInTheBatch() {
        batch.add(EVENT, null, writer);
        int size = batch.events().size();

        TrackEvent broken =
                new TrackEvent(null, "AFF1", true, "", null, null, "", "", "", "", "", false, null, 0, false, null);

        assertThatThrownBy(() -> batch.add(EVENT, broken, writer)).isInstanceOf(NullPointerException.class);
        assertThat(batch.events().count()).isEqualTo(1);
        assertThat(batch.events().size()).isEqualTo(size);
        assertThat(rowsByTable()).containsExactly(Map.entry("click", 1));
    }

    @Test
    void bothRowsOfALeadAreCounted() {
        batch.add(EVENT, SampleRows.event("click", "AFF1"), writer);

        assertThat(batch.events().count()).isEqualTo(2);
        assertThat(rowsByTable()).containsExactly(Map.entry("click", 2));
    }

    @Test
    void answerThatFailsTakesNoOtherWithIt() {
        List<Receipt> received = new ArrayList<>();
        batch.answer(Waiting.MACHINE, received::add);
        batch.answer(Waiting.MACHINE, receipt -> {
            throw new IllegalStateException("the connection is in a state nobody thought of");
        });
        batch.answer(Waiting.MACHINE, received::add);
        batch.answer(Waiting.VISITOR, received::add);

        batch.answerAll(Receipt.STORED);

        assertThat(received).containsExactly(Receipt.STORED, Receipt.STORED, Receipt.STORED);
    }

    @Test
    void visitorsAreAnsweredBeforeMachines() {
        List<Receipt> visitor = new ArrayList<>();
        List<Receipt> machine = new ArrayList<>();
        batch.answer(Waiting.VISITOR, visitor::add);
        batch.answer(Waiting.MACHINE, machine::add);

        batch.answerLate(TimeUnit.MILLISECONDS.toNanos(999));
        assertThat(visitor).isEmpty();
        batch.answerLate(TimeUnit.MILLISECONDS.toNanos(1000));
        assertThat(visitor).containsExactly(Receipt.LATE);
        batch.answerLate(TimeUnit.MILLISECONDS.toNanos(3999));
        assertThat(machine).isEmpty();
        batch.answerLate(TimeUnit.MILLISECONDS.toNanos(4000));
        assertThat(machine).containsExactly(Receipt.LATE);
    }

    @Test
    void answersGoOutOnce() {
        List<Receipt> received = new ArrayList<>();
        batch.answer(Waiting.VISITOR, received::add);
        batch.answer(Waiting.MACHINE, receipt -> {});

        batch.answerLate(TimeUnit.SECONDS.toNanos(2));
        batch.answerAll(Receipt.STORED);

        assertThat(received).containsExactly(Receipt.LATE);
    }

    /** As the next request of a connection does, when the batch still waits for the one before. */
    @Test
    void whoJoinsBehindALateAnswerIsAnsweredToo() {
        List<Receipt> first = new ArrayList<>();
        List<Receipt> next = new ArrayList<>();
        batch.answer(Waiting.VISITOR, receipt -> {
            first.add(receipt);
            batch.answer(Waiting.VISITOR, next::add);
        });

        batch.answerLate(TimeUnit.SECONDS.toNanos(2));
        assertThat(next).isEmpty();
        batch.answerAll(Receipt.STORED);

        assertThat(first).containsExactly(Receipt.LATE);
        assertThat(next).containsExactly(Receipt.STORED);
    }

    private Map<String, Integer> rowsByTable() {
        Map<String, Integer> rows = new HashMap<>();
        batch.forEachTable((table, count) -> rows.merge(table, count, Integer::sum));
        return rows;
    }
}
