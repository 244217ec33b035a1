package com.barnebys.analytics.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Which build this is, and what it runs on.
 *
 * @param version of the project
 * @param revision the commit it was built from; "unknown" when it was built outside of git and nobody said it
 * @param java version and vendor of the Java that runs it
 */
public record Build(String version, String revision, String java) {
    /** This process's. */
    public static final Build THIS = read();

    private static final String UNKNOWN = "unknown";

    private static Build read() {
        Properties properties = new Properties();
        try (InputStream file = Build.class.getResourceAsStream("build.properties")) {
            if (file != null) {
                properties.load(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return of(properties, Runtime.version().toString() + " " + System.getProperty("java.vendor", ""));
    }

    static Build of(Properties properties, String java) {
        return new Build(given(properties, "version"), given(properties, "revision"), java.strip());
    }

    /** What nobody has filled in says so itself. */
    private static String given(Properties properties, String name) {
        String value = properties.getProperty(name, "").strip();
        return value.isEmpty() || value.startsWith("${") ? UNKNOWN : value;
    }

    /** By name, for metrics. */
    public Map<String, String> labels() {
        return new TreeMap<>(Map.of("version", version, "revision", revision, "java", java));
    }

    @Override
    public String toString() {
        return "Barnebys Analytics " + version + ", revision " + revision + ", Java " + java;
    }
}
