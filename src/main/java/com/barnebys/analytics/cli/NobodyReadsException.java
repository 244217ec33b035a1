package com.barnebys.analytics.cli;

import java.io.IOException;

/** As with {@code export | head}: what is left of the store need not be read. */
final class NobodyReadsException extends IOException {
    private static final long serialVersionUID = 1;
}
