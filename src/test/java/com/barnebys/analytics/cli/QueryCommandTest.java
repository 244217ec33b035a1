package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.sink.local.LocalStore;
import com.barnebys.analytics.sink.local.LocalStoreOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class QueryCommandTest {
    private static final String ENDLESS =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

    @TempDir
    Path directory;

    private final StringWriter err = new StringWriter();

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void endsWhenNobodyReadsAnyMore() throws Exception {
        LocalStore.open(new LocalStoreOptions(directory.resolve("analytics.db"), 0))
                .close();
        Writer closed = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };

        assertThat(run("local", closed, ENDLESS)).isEqualTo(1);
    }

    @Test
    void anEmptyPlaceSaysThatRowsGoElsewhere() {
        assertThat(run("none", new StringWriter(), "SELECT 1")).isEqualTo(1);
        assertThat(err.toString()).contains("nothing stored yet: ").contains("STORE is none (expected: local");
    }

    @Test
    void anEmptyPlaceOfTheEmbeddedStoreIsJustEmpty() {
        assertThat(run("local", new StringWriter(), "SELECT 1")).isEqualTo(1);
        assertThat(err.toString()).contains("nothing stored yet: ").doesNotContain("STORE");
    }

    private int run(String store, Writer out, String sql) {
        Map<String, String> settings = Map.of("DATA_DIR", directory.toString(), "STORE", store, "SECRET", "test");
        return new CommandLine(new QueryCommand(() -> Settings.of(settings)))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println(Failure.text(failure));
                    return Commands.NO;
                })
                .execute(sql);
    }
}
