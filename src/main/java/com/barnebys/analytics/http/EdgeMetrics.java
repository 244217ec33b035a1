package com.barnebys.analytics.http;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.TrackHit;

/** What the edge counts, each where it happens. Called on event loops: must be cheap and wait for nothing. */
public interface EdgeMetrics {
    /** Nobody counts. */
    EdgeMetrics NONE = new EdgeMetrics() {
        @Override
        public void verified(TrackHit hit) {}

        @Override
        public void rejected(HitRoute route, Rejection reason) {}

        @Override
        public void skipped(HitRoute route, SkipReason reason) {}

        @Override
        public void answered(HitRoute route, boolean isRedirect, Receipt receipt) {}

        @Override
        public void handled(HitRoute route, long readNanos) {}

        @Override
        public void referenceAnswered(ReferenceAnswer answer) {}

        @Override
        public void webhookAnswered(int status, int hits, int misses) {}

        @Override
        public void closed(CloseReason reason) {}
    };

    /** A hit of ours; its rule and key position show when an old key is no longer used. */
    void verified(TrackHit hit);

    void rejected(HitRoute route, Rejection reason);

    /** A hit that is answered and not stored, on purpose. */
    void skipped(HitRoute route, SkipReason reason);

    /** A hit or a conversion event that was handed over. All receipts but STORED mean that its rows may be lost. */
    void answered(HitRoute route, boolean isRedirect, Receipt receipt);

    /**
     * The answer to a hit is written, after one of the three above.
     *
     * @param readNanos when the request was read, by {@link System#nanoTime}
     */
    void handled(HitRoute route, long readNanos);

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
