package com.barnebys.analytics.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A resource of this package.
 *
 * @param text HTML in which {@code {name}} stands for a value, or a file that is served as it is
 */
record Page(String text) {
    private static final Pattern NAME = Pattern.compile("\\{([a-z]+)}");

    static Page load(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in the jar");
            }
            return new Page(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The page with its values, escaped for text and for quoted attributes. */
    String with(Map<String, String> values) {
        return NAME.matcher(text).replaceAll(name -> {
            String value = values.get(name.group(1));
            if (value == null) {
                throw new IllegalStateException(
                        name.group() + " has no value (expected: one of " + values.keySet() + ")");
            }
            return Matcher.quoteReplacement(escaped(value));
        });
    }

    private static String escaped(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
