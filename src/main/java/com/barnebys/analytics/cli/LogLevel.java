package com.barnebys.analytics.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Sets the least level that is logged; the one place that knows which logger is behind slf4j. */
final class LogLevel {
    private LogLevel() {}

    static void apply(org.slf4j.event.Level level) {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(Level.convertAnSLF4JLevel(level));
        }
    }
}
