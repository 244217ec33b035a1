package com.barnebys.analytics.config;

import io.vertx.config.spi.ConfigProcessor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;

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
        return Future.succeededFuture(Part.toJson(layer, parts(layer, TextFile.fromBuffer(input))));
    }

    static List<Part> parts(Layer layer, List<TextFile> files) {
        return files.stream()
                .map(file -> file.mistake() == null
                        ? TextYaml.parse(layer, file.source(), file.text())
                        : Part.failed(layer, file.mistake()))
                .toList();
    }
}
