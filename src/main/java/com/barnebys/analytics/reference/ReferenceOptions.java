package com.barnebys.analytics.reference;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where references are kept and for how long.
 *
 * @param postgres empty: in a file
 * @param file the embedded store, made when it is not there; on a local disk
 * @param retentionDays references older than this are deleted; 0 keeps them for ever
 */
public record ReferenceOptions(Optional<PostgresUrl> postgres, Path file, int retentionDays) {
    public ReferenceOptions {
        if (retentionDays < 0) {
            throw new IllegalArgumentException("retentionDays: " + retentionDays + " (expected: 0 or more)");
        }
    }
}
