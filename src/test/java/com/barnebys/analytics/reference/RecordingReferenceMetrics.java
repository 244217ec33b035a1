package com.barnebys.analytics.reference;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

final class RecordingReferenceMetrics implements ReferenceMetrics {
    final List<LookupOutcome> outcomes = new CopyOnWriteArrayList<>();
    int deleted;

    @Override
    public void answered(LookupOutcome outcome) {
        outcomes.add(outcome);
    }

    @Override
    public void deleted(int references) {
        deleted += references;
    }
}
