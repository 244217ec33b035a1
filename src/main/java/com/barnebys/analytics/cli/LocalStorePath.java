package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import java.nio.file.Path;

/** Where the embedded store lies. */
public final class LocalStorePath {
    private LocalStorePath() {}

    public static Path of(Settings settings) {
        return settings.dataDir().resolve("analytics.db");
    }
}
