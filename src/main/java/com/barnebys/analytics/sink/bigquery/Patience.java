package com.barnebys.analytics.sink.bigquery;

import java.time.Duration;

/**
 * How long to wait for what comes by itself.
 *
 * @param first pause; each one after it is twice as long
 * @param most a pause may be
 * @param total of all pauses
 */
record Patience(Duration first, Duration most, Duration total) {}
