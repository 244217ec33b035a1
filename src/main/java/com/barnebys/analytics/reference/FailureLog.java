package com.barnebys.analytics.reference;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that a store fails, once a minute at most and with how often; and once after that, when it answers again. */
final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
    private static final long NANOS_BETWEEN = TimeUnit.MINUTES.toNanos(1);

    private final String sentence;
    private long since;
    private long lastSaid = System.nanoTime() - NANOS_BETWEEN;
    private volatile boolean isSaid;

    FailureLog(String sentence) {
        this.sentence = sentence;
    }

    void happened(ReferenceStoreException failure) {
        long count;
        synchronized (this) {
            since++;
            long now = System.nanoTime();
            if (now - lastSaid < NANOS_BETWEEN) {
                return;
            }
            lastSaid = now;
            isSaid = true;
            count = since;
            since = 0;
        }
        LOG.warn(
                "{} reason={} failures={} message={}",
                sentence,
                failure.reason().word(),
                count,
                failure.getMessage());
    }

    void ended() {
        if (isSaid) {
            synchronized (this) {
                isSaid = false;
            }
            LOG.info("The store of references answers again.");
        }
    }
}
