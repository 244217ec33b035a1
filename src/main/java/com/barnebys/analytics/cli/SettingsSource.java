package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;

/** Where a command gets its settings from, read when it runs and not when the command line is built. */
@FunctionalInterface
interface SettingsSource {
    Settings get();
}
