package com.barnebys.analytics.config;

/**
 * One thing wrong with the settings, fit for a terminal: no secret and no control character in it.
 *
 * @param name the setting, or the name that is none
 * @param found the value, or what stands in its place; masked for secrets
 * @param source the file or layer; empty when it says nothing more
 * @param advice what was expected, or what to do
 */
public record Mistake(String name, String found, String source, String advice) {
    private static final int SHOWN_MAX = 120;

    public Mistake {
        name = shown(name);
        found = shown(found);
        source = shown(source);
    }

    /** {@code PORT: 70000 in conf/analytics.yaml (expected: 0 to 65535)}. */
    @Override
    public String toString() {
        return name + ": " + found + (source.isEmpty() ? "" : " in " + source) + " (" + advice + ")";
    }

    private static String shown(String text) {
        StringBuilder to = new StringBuilder();
        int end = Math.min(text.length(), SHOWN_MAX);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            to.append(Character.isISOControl(c) ? '\uFFFD' : c);
        }
        return end < text.length() ? to.append("...").toString() : to.toString();
    }
}
