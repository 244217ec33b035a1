package com.barnebys.analytics.config;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Settings as a process would read them that has this environment and nothing else. */
public final class MountedSettings {
    /** One for all tests of a JVM, and as long as it. */
    private static final Vertx VERTX = Vertx.vertx(SettingsLoader.smallVertx());

    private MountedSettings() {}

    /** @throws InvalidSettingsException with everything that is wrong */
    public static Settings read(Map<String, String> environment) {
        try {
            return new SettingsLoader(
                            VERTX,
                            SettingsLoader.Outside.given(environment, Map.of()),
                            Path.of("/nonexistent/analytics.yaml"))
                    .load()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InvalidSettingsException invalid) {
                throw invalid;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether there is a setting of this name, in this version or the next. */
    public static boolean isName(String name) {
        return Setting.names().contains(name) || KnownNames.isLater(name);
    }

    /** Whether this names a file that holds a setting: NAME_FILE. */
    public static boolean isValueFile(String name) {
        String suffix = ValueFilesStore.SUFFIX;
        return name.endsWith(suffix) && Setting.names().contains(name.substring(0, name.length() - suffix.length()));
    }
}
