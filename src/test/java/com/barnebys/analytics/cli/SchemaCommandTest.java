package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.cli.CommandRun.Result;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults.Rest;
import com.barnebys.analytics.sink.bigquery.fake.RestFault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SchemaCommandTest {
    private static final String[] OLD = {
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
        "timestamp DATETIME"
    };

    private final Map<String, String> settings = new HashMap<>();
    private FakeBigQuery bigQuery;

    @BeforeEach
    void start() {
        bigQuery = FakeBigQuery.start();
        settings.putAll(Map.of(
                "BIGQUERY_EMULATOR_HOST", bigQuery.restUrl(), "BIGQUERY_DATASET_ID", "d", "GCP_PROJECT_ID", "p"));
    }

    @AfterEach
    void stop() {
        bigQuery.close();
    }

    @Test
    void aPlanChangesNothingAndApplyDoesWhatItSaid() {
        bigQuery.createTable("d", "view", OLD);

        Result plan = run("plan", "click", "view");
        assertThat(plan.exitCode()).isZero();
        assertThat(plan.out())
                .contains("-- click: missing\nCREATE TABLE IF NOT EXISTS `p.d.click` (\n")
                .contains("CLUSTER BY `programId`;\n-- view: lacks columns\nALTER TABLE `p.d.view`\n")
                .endsWith("ADD COLUMN IF NOT EXISTS `eventId` STRING;\n");
        assertThat(bigQuery.tables()).containsExactly("d.view");

        Result apply = run("apply", "click", "view");
        assertThat(apply.exitCode()).isZero();
        assertThat(apply.lines())
                .containsExactly("-- click: created", "-- view: added hasUTMTag, source, hasFingerprint, eventId");

        assertThat(run("plan", "click", "view").lines()).containsExactly("-- click: up to date", "-- view: up to date");
        assertThat(run("apply", "click", "view").lines())
                .containsExactly("-- click: up to date", "-- view: up to date");
    }

    @Test
    void withoutNamesTheTablesOfTheTrackerAreMeant() {
        bigQuery.createTable("d", "click", OLD);
        bigQuery.createTable("d", "events", "programId STRING", "url STRING", "timestamp DATETIME", "category STRING");
        bigQuery.createTable("d", "invoices", "number INTEGER");

        assertThat(run("apply").lines())
                .containsExactly(
                        "-- click: added hasUTMTag, source, hasFingerprint, eventId",
                        "-- events: added clientIP, userAgent, action, label, value, currency, source, sessionId, eventId");
        assertThat(run("plan").lines()).containsExactly("-- click: up to date", "-- events: up to date");
        assertThat(run("views").out())
                .contains("VIEW `p.d.click_dedup`", "VIEW `p.d.ops_conversions`")
                .doesNotContain("invoices");
        assertThat(bigQuery.columns("events")).hasSize(13);
        assertThat(bigQuery.columns("invoices")).hasSize(1);
    }

    @Test
    void anEmptyDatasetNeedsNames() {
        bigQuery.createDataset("d");

        for (String what : List.of("plan", "apply")) {
            assertThat(run(what).exitCode()).isEqualTo(1);
            assertThat(run(what).out()).isEmpty();
            assertThat(run(what).err()).contains("Name some");
        }
    }

    @Test
    void aMissingDatasetIsPlannedAndMadeOnlyWhereWanted() {
        assertThat(run("plan", "click").lines())
                .startsWith(
                        "-- dataset p.d is not there, and BA makes none unless BIGQUERY_CREATE_DATASET=true",
                        "CREATE SCHEMA IF NOT EXISTS `p.d` OPTIONS (location = 'US');",
                        "-- click: missing");
        Result refused = run("apply", "click");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("dataset d is not there");

        settings.put("BIGQUERY_CREATE_DATASET", "true");
        assertThat(run("plan", "click").lines()).startsWith("-- dataset p.d is not there");
        assertThat(run("apply", "click").lines()).containsExactly("-- click: created");
    }

    @Test
    void oneTableInTheWayDoesNotHideTheOthers() {
        bigQuery.createTable("d", "click", "lead FLOAT");
        bigQuery.createTable("d", "view", OLD);
        bigQuery.faults().rest(Rest.TABLE_PATCH, "view", RestFault.FORBIDDEN, 1);

        Result plan = run("plan", "click", "view", "new");
        assertThat(plan.exitCode()).isEqualTo(1);
        assertThat(plan.lines())
                .contains(
                        "-- table click: column lead is FLOAT (expected: BOOL or STRING or INT64, since BA writes BOOLEAN)",
                        "-- view: lacks columns",
                        "-- new: missing");

        Result apply = run("apply", "click", "view", "new");
        assertThat(apply.exitCode()).isEqualTo(1);
        assertThat(apply.lines())
                .containsExactly(
                        "-- table click: column lead is FLOAT (expected: BOOL or STRING or INT64, since BA writes BOOLEAN)",
                        "-- view: lacks hasUTMTag, source, hasFingerprint, eventId, and BA may not add columns",
                        "-- new: created");
    }

    @Test
    void viewsOfNamedTablesAskNobody() {
        bigQuery.stopServers();

        Result views = run("views", "click", "view", "events");

        assertThat(views.exitCode()).isZero();
        assertThat(views.out().lines().filter(line -> line.startsWith("CREATE OR REPLACE VIEW")))
                .hasSize(7);
    }

    @Test
    void aServiceThatCannotBeAskedIsAFailureInOneLine() {
        bigQuery.stopServers();

        Result plan = run("plan", "click");

        assertThat(plan.exitCode()).isEqualTo(1);
        assertThat(plan.out()).isEmpty();
        assertThat(plan.err().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plan click;DROP", "apply `x`", "views a.b", "plan --all", "drop x"})
    void aWrongCallIsRefused(String arguments) {
        Result refused = run(arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.out()).isEmpty();
        assertThat(bigQuery.counters().restRequests()).isZero();
    }

    @Test
    void helpFitsAScreen() {
        for (String[] help :
                new String[][] {{"--help"}, {"plan", "--help"}, {"apply", "--help"}, {"views", "--help"}}) {
            Result shown = run(help);

            assertThat(shown.exitCode()).isZero();
            assertThat(shown.lines()).hasSizeLessThan(25).allMatch(line -> line.length() <= 80);
        }
    }

    private Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(new SchemaCommand(() -> Settings.of(settings)))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println(failure.getMessage());
                    return Commands.NO;
                })
                .execute(arguments);
        return new Result(exitCode, out.toString(), err.toString());
    }
}
