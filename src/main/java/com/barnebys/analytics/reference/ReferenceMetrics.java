package com.barnebys.analytics.reference;

/** What is counted of references. Any thread. */
public interface ReferenceMetrics {
    /** Nobody counts. */
    ReferenceMetrics NONE = new ReferenceMetrics() {
        @Override
        public void answered(LookupOutcome outcome) {}

        @Override
        public void deleted(int references) {}
    };

    /** One answer of {@link SourceLookup}. Hits of its cache are {@link LookupOutcome#CACHED}; all others are misses. */
    void answered(LookupOutcome outcome);

    /** References that were deleted for their age. */
    void deleted(int references);
}
