package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EcsLinesTest {
    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final EcsLines lines = new EcsLines(new Build("1.2.3", "abc", "17"));

    EcsLinesTest() {
        lines.setContext(context);
        lines.start();
    }

    private String line(Level level, String message, @Nullable Throwable error, Object... arguments) {
        return new String(
                lines.encode(new LoggingEvent("", context.getLogger("a.b.C"), level, message, error, arguments)),
                StandardCharsets.UTF_8);
    }

    @Test
    void aMessageIsOneLineOfJson() {
        String line = line(Level.WARN, "A \"table\"\nof two lines. table={}", null, "view");

        assertThat(line).endsWith("}\n");
        assertThat(line.lines()).hasSize(1);
        JsonObject json = new JsonObject(line);
        assertThat(json.getString("message")).isEqualTo("A \"table\"\nof two lines. table=view");
        assertThat(json.getString("log.level")).isEqualTo("WARN");
        assertThat(json.getString("log.logger")).isEqualTo("a.b.C");
        assertThat(json.getString("service.name")).isEqualTo("barnebys-analytics");
        assertThat(json.getString("service.version")).isEqualTo("1.2.3");
        assertThat(json.getString("ecs.version")).isNotEmpty();
        assertThat(json.getInstant("@timestamp")).isNotNull();
    }

    @Test
    void aStackTraceIsOneFieldOfIt() {
        JsonObject json = new JsonObject(line(Level.ERROR, "Failed.", new IllegalStateException("why")));

        assertThat(json.getString("error.type")).isEqualTo("java.lang.IllegalStateException");
        assertThat(json.getString("error.message")).isEqualTo("why");
        assertThat(json.getString("error.stack_trace"))
                .startsWith("java.lang.IllegalStateException: why\n\tat ")
                .contains("EcsLinesTest");
    }

    @ParameterizedTest
    @CsvSource({"ERROR, ERROR", "WARN, WARNING", "INFO, INFO", "DEBUG, DEBUG", "TRACE, DEBUG"})
    void severityIsWhatCloudLoggingReads(String level, String severity) {
        assertThat(new JsonObject(line(Level.toLevel(level), "x", null)).getString("severity"))
                .isEqualTo(severity);
    }
}
