package com.barnebys.analytics.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets the least level that is logged; the one place that knows which logger is behind slf4j. Below INFO it counts for our
 * own messages only: Vert.x, Netty and Google's clients print addresses, queries and headers there.
 */
final class LogLevel {
    private static final String OURS = "com.barnebys";

    private LogLevel() {}

    static void apply(org.slf4j.event.Level level) {
        Level own = Level.convertAnSLF4JLevel(level);
        set(org.slf4j.Logger.ROOT_LOGGER_NAME, own.isGreaterOrEqual(Level.INFO) ? own : Level.INFO);
        set(OURS, own);
    }

    private static void set(String name, Level level) {
        if (LoggerFactory.getLogger(name) instanceof Logger logger) {
            logger.setLevel(level);
        }
    }
}
