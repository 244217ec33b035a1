package com.barnebys.analytics.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The values of one moment, as they are collected. All names begin with {@code analytics_}; counters are named without
 * {@code _total}, which the format adds. One thread.
 */
public final class Scrape {
    private static final String PREFIX = "analytics_";
    private static final long NO_TIMESTAMP = 0;

    private final List<MetricSnapshot> snapshots = new ArrayList<>();
    private final TableNames tables;

    Scrape(TableNames tables) {
        this.tables = tables;
    }

    public void counter(String name, String help, Number value) {
        counter(name, help, List.of(new Sample(Labels.EMPTY, value.doubleValue())));
    }

    /** One value for each value of a label, of which there are few by their nature. */
    public void counter(String name, String help, String label, Map<String, ? extends Number> values) {
        counter(name, help, samples(label, values));
    }

    /** One value for each table. */
    public void counterByTable(String name, String help, Map<String, ? extends Number> values) {
        counter(name, help, samples(TableNames.LABEL, tables.limited(values)));
    }

    void counter(String name, String help, List<Sample> samples) {
        List<CounterDataPointSnapshot> points = samples.stream()
                .map(sample -> new CounterDataPointSnapshot(sample.value, sample.labels, null, NO_TIMESTAMP))
                .toList();
        snapshots.add(new CounterSnapshot(new MetricMetadata(PREFIX + name, help), points));
    }

    /** What something is: the name gets {@code _info}, the value is always 1. */
    void info(String name, String help, Labels labels) {
        snapshots.add(
                new InfoSnapshot(new MetricMetadata(PREFIX + name, help), List.of(new InfoDataPointSnapshot(labels))));
    }

    public void gauge(String name, String help, Number value) {
        gauge(name, help, List.of(new Sample(Labels.EMPTY, value.doubleValue())));
    }

    /** One value for each value of a label, of which there are few by their nature. */
    public void gauge(String name, String help, String label, Map<String, ? extends Number> values) {
        gauge(name, help, samples(label, values));
    }

    /** As {@link #gauge(String, String, String, Map)}, for tables: values of those beyond the limit are left out. */
    void gaugeByTable(String name, String help, Map<String, ? extends Number> values) {
        gauge(name, help, samples(TableNames.LABEL, tables.known(values)));
    }

    void gauge(String name, String help, List<Sample> samples) {
        List<GaugeDataPointSnapshot> points = samples.stream()
                .map(sample -> new GaugeDataPointSnapshot(sample.value, sample.labels, null))
                .toList();
        snapshots.add(new GaugeSnapshot(new MetricMetadata(PREFIX + name, help), points));
    }

    void histogram(String name, String help, String label, Map<String, DurationHistogram> histograms) {
        double[] bounds = DurationHistogram.boundsSeconds();
        List<HistogramDataPointSnapshot> points = new ArrayList<>();
        histograms.forEach((value, histogram) -> points.add(new HistogramDataPointSnapshot(
                ClassicHistogramBuckets.of(bounds, histogram.counts()),
                histogram.sumSeconds(),
                Labels.of(label, value),
                Exemplars.EMPTY,
                NO_TIMESTAMP)));
        snapshots.add(new HistogramSnapshot(new MetricMetadata(PREFIX + name, help), points));
    }

    private static List<Sample> samples(String label, Map<String, ? extends Number> values) {
        List<Sample> samples = new ArrayList<>();
        values.forEach((word, value) -> samples.add(new Sample(Labels.of(label, word), value.doubleValue())));
        return samples;
    }

    MetricSnapshots snapshots() {
        return new MetricSnapshots(snapshots);
    }

    /** A value and what it is of. */
    record Sample(Labels labels, double value) {}
}
