package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import com.barnebys.analytics.event.CivilTime;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.bigquery.RowConverter.Converted;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowConverterTest {
    private static final TableShape CLICK = Shapes.whole("click");
    private static final long TIME = CivilTime.pack(SampleRows.TIME.toEpochMilli());

    private long dropped;

    private List<ByteString> convert(TableShape shape, RowBatch batch) {
        Converted converted = new RowConverter(shape).convert(batch);
        assertThat(converted.malformed()).isEmpty();
        dropped = converted.dropped();
        return converted.rows().getSerializedRowsList();
    }

    @Test
    void rowsOfAnOwnTableGoOutAsTheyAre() {
        byte[][] records = {SampleRows.record("click", "a"), SampleRows.record("click", "b")};

        List<ByteString> rows = convert(CLICK, SampleRows.batch(7, records));

        assertThat(rows)
                .containsExactly(
                        ByteString.copyFrom(records[0], 6, records[0].length - 6),
                        ByteString.copyFrom(records[1], 6, records[1].length - 6));
        assertThat(dropped).isZero();
    }

    @Test
    void whatItHandsOutOutlivesTheBatch() {
        RowBatch batch = SampleRows.clicks(1, 3);
        List<ByteString> rows = convert(CLICK, batch);

        byte[] other = SampleRows.record("click", "other");
        batch.clear(SampleRows.SPOOL);
        batch.add(9, other, 0, other.length);
        Arrays.fill(batch.buffer(), (byte) 0);

        assertThat(rows)
                .extracting(row -> Rows.read(CLICK, row).get("programId"))
                .containsExactly("p1", "p2", "p3");
    }

    @Test
    void columnsTheTableLacksAreDroppedAndCounted() {
        TableShape shape = Shapes.shape("click", Set.of("hasUTMTag", "source", "hasFingerprint", "eventId"), Map.of());

        List<ByteString> rows = convert(shape, SampleRows.clicks(1, 2));

        assertThat(rows)
                .allSatisfy(row -> assertThat(Rows.read(shape, row))
                        .contains(entry("lead", false), entry("timestamp", TIME))
                        .doesNotContainKeys("hasUTMTag", "eventId"));
        assertThat(dropped).as("source is NULL in these rows").isEqualTo(2 * 3);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "lead, STRING, false",
                "hasUTMTag, STRING, true",
                "lead, INT64, 0",
                "hasUTMTag, INT64, 1",
                "timestamp, STRING, 2026-11-23 18:01:08.243",
                "timestamp, TIMESTAMP, 1795456868243000"
            })
    void aColumnOfAnotherTypeIsWrittenAsThat(String column, TargetType type, String expected) {
        TableShape shape = Shapes.shape("click", Set.of(), Map.of(column, type));

        Map<String, Object> row =
                Rows.read(shape, convert(shape, SampleRows.clicks(1, 1)).get(0));

        assertThat(row.get(column)).hasToString(expected);
        assertThat(row).contains(entry("programId", "p1"), entry("dimension2", ""), entry("userAgent", "Mozilla/5.0"));
        assertThat(row).doesNotContainKeys("dealType", "source");
    }

    @Test
    void textOfEveryScriptIsTheSameAfterwards() {
        TableShape shape = Shapes.shape("click", Set.of(), Map.of("lead", TargetType.STRING));
        String text = "Ångström 値段 \uD83C\uDFA8".repeat(200);

        List<ByteString> rows = convert(shape, SampleRows.batch(1, SampleRows.record("click", text)));

        assertThat(Rows.read(shape, rows.get(0))).contains(entry("programId", text));
    }

    @Test
    void malformedRowsAreNamedInConvertedBlocks() {
        TableShape shape = Shapes.shape("click", Set.of("source"), Map.of());
        byte[] good = SampleRows.record("click", "a");

        Converted converted = new RowConverter(shape)
                .convert(SampleRows.batch(1, good, SampleRows.MALFORMED, good, SampleRows.MALFORMED));

        assertThat(converted.malformed()).containsOnlyKeys(1, 3);
        assertThat(converted.malformed().get(1)).startsWith("not a row:");
    }

    @Test
    void recordsWithoutATableAreNamedInBlocksSentAsTheyAre() {
        byte[] good = SampleRows.record("click", "a");

        Converted converted = new RowConverter(CLICK)
                .convert(SampleRows.batch(
                        1, new byte[0], good, new byte[] {0}, new byte[] {9, 'a'}, new byte[] {-1, 'a'}));

        assertThat(converted.malformed()).containsOnlyKeys(0, 2, 3, 4);
    }

    @ParameterizedTest
    @CsvSource({"url, BOOL", "url, INT64", "lead, DATETIME", "lead, TIMESTAMP", "timestamp, INT64", "timestamp, BOOL"})
    void aTypeThatLosesSomethingIsNone(String column, TargetType type) {
        TableShape shape = Shapes.shape("click", Set.of(), Map.of(column, type));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RowConverter(shape))
                .withMessageContaining(column)
                .withMessageContaining(type.name());
    }
}
