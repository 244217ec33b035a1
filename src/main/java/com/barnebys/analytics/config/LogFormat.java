package com.barnebys.analytics.config;

/** How messages are written. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** For log stores: JSON as the Elastic Common Schema wants it, a line a message. */
    JSON
}
