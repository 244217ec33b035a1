package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/operations.md has an operator say to {@code bigquery.db} at night is understood there. */
class StateInGuideTest {
    /** {@code sqlite3 data/bigquery.db "..."}, the same as a list in YAML, and {@code `bigquery.db`: `...`}. */
    private static final Pattern SAID =
            Pattern.compile("bigquery\\.db(?:\",)? \"([^\"]+)\"|`bigquery\\.db`: `([^`]+)`");

    @TempDir
    Path directory;

    @Test
    void everyStatementOfTheGuideIsUnderstood() throws IOException, SQLException {
        LaneStore.open(directory).close();
        List<String> said = SAID.matcher(Files.readString(Path.of("docs/operations.md")))
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .flatMap(statements -> Stream.of(statements.split(";")))
                .map(String::strip)
                .toList();

        assertThat(said).hasSizeGreaterThan(4).contains("UPDATE lane SET stream = NULL", "SELECT * FROM spool");
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + directory.resolve(BigQuerySink.STATE_FILE));
                Statement statement = connection.createStatement()) {
            for (String each : said) {
                assertThat(statement.execute(each)).as(each).isEqualTo(each.startsWith("SELECT"));
            }
        }
    }
}
