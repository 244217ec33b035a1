package com.barnebys.analytics.metrics;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.http.SkipReason;

/** What became of the hits of one route, and how long it took. */
final class RouteMeters {
    final Counters<Rejection> rejected = Counters.of(Rejection.class);
    final Counters<SkipReason> skipped = Counters.of(SkipReason.class);
    final Counters<Receipt> pixels = Counters.of(Receipt.class);
    final Counters<Receipt> redirects = Counters.of(Receipt.class);
    final DurationHistogram handling = new DurationHistogram();
}
