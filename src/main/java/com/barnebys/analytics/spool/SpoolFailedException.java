package com.barnebys.analytics.spool;

import java.io.IOException;

/**
 * What is on the disk is not certain any more (a flush failed, half a group could not be cut off, the files were deleted
 * under the process): nothing is taken until a new process has looked at what is really there. Stop and start again.
 */
public final class SpoolFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    SpoolFailedException(String message, IOException cause) {
        super(message, cause);
    }
}
