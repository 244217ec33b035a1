package com.barnebys.analytics.config;

/**
 * A value as it was written, and where.
 *
 * @param source how the layer's file, or the layer, is named in messages
 */
record Sourced(String text, Layer layer, String source) {
    static Sourced builtIn(String text) {
        return new Sourced(text, Layer.BUILT_IN, "built in");
    }

    /** Not the text: it may be a secret. */
    @Override
    public String toString() {
        return source;
    }
}
