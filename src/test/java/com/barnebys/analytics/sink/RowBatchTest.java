package com.barnebys.analytics.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RowBatchTest {
    private final RowBatch batch = new RowBatch();

    @Test
    void keepsRecordsAsTheyWereWhenTheBufferIsUsedAgain() {
        SplittableRandom random = new SplittableRandom(7);
        byte[][] records = new byte[3_000][];
        byte[] buffer = new byte[1_000];

        batch.clear(SampleRows.SPOOL);
        for (int i = 0; i < records.length; i++) {
            random.nextBytes(buffer);
            int offset = random.nextInt(300);
            int length = random.nextInt(600);
            records[i] = Arrays.copyOfRange(buffer, offset, offset + length);
            batch.add(10 + 2L * i, buffer, offset, length);
        }

        assertThat(batch.rows()).isEqualTo(records.length);
        assertThat(batch.size())
                .isEqualTo(Arrays.stream(records).mapToInt(r -> r.length).sum());
        for (int i = 0; i < records.length; i++) {
            assertThat(batch.sequence(i)).isEqualTo(10 + 2L * i);
            assertThat(batch.indexOf(10 + 2L * i)).isEqualTo(i);
            int offset = batch.offset(i);
            assertThat(Arrays.copyOfRange(batch.buffer(), offset, offset + batch.length(i)))
                    .isEqualTo(records[i]);
        }
    }

    @Test
    void endsBehindItsLastRowUnlessToldOtherwise() {
        batch.clear(SampleRows.SPOOL);
        batch.add(5, new byte[3], 0, 3);
        assertThat(batch.firstSequence()).isEqualTo(5);
        assertThat(batch.nextSequence()).isEqualTo(6);

        batch.end(9);

        assertThat(batch.nextSequence()).isEqualTo(9);
        assertThatThrownBy(() -> batch.end(5)).hasMessageContaining("expected: at least 9");
    }

    @Test
    void isEmptyAndOfAnotherSpoolOnceCleared() {
        batch.clear(SampleRows.SPOOL);
        batch.add(5, new byte[3], 0, 3);
        UUID other = new UUID(1, 2);

        batch.clear(other);

        assertThat(batch.rows()).isZero();
        assertThat(batch.size()).isZero();
        assertThat(batch.spoolId()).isEqualTo(other);
        assertThatThrownBy(() -> batch.sequence(0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void sequencesMustAscend() {
        batch.clear(SampleRows.SPOOL);
        batch.add(5, new byte[3], 0, 3);

        assertThatThrownBy(() -> batch.add(5, new byte[3], 0, 3)).hasMessageContaining("expected: above 5");
    }

    @Test
    void knowsTheTableOfEachRow() {
        RowBatch rows = SampleRows.batch(
                0,
                SampleRows.record("click", "p"),
                SampleRows.record("impression", "p"),
                SampleRows.record("click", "p"),
                SampleRows.MALFORMED,
                new byte[0],
                new byte[] {4, 'a', 'b'},
                new byte[] {-3, 'a', 'b', 'c'},
                new byte[] {3, 'a', '"', 'b'},
                new byte[] {2, 'a', 'b'});

        String[] tables = new String[rows.rows()];
        Arrays.setAll(tables, rows::table);

        assertThat(tables).containsExactly("click", "impression", "click", "click", null, null, null, null, "ab");
    }

    @Test
    void manyTablesAreAllToldApart() {
        byte[][] records = new byte[200][];
        Arrays.setAll(records, i -> SampleRows.record("kind" + i % 100, "p"));

        RowBatch rows = SampleRows.batch(0, records);

        for (int i = 0; i < records.length; i++) {
            assertThat(rows.table(i)).isEqualTo("kind" + i % 100);
        }
    }
}
