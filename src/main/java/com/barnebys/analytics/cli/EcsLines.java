package com.barnebys.analytics.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import co.elastic.logging.logback.EcsEncoder;

/**
 * Elastic Common Schema, a line an event, a stack trace as one field of it. With {@code severity} besides, since Google's
 * Cloud Logging knows no {@code log.level} and would call every line of stderr an error
 * (https://cloud.google.com/logging/docs/agent/logging/configuration#special-fields).
 */
final class EcsLines extends EcsEncoder {
    EcsLines(Build build) {
        setServiceName("barnebys-analytics");
        setServiceVersion(build.version());
    }

    @Override
    protected void addCustomFields(ILoggingEvent event, StringBuilder line) {
        line.append("\"severity\":\"").append(severity(event.getLevel())).append("\",");
    }

    private static String severity(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> "ERROR";
            case Level.WARN_INT -> "WARNING";
            case Level.INFO_INT -> "INFO";
            default -> "DEBUG";
        };
    }
}
