package com.barnebys.analytics.config;

import io.vertx.config.spi.ConfigProcessor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;

/**
 * Format {@code text-yaml}: what {@link YamlFilesStore} read, as {@link TextYaml} understands it. Never fails. Public for
 * the service loader.
 */
public final class TextYamlProcessor implements ConfigProcessor {
    static final String FORMAT = "text-yaml";

    @Override
    public String name() {
        return FORMAT;
    }

    @Override
    public Future<JsonObject> process(Vertx vertx, JsonObject configuration, Buffer input) {
        Layer layer = Layer.valueOf(configuration.getString("layer"));
        // A megabyte of YAML, read at each scan, is no work for an event loop.
        return vertx.executeBlocking(() -> Part.toJson(layer, parts(layer, input)))
                .map(Objects::requireNonNull);
    }

    private static List<Part> parts(Layer layer, Buffer input) {
        return TextFile.fromBuffer(input).stream()
                .map(file -> file.mistake() == null
                        ? TextYaml.parse(layer, file.source(), file.text())
                        : Part.failed(layer, file.mistake()))
                .toList();
    }
}
