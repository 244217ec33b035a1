package com.barnebys.analytics.sink.bigquery;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Google's clients, gRPC and the JDK log through java.util.logging, which writes to stderr in a form of its own. From here
 * on it goes into our log, at the levels they give it.
 *
 * <p>Except StreamWriter: it logs a dozen lines at INFO for each connection, and "HealthCheckMetrics" as a warning every 15
 * seconds as long as an answer is slow. Whatever it has to say about a request is that request's result as well, and the
 * lane logs what changes.
 */
final class GoogleLogging {
    /** Held, because the JDK forgets a level with the logger it was set on. */
    private static final List<Logger> TALKATIVE = List.of(Logger.getLogger("com.google.cloud.bigquery.storage.v1"));

    private GoogleLogging() {}

    /** For the whole process; again is fine. */
    static synchronized void install() {
        if (!SLF4JBridgeHandler.isInstalled()) {
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
        }
        TALKATIVE.forEach(logger -> logger.setLevel(Level.OFF));
    }
}
