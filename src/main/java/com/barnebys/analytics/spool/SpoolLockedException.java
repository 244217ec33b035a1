package com.barnebys.analytics.spool;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the spool, or this one has it open already. */
public final class SpoolLockedException extends IOException {
    private static final long serialVersionUID = 1L;

    SpoolLockedException(Path directory) {
        super("another process has the spool: " + directory + " (expected: one process a directory)");
    }
}
