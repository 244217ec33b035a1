package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.event.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class DdlTest {
    private static final QualifiedNames NAMES = new QualifiedNames("my-project", "tracking");

    @Test
    void aTableIsMadeWithAllColumnsInTheOrderOfProduction() {
        assertThat(new Ddl(NAMES, true, "EU").createTable("click", TableSchema.TRACK))
                .isEqualTo("""
                        CREATE TABLE IF NOT EXISTS `my-project.tracking.click` (
                          `programId` STRING,
                          `lead` BOOL,
                          `url` STRING,
                          `clientIP` STRING,
                          `userAgent` STRING,
                          `dimension1` STRING,
                          `dimension2` STRING,
                          `dimension3` STRING,
                          `dimension4` STRING,
                          `dimension5` STRING,
                          `isSponsored` BOOL,
                          `dealType` STRING,
                          `timestamp` DATETIME,
                          `hasUTMTag` BOOL,
                          `source` STRING,
                          `hasFingerprint` BOOL,
                          `eventId` STRING
                        )
                        PARTITION BY DATETIME_TRUNC(`timestamp`, DAY)
                        CLUSTER BY `programId`;""");
    }

    @Test
    void partitionsAreLeftOutWhereNotWanted() {
        assertThat(new Ddl(NAMES, false, "EU").createTable("click", TableSchema.TRACK))
                .endsWith("`eventId` STRING\n);")
                .doesNotContain("PARTITION");
    }

    @Test
    void columnsAreAddedInOneStatement() {
        assertThat(new Ddl(NAMES, true, "EU")
                        .addColumns("view", List.of(TableSchema.TRACK.column(13), TableSchema.TRACK.column(16))))
                .isEqualTo("""
                        ALTER TABLE `my-project.tracking.view`
                          ADD COLUMN IF NOT EXISTS `hasUTMTag` BOOL,
                          ADD COLUMN IF NOT EXISTS `eventId` STRING;""");
    }

    @Test
    void aDatasetIsMadeInItsProject() {
        assertThat(new Ddl(NAMES, true, "EU").createDataset())
                .isEqualTo("CREATE SCHEMA IF NOT EXISTS `my-project.tracking` OPTIONS (location = 'EU');");
    }
}
