package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.barnebys.analytics.event.CivilTime;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.SampleRows;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.Type;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowDescriptorsTest {
    @Test
    void everyColumnHasItsNumberNameAndType() {
        Descriptor row = Rows.descriptor(RowDescriptors.descriptor(Shapes.whole("click")));

        assertThat(row.getFields())
                .extracting(FieldDescriptor::getName)
                .containsExactlyElementsOf(TableSchema.TRACK.columns().stream()
                        .map(column -> column.name())
                        .toList());
        assertThat(row.getFields())
                .extracting(FieldDescriptor::getNumber)
                .containsExactlyElementsOf(TableSchema.TRACK.columns().stream()
                        .map(column -> column.field())
                        .toList());
        assertThat(row.findFieldByName("url").getType()).isEqualTo(Type.STRING);
        assertThat(row.findFieldByName("lead").getType()).isEqualTo(Type.BOOL);
        assertThat(row.findFieldByName("timestamp").getType()).isEqualTo(Type.INT64);
    }

    @Test
    void absentIsNullAndFalseIsNot() {
        Descriptor row = Rows.descriptor(RowDescriptors.descriptor(Shapes.whole("click")));

        assertThat(row.getFields()).allMatch(FieldDescriptor::hasPresence);
    }

    @Test
    void aColumnTheTableLacksIsNotInIt() {
        TableShape shape = Shapes.shape(
                "click", Set.of("hasUTMTag"), Map.of("timestamp", TargetType.STRING, "lead", TargetType.INT64));
        Descriptor row = Rows.descriptor(RowDescriptors.descriptor(shape));

        assertThat(row.findFieldByName("hasUTMTag")).isNull();
        assertThat(row.findFieldByName("source").getNumber()).isEqualTo(15);
        assertThat(row.findFieldByName("timestamp").getType()).isEqualTo(Type.STRING);
        assertThat(row.findFieldByName("lead").getType()).isEqualTo(Type.INT64);
    }

    @Test
    void theBytesOfTheSpoolAreARowOfIt() {
        byte[] record = SampleRows.record("click", "house");
        ByteString row = ByteString.copyFrom(record, 6, record.length - 6);

        assertThat(Rows.read(Shapes.whole("click"), row))
                .contains(
                        entry("programId", "house"),
                        entry("lead", false),
                        entry("dimension2", ""),
                        entry("timestamp", CivilTime.pack(SampleRows.TIME.toEpochMilli())),
                        entry("hasFingerprint", true))
                .doesNotContainKeys("dealType", "source");
    }
}
