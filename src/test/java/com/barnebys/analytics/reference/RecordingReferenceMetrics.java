package com.barnebys.analytics.reference;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

final class RecordingReferenceMetrics implements ReferenceMetrics {
    final List<LookupOutcome> outcomes = Collections.synchronizedList(new ArrayList<>());
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
