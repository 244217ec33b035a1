package com.barnebys.analytics.sink.local;

import java.nio.file.Path;

/**
 * Where the embedded store is and how long it keeps rows.
 *
 * @param file the database, made when it is not there; on a local disk
 * @param retentionDays rows older than this are deleted; 0 keeps them for ever
 */
public record LocalStoreOptions(Path file, int retentionDays) {
    public LocalStoreOptions {
        if (retentionDays < 0) {
            throw new IllegalArgumentException("retentionDays: " + retentionDays + " (expected: 0 or more)");
        }
    }
}
