package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.TableShape.Target;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import com.google.api.services.bigquery.model.TableFieldSchema;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaMergeTest {
    private static final TableSchema TRACK = TableSchema.TRACK;

    @Test
    void anEmptyTableLacksEverything() throws Exception {
        SchemaMerge merge = SchemaMerge.of("click", List.of(), TRACK);

        assertThat(merge.present()).isEmpty();
        assertThat(merge.missing()).isEqualTo(TRACK.columns());
        assertThat(merge.widened("click").isNative()).isTrue();
        assertThat(merge.shape("click").targets()).isEmpty();
    }

    @Test
    void whatBaMakesIsWhatBaWrites() throws Exception {
        List<TableFieldSchema> own =
                TRACK.columns().stream().map(SchemaMerge::field).toList();

        SchemaMerge merge = SchemaMerge.of("click", own, TRACK);

        assertThat(own).allSatisfy(field -> assertThat(field.getMode()).isEqualTo("NULLABLE"));
        assertThat(own.stream().map(TableFieldSchema::getType)).containsOnly("STRING", "BOOLEAN", "DATETIME");
        assertThat(merge.missing()).isEmpty();
        assertThat(merge.shape("click").isNative()).isTrue();
    }

    @Test
    void aTableOfTheServiceBeforeLacksFourColumns() throws Exception {
        SchemaMerge merge = SchemaMerge.of("click", fields(old()), TRACK);

        assertThat(merge.missing().stream().map(Column::name))
                .containsExactly("hasUTMTag", "source", "hasFingerprint", "eventId");
        assertThat(merge.shape("click").targets()).hasSize(13);
        assertThat(merge.shape("click").isNative()).isFalse();
        assertThat(merge.widened("click").isNative()).isTrue();
    }

    @Test
    void foreignColumnsKeepPlaceAndProperties() throws Exception {
        TableFieldSchema foreign = new TableFieldSchema()
                .setName("partner")
                .setType("RECORD")
                .setMode("REPEATED")
                .setDescription("whoever")
                .set("aPropertyOfNextYear", "kept");
        List<TableFieldSchema> fields = new ArrayList<>(fields(old()));
        fields.add(2, foreign);
        fields.get(0).setDescription("the program").setPolicyTags(new TableFieldSchema.PolicyTags());

        SchemaMerge merge = SchemaMerge.of("click", fields, TRACK);
        List<TableFieldSchema> merged = merge.merged(fields);

        assertThat(merged.subList(0, fields.size())).isEqualTo(fields);
        assertThat(merged.get(2)).isSameAs(foreign);
        assertThat(merged.stream().skip(fields.size()).map(TableFieldSchema::getName))
                .containsExactly("hasUTMTag", "source", "hasFingerprint", "eventId");
    }

    @Test
    void targetsStandInTheOrderOfTheSchemaWhateverTheOrderOfTheTable() throws Exception {
        SchemaMerge merge =
                SchemaMerge.of("click", fields(List.of("eventId STRING", "url STRING", "programId STRING")), TRACK);

        assertThat(merge.shape("click").targets().stream()
                        .map(target -> target.column().name()))
                .containsExactly("programId", "url", "eventId");
        assertThat(merge.widened("click").targets().stream().map(Target::column))
                .isEqualTo(TRACK.columns());
    }

    // spotless:off
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "url STRING                  | STRING",
        "URL string                  | STRING",
        "lead BOOLEAN                | BOOL",
        "lead BOOL                   | BOOL",
        "lead STRING                 | STRING",
        "lead INTEGER                | INT64",
        "lead INT64                  | INT64",
        "timestamp DATETIME          | DATETIME",
        "timestamp DATETIME REQUIRED | DATETIME",
        "timestamp TIMESTAMP         | TIMESTAMP",
        "TimeStamp STRING            | STRING",
        "programId STRING REQUIRED   | STRING",
    })
    // spotless:on
    void aColumnOfAnotherTypeIsWrittenAsIt(String field, TargetType expected) throws Exception {
        SchemaMerge merge = SchemaMerge.of("click", fields(List.of(field)), TRACK);

        assertThat(merge.present()).singleElement().extracting(Target::type).isEqualTo(expected);
    }

    // spotless:off
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "url INTEGER              | column url is INTEGER (expected: STRING, since BA writes TEXT)",
        "url STRING REPEATED      | column url is REPEATED STRING (expected: STRING, since BA writes TEXT)",
        "url RECORD               | column url is RECORD (expected: STRING",
        "lead FLOAT               | column lead is FLOAT (expected: BOOL or STRING or INT64, since BA writes BOOLEAN)",
        "lead TIMESTAMP           | column lead is TIMESTAMP (expected: ",
        "timestamp DATE           | column timestamp is DATE (expected: DATETIME or TIMESTAMP or STRING, since",
        "timestamp INTEGER        | column timestamp is INTEGER (expected: ",
        "clientIP STRING REQUIRED | column clientIP is REQUIRED (expected: NULLABLE, some rows lack it)",
        "tenant STRING REQUIRED   | column tenant is REQUIRED (expected: NULLABLE, since BA does not fill it)",
    })
    // spotless:on
    void aColumnInTheWayIsNamedWithBothTypes(String field, String message) {
        ServiceException e = catchThrowableOfType(
                ServiceException.class, () -> SchemaMerge.of("click", fields(List.of(field)), TRACK));

        assertThat(e.failure()).isEqualTo(Failure.SCHEMA_TYPE);
        assertThat(e).hasMessageStartingWith("table click: " + message);
    }

    @Test
    void allColumnsInTheWayAreNamedAtOnce() {
        ServiceException e = catchThrowableOfType(
                ServiceException.class,
                () -> SchemaMerge.of("click", fields(List.of("url DATE", "lead DATE", "x STRING REQUIRED")), TRACK));

        assertThat(e).hasMessageContainingAll("column url", "column lead", "column x");
    }

    /** What the Node service's own autoCreate makes. */
    static List<String> old() {
        return List.of(
                "programId STRING",
                "lead BOOLEAN",
                "url STRING",
                "clientIP STRING",
                "userAgent STRING",
                "dimension1 STRING",
                "dimension2 STRING",
                "dimension3 STRING",
                "dimension4 STRING",
                "dimension5 STRING",
                "isSponsored BOOLEAN",
                "dealType STRING",
                "timestamp DATETIME");
    }

    /** {@code name TYPE} or {@code name TYPE MODE}. */
    static List<TableFieldSchema> fields(List<String> columns) {
        return columns.stream()
                .map(column -> column.split(" "))
                .map(words -> {
                    TableFieldSchema field =
                            new TableFieldSchema().setName(words[0]).setType(words[1]);
                    return words.length < 3 ? field : field.setMode(words[2]);
                })
                .toList();
    }
}
