package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.sink.local.LocalStoreReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Where the embedded store lies. */
public final class LocalStorePath {
    private LocalStorePath() {}

    public static Path of(Settings settings) {
        return settings.dataDir().resolve("analytics.db");
    }

    /**
     * Opens it for reading, also when rows go elsewhere by now.
     *
     * @throws FileNotFoundException there is nothing in it, with the setting that may be why
     */
    static LocalStoreReader open(Settings settings) throws IOException {
        try {
            return LocalStoreReader.open(of(settings));
        } catch (FileNotFoundException e) {
            if (settings.store() == Settings.Store.LOCAL) {
                throw e;
            }
            throw new FileNotFoundException(e.getMessage() + "; STORE is "
                    + settings.store().name().toLowerCase(Locale.ROOT) + " (expected: local, to read rows here)");
        }
    }
}
