package com.barnebys.analytics.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one file, or the environment, said: names with their text, and what could not be read. It crosses the retriever as
 * JSON under the name of its layer, so that the retriever's merge lays nothing over anything.
 *
 * @param source how it is named in messages
 */
record Part(Layer layer, String source, Map<String, String> values, List<Mistake> mistakes) {
    Part {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        mistakes = List.copyOf(mistakes);
    }

    static Part failed(Layer layer, Mistake mistake) {
        return new Part(layer, "", Map.of(), List.of(mistake));
    }

    /** The layer as a config processor hands it to the retriever. */
    static JsonObject toJson(Layer layer, List<Part> parts) {
        JsonArray array = new JsonArray();
        parts.forEach(part -> array.add(part.toJson()));
        return new JsonObject().put(layer.name(), array);
    }

    /** All parts the retriever has gathered, in the order of the layers. */
    static List<Part> fromJson(JsonObject gathered) {
        List<Part> parts = new ArrayList<>();
        for (Layer layer : Layer.values()) {
            JsonArray array = gathered.getJsonArray(layer.name(), new JsonArray());
            for (int i = 0; i < array.size(); i++) {
                parts.add(fromJson(layer, array.getJsonObject(i)));
            }
        }
        return parts;
    }

    private JsonObject toJson() {
        JsonObject texts = new JsonObject();
        values.forEach(texts::put);
        JsonArray wrong = new JsonArray();
        mistakes.forEach(mistake -> wrong.add(new JsonArray()
                .add(mistake.name())
                .add(mistake.found())
                .add(mistake.source())
                .add(mistake.advice())));
        return new JsonObject().put("source", source).put("values", texts).put("mistakes", wrong);
    }

    private static Part fromJson(Layer layer, JsonObject json) {
        Map<String, String> values = new LinkedHashMap<>();
        json.getJsonObject("values").forEach(entry -> values.put(entry.getKey(), (String) entry.getValue()));
        List<Mistake> mistakes = new ArrayList<>();
        JsonArray wrong = json.getJsonArray("mistakes");
        for (int i = 0; i < wrong.size(); i++) {
            JsonArray mistake = wrong.getJsonArray(i);
            mistakes.add(new Mistake(
                    mistake.getString(0), mistake.getString(1), mistake.getString(2), mistake.getString(3)));
        }
        return new Part(layer, json.getString("source"), values, mistakes);
    }

    /** Names only: values may be secrets. */
    @Override
    public String toString() {
        return layer + " " + source + " " + values.keySet();
    }
}
