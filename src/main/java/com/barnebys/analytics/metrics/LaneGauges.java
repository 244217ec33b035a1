package com.barnebys.analytics.metrics;

import com.barnebys.analytics.sink.LaneStatus;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** How each table's lane does. */
public final class LaneGauges implements MetricSource {
    private final Supplier<? extends Collection<LaneStatus>> lanes;
    private final LongSupplier droppedValues;
    private final SpoolTimes times;
    private final DeliveryMeters counters;

    /** @param lanes none where the sink has no lanes */
    public LaneGauges(
            Supplier<? extends Collection<LaneStatus>> lanes,
            LongSupplier droppedValues,
            SpoolTimes times,
            DeliveryMeters counters) {
        this.lanes = lanes;
        this.droppedValues = droppedValues;
        this.times = times;
        this.counters = counters;
    }

    @Override
    public void addTo(Scrape scrape) {
        Collection<LaneStatus> all = lanes.get();
        scrape.gaugeByTable("lane_stopped", "1 when a lane has stopped for good.", byTable(all, this::stopped));
        scrape.gaugeByTable(
                "lane_failing_seconds",
                "Since when a lane fails; 0 when it does not.",
                byTable(all, LaneStatus::failingSeconds));
        scrape.gaugeByTable("lane_intents", "Blocks of a lane on their way.", byTable(all, LaneStatus::intents));
        scrape.gaugeByTable(
                "lane_oldest_unacknowledged_seconds",
                "Age of a lane's oldest row that is not acknowledged; 0 when there is none.",
                byTable(all, this::oldestAge));
        counters.addLanesTo(scrape, all.stream().map(LaneStatus::table).toList());
        scrape.counter(
                "dropped_values",
                "Values left out because their table has no column for them.",
                droppedValues.getAsLong());
    }

    private int stopped(LaneStatus lane) {
        return lane.isStopped() ? 1 : 0;
    }

    private double oldestAge(LaneStatus lane) {
        return lane.oldest() == LaneStatus.NONE ? 0 : times.ageSeconds(lane.oldest());
    }

    private static Map<String, Number> byTable(Collection<LaneStatus> lanes, Function<LaneStatus, Number> value) {
        Map<String, Number> values = new TreeMap<>();
        lanes.forEach(lane -> values.put(lane.table(), value.apply(lane)));
        return values;
    }
}
