package com.barnebys.analytics.config;

import com.barnebys.analytics.config.SettingsLoader.Outside;
import java.nio.file.Path;

/**
 * Where the management port of a server with these settings is reached from its own machine.
 *
 * @param port 0: any free one, so nobody can tell
 */
public record ManagementAddress(String host, int port) {
    /**
     * That of a server which was started with the environment, properties and files of this process. Reads those two
     * settings and nothing else: a mistake in another one, which a running server has refused to take, must not look like a
     * server that is down. One that is wrong counts as not said.
     */
    public static ManagementAddress ofProcess() {
        return of(PlainReading.of(Outside.process(), Path.of(SettingsLoader.DEFAULT_FILE)));
    }

    static ManagementAddress of(PlainReading settings) {
        return new ManagementAddress(
                loopback(read(settings, Setting.MANAGEMENT_HOST)), read(settings, Setting.MANAGEMENT_PORT));
    }

    public static ManagementAddress of(Settings settings) {
        return new ManagementAddress(loopback(settings.managementHost()), settings.managementPort());
    }

    private static <T> T read(PlainReading settings, Setting<T> setting) {
        String said = settings.value(setting).orElse(setting.fallback());
        try {
            return setting.parse(new Sourced(said, Layer.FILE, ""));
        } catch (IllegalArgumentException e) {
            return setting.parse(Sourced.builtIn(setting.fallback()));
        }
    }

    /** Whoever listens on all addresses listens on this one. */
    private static String loopback(String listening) {
        return switch (listening) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::", "[::]" -> "::1";
            default ->
                listening.startsWith("[") && listening.endsWith("]")
                        ? listening.substring(1, listening.length() - 1)
                        : listening;
        };
    }

    /** As in a URL. */
    @Override
    public String toString() {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
