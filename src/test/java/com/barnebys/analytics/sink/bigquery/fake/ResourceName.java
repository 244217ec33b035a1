package com.barnebys.analytics.sink.bigquery.fake;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Name of a table, or of one of its streams. */
record ResourceName(
        String project,
        String dataset,
        String table,
        @Nullable String stream) {
    private static final String DEFAULT_STREAM = "_default";
    private static final Pattern FORM =
            Pattern.compile("projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)(/_default|/streams/([^/]+))?");

    static ResourceName ofTable(String name) throws Refusal {
        ResourceName parsed = parse(name);
        if (parsed.stream != null) {
            throw Refusal.invalid("Invalid table name " + name);
        }
        return parsed;
    }

    /** Both {@code .../_default} and {@code .../streams/_default} are the default stream. */
    static ResourceName ofStream(String name) throws Refusal {
        ResourceName parsed = parse(name);
        if (parsed.stream == null) {
            throw Refusal.invalid("Invalid stream name " + name);
        }
        return parsed;
    }

    private static ResourceName parse(String name) throws Refusal {
        Matcher matcher = FORM.matcher(name);
        if (!matcher.matches()) {
            throw Refusal.invalid("Invalid resource name " + name);
        }
        String stream = matcher.group(4) == null || matcher.group(5) != null ? matcher.group(5) : DEFAULT_STREAM;
        return new ResourceName(matcher.group(1), matcher.group(2), matcher.group(3), stream);
    }

    boolean isDefaultStream() {
        return DEFAULT_STREAM.equals(stream);
    }

    String tablePath() {
        return "projects/" + project + "/datasets/" + dataset + "/tables/" + table;
    }

    @Override
    public String toString() {
        return stream == null ? tablePath() : tablePath() + "/streams/" + stream;
    }
}
