package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.Finding.BlockThere;
import com.barnebys.analytics.sink.bigquery.Finding.Contradiction;
import com.barnebys.analytics.sink.bigquery.Finding.Nothing;
import com.barnebys.analytics.sink.bigquery.Finding.RowsThere;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Three intents at the places 100 to 110, 110 to 120 and 120 to 130; what is there already is about the second one. */
class FindingTest {
    private static final LaneState STATE = LaneState.fresh("click", 0)
            .with(new Intent(0, 0, 99, 100, List.of()))
            .with(new Intent(100, 100, 109, 10, List.of()))
            .with(new Intent(110, 110, 119, 10, List.of()))
            .with(new Intent(120, 120, 129, 10, List.of()));

    private static final LaneState LANE = STATE.stored(STATE.intents().get(0), 100);

    @ParameterizedTest
    @ValueSource(longs = {120, 125, 130})
    void aBlockIsThereWhereTheStreamGoesOnBehindIt(long expected) {
        assertThat(found(expected, 10, false)).isEqualTo(new BlockThere(10));
    }

    @Test
    void aBlockWhoseOtherRowsTheSpoolHasLostIsThereAsItWasSent() {
        assertThat(found(117, 7, false)).isEqualTo(new BlockThere(7));
    }

    @ParameterizedTest
    @CsvSource({"131, 10", "117, 10", "117, 6"})
    void aStreamThatGoesOnElsewhereContradicts(long expected, int sent) {
        assertThat(found(expected, sent, false)).isInstanceOf(Contradiction.class);
    }

    @ParameterizedTest
    @CsvSource({"131, 10", "130, 10", "120, 10", "117, 7", "111, 10"})
    void rowsThatNobodyHasSentBeforeAreNotThere(long expected, int sent) {
        assertThat(found(expected, sent, true)).isInstanceOf(Contradiction.class);
    }

    @ParameterizedTest
    @CsvSource({"-1, false", "110, false", "100, false", "-1, true", "110, true"})
    void whatIsNotSaidSaysNothing(long expected, boolean isDoubted) {
        assertThat(found(expected, 10, isDoubted)).isEqualTo(new Nothing());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "100, 0", "110, 10", "120, 20", "130, 30"})
    void aCountAtTheEdgeOfABlockSaysWhatIsThere(long count, long rows) {
        assertThat(Finding.of(count, LANE)).isInstanceOfSatisfying(RowsThere.class, there -> {
            assertThat(there.rows()).isEqualTo(rows);
            assertThat(there.left().intents())
                    .isEqualTo(LANE.intents()
                            .subList((int) rows / 10, LANE.intents().size()));
            assertThat(there.left().delivered()).isEqualTo(100 + rows);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {101, 115, 129, 131})
    void aCountInTheMiddleOfABlockOrBehindAllContradicts(long count) {
        assertThat(Finding.of(count, LANE)).isInstanceOf(Contradiction.class);
    }

    private static Finding found(long expected, int sent, boolean isDoubted) {
        RowBatch rows = new RowBatch();
        for (int i = 0; i < sent; i++) {
            rows.add(110 + i, new byte[1], 0, 1);
        }
        Block block = new Block(LANE.intents().get(1), rows);
        return Finding.of(new AlreadyExists(expected), block, isDoubted, LANE);
    }
}
