package com.barnebys.analytics.http;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.hit.TrackHit;

/** What the edge counts, each where it happens. Called on event loops: must be cheap and wait for nothing. */
public interface EdgeMetrics {
    /** Nobody counts. */
    EdgeMetrics NONE = new EdgeMetrics() {
        @Override
        public KeyMetrics keys(SecretRing ring) {
            return (position, nowSeconds) -> {};
        }

        @Override
        public void verified(TrackHit hit) {}

        @Override
        public void rejected(Rejection reason) {}

        @Override
        public void skipped(SkipReason reason) {}

        @Override
        public void answered(boolean isRedirect, Receipt receipt) {}

        @Override
        public void eventAnswered(Receipt receipt) {}

        @Override
        public void referenceAnswered(ReferenceAnswer answer) {}

        @Override
        public void webhookAnswered(int status, int hits, int misses) {}

        @Override
        public void closed(CloseReason reason) {}
    };

    /** What counts hits by the keys of this ring. Asked once for each ring and loop. */
    KeyMetrics keys(SecretRing ring);

    /** A hit of ours; its key is counted by {@link #keys}. */
    void verified(TrackHit hit);

    void rejected(Rejection reason);

    /** A hit that is answered and not stored, on purpose. */
    void skipped(SkipReason reason);

    /** A hit that was handed over. All receipts but STORED mean that its rows may be lost. */
    void answered(boolean isRedirect, Receipt receipt);

    /** A conversion event that was handed over. */
    void eventAnswered(Receipt receipt);

    void referenceAnswered(ReferenceAnswer answer);

    /**
     * A call of the webhook.
     *
     * @param hits entries that made an event
     * @param misses entries that made none
     */
    void webhookAnswered(int status, int hits, int misses);

    /** A connection that was ended from our side for how it behaved. */
    void closed(CloseReason reason);
}
