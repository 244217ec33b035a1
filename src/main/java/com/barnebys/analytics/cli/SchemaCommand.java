package com.barnebys.analytics.cli;

import com.barnebys.analytics.sink.bigquery.BigQuerySchema;
import com.barnebys.analytics.sink.bigquery.BigQuerySchema.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code schema plan|apply|views}: BigQuery's tables before, instead of and beside the tracker's own doing. */
@Command(
        name = "schema",
        description = "Shows and makes BigQuery's tables, and prints views for reports.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "serve makes and widens tables by itself; this is for looking first, for",
            "making them with other credentials, and for the views.",
            "Dataset and credentials are the settings' (BIGQUERY_DATASET_ID, GCP_PROJECT_ID,",
            "...). plan and views print SQL to look at or to run:",
            "",
            "  ba schema plan click impression events",
            "  ba schema views click events | bq query --use_legacy_sql=false",
            "",
            "Exit code: 0 done, 1 failed or a table that cannot be written to, 2 wrong call."
        })
final class SchemaCommand implements Runnable {
    /** As a hit's kind may be. */
    private static final Pattern TABLE = Pattern.compile("[A-Za-z0-9_]{1,64}");

    private static final String TABLES = "Kinds of hits, or events; none: those in the dataset.";

    private final SettingsSource settings;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    SchemaCommand(SettingsSource settings) {
        this.settings = settings;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name what to do, for example: ba schema plan");
    }

    @Command(
            name = "plan",
            description = "Print the statements that would do what serve does by itself, or apply now.",
            mixinStandardHelpOptions = true)
    int plan(@Parameters(paramLabel = "TABLE", arity = "0..*", description = TABLES) @Nullable List<String> tables)
            throws IOException {
        return print(schema().plan(checked(tables)));
    }

    @Command(
            name = "apply",
            description = "Make the tables that lack, and add the columns they lack; nothing else is changed.",
            mixinStandardHelpOptions = true)
    int apply(@Parameters(paramLabel = "TABLE", arity = "0..*", description = TABLES) @Nullable List<String> tables)
            throws IOException {
        return print(schema().apply(checked(tables)));
    }

    @Command(
            name = "views",
            description = {
                "Print the statements that make the views ops_daily_hits, ops_ctr, ops_leads, ops_conversions (of events)"
                        + " and TABLE_dedup. They want the columns that apply adds. With tables named, BigQuery is not asked."
            },
            mixinStandardHelpOptions = true)
    int views(@Parameters(paramLabel = "TABLE", arity = "0..*", description = TABLES) @Nullable List<String> tables)
            throws IOException {
        return print(schema().views(checked(tables)).stream()
                .map(statement -> new Finding(statement, true))
                .toList());
    }

    private BigQuerySchema schema() {
        return BigQuerySchema.of(settings.get().bigQuery());
    }

    /** They become part of statements. picocli hands over null for none. */
    private List<String> checked(@Nullable List<String> tables) {
        if (tables == null) {
            return List.of();
        }
        for (String table : tables) {
            if (!TABLE.matcher(table).matches()) {
                throw new ParameterException(
                        spec.commandLine(), table + " (expected: 1 to 64 of letters, digits and _)");
            }
        }
        return tables.stream().distinct().toList();
    }

    private int print(List<Finding> findings) {
        PrintWriter out = spec.commandLine().getOut();
        if (findings.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("No table of ours in the dataset. Name some, for example: click events");
            return Commands.NO;
        }
        findings.forEach(finding -> out.print(finding.text() + "\n"));
        out.flush();
        boolean isGood = findings.stream().allMatch(Finding::isGood) && !out.checkError();
        return isGood ? Commands.OK : Commands.NO;
    }
}
