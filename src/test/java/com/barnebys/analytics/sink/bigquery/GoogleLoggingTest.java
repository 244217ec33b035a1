package com.barnebys.analytics.sink.bigquery;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.cloud.bigquery.storage.v1.StreamWriter;
import java.util.List;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class GoogleLoggingTest {
    private static List<String> logged(String logger, String message) {
        ch.qos.logback.classic.Logger ours = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(logger);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        ours.addAppender(appender);
        try {
            Logger.getLogger(logger).warning(message);
        } finally {
            ours.detachAppender(appender);
        }
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void whatGoogleLogsIsInOurLog() {
        GoogleLogging.install();
        GoogleLogging.install();

        assertThat(logged("io.grpc.internal.Test", "a channel was lost")).containsExactly("a channel was lost");
    }

    @Test
    void whatStreamWriterLogsIsNot() {
        GoogleLogging.install();
        System.gc();

        assertThat(logged(StreamWriter.class.getName(), "HealthCheckMetrics")).isEmpty();
    }
}
