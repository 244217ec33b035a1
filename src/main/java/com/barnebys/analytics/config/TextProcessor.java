package com.barnebys.analytics.config;

import io.vertx.config.spi.ConfigProcessor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Format {@code text}: a flat JSON object as one part of its layer, cut down to the names in {@code keys}. Needed for the
 * store of system properties, which takes no keys and would bring all of them. Public for the service loader.
 */
public final class TextProcessor implements ConfigProcessor {
    static final String FORMAT = "text";

    @Override
    public String name() {
        return FORMAT;
    }

    @Override
    public Future<JsonObject> process(Vertx vertx, JsonObject configuration, Buffer input) {
        Layer layer = Layer.valueOf(configuration.getString("layer"));
        JsonObject all = input.toJsonObject();
        JsonArray keys = configuration.getJsonArray("keys");
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            String name = keys.getString(i);
            if (all.getValue(name) instanceof String text) {
                values.put(name, text);
            }
        }
        Part part = new Part(layer, configuration.getString("source"), values, List.of());
        return Future.succeededFuture(Part.toJson(layer, List.of(part)));
    }
}
