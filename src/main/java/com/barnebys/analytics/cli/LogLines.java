package com.barnebys.analytics.cli;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.barnebys.analytics.config.LogFormat;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes messages as text or as JSON. Made by {@link LogSetup} with the first message, when no setting has been
 * read yet: until then what LOG_FORMAT says in the environment or with {@code -D} counts. So a process told to write JSON
 * there writes no other line, not even about mistakes in its settings.
 */
public final class LogLines extends EncoderBase<ILoggingEvent> {
    private static volatile LogFormat format = formatOfProcess();

    private final PatternLayout text = new PatternLayout();

    /** Made with the first line of JSON: a start that writes text does not pay for it. */
    private static final class Json {
        static final EcsLines LINES = made();

        private Json() {}

        private static EcsLines made() {
            EcsLines lines = new EcsLines(Build.THIS);
            lines.start();
            return lines;
        }
    }

    static void use(LogFormat next) {
        format = next;
    }

    static boolean isJson() {
        return format == LogFormat.JSON;
    }

    private static LogFormat formatOfProcess() {
        String environment = System.getenv("LOG_FORMAT");
        String said = System.getProperty("LOG_FORMAT", environment == null ? "" : environment);
        return said.strip().toUpperCase(Locale.ROOT).equals(LogFormat.JSON.name()) ? LogFormat.JSON : LogFormat.TEXT;
    }

    /** Of the text. Called by logback. */
    public void setPattern(String pattern) {
        text.setPattern(pattern);
    }

    @Override
    public void start() {
        text.setContext(context);
        text.start();
        super.start();
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        return isJson() ? Json.LINES.encode(event) : text.doLayout(event).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
