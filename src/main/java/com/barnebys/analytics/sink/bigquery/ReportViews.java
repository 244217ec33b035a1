package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * SQL that makes the views reports read. A view over {@code table_*} would break on the views themselves and on tables of
 * another shape, so each kind is named.
 *
 * <p>{@code <table>_dedup} has each row once, for the two modes that can store one twice; the others then read from it.
 * Copies of a row are the same to the byte. So {@code timestamp} may stand beside {@code eventId} in the window, where
 * a filter on it can be passed through to the table's partitions. Rows of the service before have no eventId: they are all kept, outside
 * of the window, where they would all meet in one place.
 */
final class ReportViews {
    private static final String EVENTS = TableSchema.EVENTS_TABLE;
    /** Copies of a hit have its time, by which BigQuery finds their partition. */
    private static final String COPIES_OF_HITS = "eventId, `timestamp`";
    /** An event of the webhook that was told twice has two times. */
    private static final String COPIES_OF_EVENTS = "eventId";

    private final QualifiedNames names;
    private final boolean mayHaveCopies;

    ReportViews(QualifiedNames names, DeliveryMode mode) {
        this.names = names;
        this.mayHaveCopies = mode != DeliveryMode.EXACTLY_ONCE;
    }

    /** The statements in an order in which they can be run. */
    List<String> sql(List<String> tables) {
        List<String> kinds =
                tables.stream().filter(table -> !table.equals(EVENTS)).toList();
        List<String> sql = new ArrayList<>();
        kinds.forEach(kind -> sql.add(dedup(kind, COPIES_OF_HITS)));
        if (!kinds.isEmpty()) {
            sql.add(dailyHits(kinds));
            sql.add(ctr(kinds));
            sql.add(leads(kinds));
        }
        if (tables.contains(EVENTS)) {
            sql.add(dedup(EVENTS, COPIES_OF_EVENTS));
            sql.add(conversions());
        }
        return sql;
    }

    private String dedup(String table, String sameInCopies) {
        return view(table + "_dedup", """
                SELECT * FROM %1$s WHERE eventId IS NULL
                UNION ALL
                SELECT * FROM %1$s WHERE eventId IS NOT NULL
                QUALIFY ROW_NUMBER() OVER (PARTITION BY %2$s) = 1""".formatted(names.of(table), sameInCopies));
    }

    private String dailyHits(List<String> kinds) {
        return view("ops_daily_hits", """
                SELECT DATE(`timestamp`) AS day, kind, programId,
                  COUNTIF(NOT lead) AS hits,
                  COUNTIF(lead) AS leads
                FROM (
                %s
                )
                GROUP BY day, kind, programId""".formatted(union(kinds)));
    }

    private String ctr(List<String> kinds) {
        return view("ops_ctr", """
                SELECT DATE(`timestamp`) AS day, programId, dimension1,
                  COUNTIF(kind IN ('impression', 'view')) AS impressions,
                  COUNTIF(kind = 'click') AS clicks,
                  SAFE_DIVIDE(COUNTIF(kind = 'click'), COUNTIF(kind IN ('impression', 'view'))) AS ctr
                FROM (
                %s
                )
                WHERE NOT lead
                GROUP BY day, programId, dimension1""".formatted(union(kinds)));
    }

    private String leads(List<String> kinds) {
        return view("ops_leads", """
                SELECT DATE(`timestamp`) AS day, kind, programId, dealType, isSponsored,
                  COUNT(*) AS leads
                FROM (
                %s
                )
                WHERE lead
                GROUP BY day, kind, programId, dealType, isSponsored""".formatted(union(kinds)));
    }

    /** SAFE_CAST: value is text in some datasets and a number in others. */
    private String conversions() {
        return view("ops_conversions", """
                SELECT DATE(`timestamp`) AS day, programId, category, action, currency,
                  COUNT(*) AS conversions,
                  COUNT(DISTINCT sessionId) AS sessions,
                  SUM(SAFE_CAST(value AS NUMERIC)) AS value
                FROM %s
                GROUP BY day, programId, category, action, currency""".formatted(names.of(mayHaveCopies ? EVENTS + "_dedup" : EVENTS)));
    }

    /** Columns by name: the tables of one dataset have them in different orders. A lead that is NULL is none. */
    private String union(List<String> kinds) {
        return kinds.stream()
                .map(kind -> "  SELECT '" + kind + "' AS kind, programId, IFNULL(lead, FALSE) AS lead, dimension1,"
                        + " dealType, isSponsored, `timestamp` FROM "
                        + names.of(mayHaveCopies ? kind + "_dedup" : kind))
                .collect(Collectors.joining("\n  UNION ALL\n"));
    }

    private String view(String name, String query) {
        return "CREATE OR REPLACE VIEW " + names.of(name) + " AS\n" + query + ";";
    }
}
