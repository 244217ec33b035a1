package com.barnebys.analytics.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * The script as it is served: the source without comments, indentation and empty lines.
 *
 * <p>Only whole lines go, so this needs to know nothing of JavaScript, and no statement moves to another line. It is right
 * as long as the source keeps to what its first lines say: a comment has its line to itself, and no quoted text, no
 * template and no block comment goes over one. A minifier would save another 650 bytes of the 2,860 and cost a tool in
 * the build.
 */
final class ScriptText {
    private static final String SOURCE = "bite.v1.js";

    private ScriptText() {}

    static String served() {
        return source().lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("//"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    static String source() {
        try (InputStream in = ScriptText.class.getResourceAsStream(SOURCE)) {
            if (in == null) {
                throw new IllegalStateException(SOURCE + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
