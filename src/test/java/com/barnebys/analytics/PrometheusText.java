package com.barnebys.analytics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A scrape in Prometheus' text format 0.0.4, read strictly: what a lenient reader would pass over is an error here.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Exposition formats</a>
 */
public final class PrometheusText {
    private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\\S.*)");
    private static final Pattern TYPE =
            Pattern.compile("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)");
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? ([-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf|NaN)|NaN)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\n\"])*)\"(,|$)");

    private final List<Sample> samples = new ArrayList<>();
    private final Map<String, String> types = new LinkedHashMap<>();

    /** One line with a value. */
    public record Sample(String name, Map<String, String> labels, double value) {}

    private PrometheusText() {}

    /**
     * Reads a whole scrape.
     *
     * @throws IllegalArgumentException at the first line that is not as the format wants it
     */
    public static PrometheusText parse(String text) {
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException("the last line does not end");
        }
        PrometheusText scrape = new PrometheusText();
        Set<String> helped = new LinkedHashSet<>();
        Set<Map.Entry<String, Map<String, String>>> series = new LinkedHashSet<>();
        String family = "";
        for (String line : text.split("\n")) {
            Matcher help = HELP.matcher(line);
            Matcher type = TYPE.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (help.matches()) {
                require(helped.add(help.group(1)), "a second HELP", line);
            } else if (type.matches()) {
                family = type.group(1);
                require(helped.contains(family), "TYPE without HELP before it", line);
                require(scrape.types.put(family, type.group(2)) == null, "a second TYPE", line);
            } else {
                require(sample.matches(), "neither HELP, TYPE nor sample", line);
                String name = sample.group(1);
                require(isOf(name, family, scrape.types.getOrDefault(family, "")), "not of the family above", line);
                Map<String, String> labels = labels(sample.group(2), line);
                require(series.add(Map.entry(name, labels)), "a second value of the same series", line);
                scrape.samples.add(new Sample(name, labels, number(sample.group(3))));
            }
        }
        scrape.checkHistograms();
        return scrape;
    }

    private static boolean isOf(String name, String family, String type) {
        return switch (type) {
            case "counter" -> name.equals(family) && name.endsWith("_total");
            case "histogram" ->
                Set.of(family + "_bucket", family + "_sum", family + "_count").contains(name);
            case "summary" -> Set.of(family, family + "_sum", family + "_count").contains(name);
            default -> name.equals(family);
        };
    }

    private static Map<String, String> labels(String text, String line) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        int end = 0;
        while (label.find() && label.start() == end) {
            end = label.end();
            require(labels.put(label.group(1), label.group(2)) == null, "a label twice", line);
        }
        require(text == null || end == text.length(), "labels that cannot be read", line);
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private void checkHistograms() {
        types.forEach((family, type) -> {
            if (type.equals("histogram")) {
                checkHistogram(family);
            }
        });
    }

    private void checkHistogram(String family) {
        Map<Map<String, String>, TreeMap<Double, Double>> buckets = new HashMap<>();
        for (Sample sample : series(family + "_bucket")) {
            Map<String, String> of = new TreeMap<>(sample.labels);
            double bound = number(of.remove("le"));
            buckets.computeIfAbsent(of, l -> new TreeMap<>()).put(bound, sample.value);
        }
        require(buckets.size() == series(family + "_count").size(), "a series without buckets", family);
        buckets.forEach((of, counts) -> {
            double last = 0;
            for (double count : counts.values()) {
                require(count >= last, "buckets that are not cumulative", family);
                last = count;
            }
            require(counts.lastKey() == Double.POSITIVE_INFINITY, "no bucket +Inf", family);
            require(last == value(family + "_count", of), "+Inf and count differ", family);
        });
    }

    private static void require(boolean holds, String what, String line) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + line);
        }
    }

    /** Names of samples as queries use them ({@code _total}, {@code _bucket} and so on), each with its label names. */
    public Map<String, Set<String>> labelNames() {
        Map<String, Set<String>> names = new TreeMap<>();
        for (Sample sample : samples) {
            names.computeIfAbsent(sample.name, n -> new TreeSet<>()).addAll(sample.labels.keySet());
        }
        // A family of which there is no series now, such as one of lanes before the first row.
        types.forEach((family, type) -> {
            if (!type.equals("histogram") && !type.equals("summary")) {
                names.putIfAbsent(family, Set.of());
            }
        });
        return names;
    }

    /** Each family with its type. */
    public Map<String, String> types() {
        return types;
    }

    public List<Sample> samples() {
        return samples;
    }

    public List<Sample> series(String name) {
        return samples.stream().filter(sample -> sample.name.equals(name)).toList();
    }

    /** The one value of a series with exactly these labels. */
    public double value(String name, Map<String, String> labels) {
        return series(name).stream()
                .filter(sample -> sample.labels.equals(labels))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("no series " + name + labels))
                .value;
    }

    public double value(String name) {
        return value(name, Map.of());
    }

    /** All series of a name that have at least these labels, added up. */
    public double sum(String name, Map<String, String> labels) {
        return series(name).stream()
                .filter(sample -> sample.labels.entrySet().containsAll(labels.entrySet()))
                .mapToDouble(Sample::value)
                .sum();
    }

    public double sum(String name) {
        return sum(name, Map.of());
    }
}
