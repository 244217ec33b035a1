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
        batch.answer(received::add);
        batch.answer(receipt -> {
            throw new IllegalStateException("the connection is in a state nobody thought of");
        });
        batch.answer(received::add);

        batch.answerAll(Receipt.STORED);

        assertThat(received).containsExactly(Receipt.STORED, Receipt.STORED);
    }

    @Test
    void answersGoOutOnce() {
        List<Receipt> received = new ArrayList<>();
        batch.answer(received::add);

        batch.answerAll(Receipt.LATE);
        batch.answerAll(Receipt.STORED);

        assertThat(received).containsExactly(Receipt.LATE);
    }

    private Map<String, Integer> rowsByTable() {
        Map<String, Integer> rows = new HashMap<>();
        batch.forEachTable((table, count) -> rows.merge(table, count, Integer::sum));
        return rows;
    }
}
