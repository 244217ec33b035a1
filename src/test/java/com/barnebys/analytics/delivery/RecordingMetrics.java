package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.RetryCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sums up what was counted. */
final class RecordingMetrics implements DeliveryMetrics {
    final Map<String, Long> delivered = new TreeMap<>();
    final List<String> parked = new ArrayList<>();
    final List<RetryCause> retries = new ArrayList<>();
    int batches;

    @Override
    public void delivered(String table, long rows) {
        delivered.merge(table, rows, Long::sum);
    }

    @Override
    public void parked(String table, ParkReason reason) {
        parked.add(table + " " + reason);
    }

    @Override
    public void retry(RetryCause cause) {
        retries.add(cause);
    }

    @Override
    public void batch(int rows, long nanos) {
        batches++;
    }
}
