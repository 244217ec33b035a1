package com.barnebys.analytics.config;

/** Where values come from, in order: a later layer wins. */
enum Layer {
    BUILT_IN,
    /** {@code conf/analytics.yaml} or CONFIG_FILE. */
    FILE,
    /** The {@code *.yaml} of CONFIG_DIR. */
    DIRECTORY,
    /** NAME_FILE: a file that holds one value. */
    VALUE_FILE,
    ENVIRONMENT,
    SYSTEM_PROPERTY;

    /** Whether the names in it are meant for us alone, so that an unknown one is a mistake. */
    boolean isFile() {
        return this == FILE || this == DIRECTORY || this == VALUE_FILE;
    }

    /** Whether it came with the process: fixed until a restart. */
    boolean isProcess() {
        return this == ENVIRONMENT || this == SYSTEM_PROPERTY;
    }
}
