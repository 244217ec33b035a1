package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReportViewsTest {
    private static final QualifiedNames NAMES = new QualifiedNames("p", "d");

    @Test
    void aViewWithoutCopiesKeepsRowsThatHaveNoId() {
        assertThat(views(DeliveryMode.EXACTLY_ONCE, "click").get(0)).isEqualTo("""
                        CREATE OR REPLACE VIEW `p.d.click_dedup` AS
                        SELECT * FROM `p.d.click` WHERE eventId IS NULL
                        UNION ALL
                        SELECT * FROM `p.d.click` WHERE eventId IS NOT NULL
                        QUALIFY ROW_NUMBER() OVER (PARTITION BY eventId, `timestamp`) = 1;""");
    }

    @Test
    void eachReportIsAViewOverAllKinds() {
        List<String> views = views(DeliveryMode.EXACTLY_ONCE, "click", "impression", "events");

        assertThat(views.stream().map(sql -> sql.substring(0, sql.indexOf(" AS\n"))))
                .containsExactly(
                        "CREATE OR REPLACE VIEW `p.d.click_dedup`",
                        "CREATE OR REPLACE VIEW `p.d.impression_dedup`",
                        "CREATE OR REPLACE VIEW `p.d.ops_daily_hits`",
                        "CREATE OR REPLACE VIEW `p.d.ops_ctr`",
                        "CREATE OR REPLACE VIEW `p.d.ops_leads`",
                        "CREATE OR REPLACE VIEW `p.d.events_dedup`",
                        "CREATE OR REPLACE VIEW `p.d.ops_conversions`");
        assertThat(views.subList(2, 5))
                .allSatisfy(sql -> assertThat(sql)
                        .contains(
                                "'click' AS kind",
                                "'impression' AS kind",
                                "FROM `p.d.click`\n",
                                "FROM `p.d.impression`\n")
                        .containsOnlyOnce("UNION ALL")
                        .doesNotContain("events"));
        assertThat(views.get(5)).contains("PARTITION BY eventId)").doesNotContain("click");
        assertThat(views.get(6)).contains("FROM `p.d.events`").doesNotContain("click");
    }

    @Test
    void conversionsAloneNeedNoHits() {
        assertThat(views(DeliveryMode.EXACTLY_ONCE, "events"))
                .hasSize(2)
                .last()
                .asString()
                .contains("ops_conversions");
        assertThat(views(DeliveryMode.EXACTLY_ONCE)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DeliveryMode.class,
            names = {"AT_LEAST_ONCE", "INSERT_ALL"})
    void reportsReadWithoutCopiesWhereThereMayBeSome(DeliveryMode mode) {
        assertThat(views(mode, "events").get(1))
                .contains("FROM `p.d.events_dedup`")
                .doesNotContain("`p.d.events`");
        assertThat(views(mode, "click").subList(1, 4))
                .allSatisfy(sql ->
                        assertThat(sql).contains("FROM `p.d.click_dedup`").doesNotContain("`p.d.click`"));
    }

    @Test
    void everyStatementIsBalancedAndEndsOnce() {
        assertThat(views(DeliveryMode.EXACTLY_ONCE, "click", "view", "events")).allSatisfy(sql -> {
            assertThat(sql).endsWith(";").containsOnlyOnce(";").doesNotContain("%");
            assertThat(sql.chars().filter(c -> c == '(').count())
                    .isEqualTo(sql.chars().filter(c -> c == ')').count());
            assertThat(sql.chars().filter(c -> c == '`').count() % 2).isZero();
        });
    }

    private static List<String> views(DeliveryMode mode, String... tables) {
        return new ReportViews(NAMES, mode).sql(List.of(tables));
    }
}
