package com.barnebys.analytics.metrics;

import com.barnebys.analytics.reference.LookupOutcome;
import com.barnebys.analytics.reference.ReferenceMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts look-ups and deletions of references. Any thread; nothing waits. */
public final class ReferenceMeters implements ReferenceMetrics, MetricSource {
    private final Counters<LookupOutcome> lookups = Counters.of(LookupOutcome.class);
    private final LongAdder deleted = new LongAdder();

    @Override
    public void answered(LookupOutcome outcome) {
        lookups.add(outcome, 1);
    }

    @Override
    public void deleted(int references) {
        deleted.add(references);
    }

    @Override
    public void addTo(Scrape scrape) {
        scrape.counter(
                "reference_lookups",
                "Questions where a visitor came from.",
                "outcome",
                lookups.read(LookupOutcome::reason));
        scrape.counter("references_deleted", "References deleted for their age.", deleted.sum());
    }

    /** All counters by name, for the management port. The cache's hit rate is {@code cached} of the sum of look-ups. */
    public Map<String, Map<String, Long>> read() {
        Map<String, Map<String, Long>> all = new LinkedHashMap<>();
        all.put("sourceLookups", lookups.read(LookupOutcome::reason));
        all.put("references", Map.of("deleted", deleted.sum()));
        return all;
    }
}
