package com.barnebys.analytics.manifests;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which metrics an expression names, and with which labels. Not a parser: enough for what we write. */
final class PromQl {
    private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern RANGE = Pattern.compile("\\[[^\\]]*\\]");
    private static final Pattern GROUPING =
            Pattern.compile("\\b(by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern LABEL_VALUES = Pattern.compile("^label_values\\((.*),\\s*(\\w+)\\)$");
    private static final Pattern SELECTOR =
            Pattern.compile("(?<![\\w.$])([a-zA-Z_:][a-zA-Z0-9_:]*)\\b(?!\\s*\\()(?:\\s*\\{([^}]*)\\})?");
    private static final Set<String> WORDS =
            Set.of("and", "or", "unless", "offset", "bool", "by", "without", "on", "inf");

    private PromQl() {}

    /** Each metric with the labels that are compared, or that the expression groups by. */
    static Map<String, Set<String>> metrics(String expression) {
        Set<String> grouped = new LinkedHashSet<>();
        String rest = expression.strip();
        Matcher values = LABEL_VALUES.matcher(rest);
        if (values.matches()) {
            grouped.add(values.group(2));
            rest = values.group(1);
        }
        rest = RANGE.matcher(STRING.matcher(rest).replaceAll("\"\"")).replaceAll("");
        Matcher grouping = GROUPING.matcher(rest);
        while (grouping.find()) {
            names(grouping.group(2)).forEach(grouped::add);
        }
        rest = GROUPING.matcher(rest).replaceAll(" ").replaceAll("\\boffset\\s+\\w+", " ");
        Map<String, Set<String>> metrics = new LinkedHashMap<>();
        Matcher selector = SELECTOR.matcher(rest);
        while (selector.find()) {
            if (!WORDS.contains(selector.group(1))) {
                Set<String> labels = metrics.computeIfAbsent(selector.group(1), name -> new LinkedHashSet<>(grouped));
                if (selector.group(2) != null) {
                    Stream.of(selector.group(2).split(","))
                            .map(matcher -> matcher.replaceAll("[!=~].*", "").strip())
                            .filter(name -> !name.isEmpty())
                            .forEach(labels::add);
                }
            }
        }
        return metrics;
    }

    private static Stream<String> names(String list) {
        return Stream.of(list.split(",")).map(String::strip).filter(name -> !name.isEmpty());
    }
}
