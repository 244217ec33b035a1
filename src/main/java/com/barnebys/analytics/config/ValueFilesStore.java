package com.barnebys.analytics.config;

import io.vertx.config.spi.ConfigStore;
import io.vertx.config.spi.ConfigStoreFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * NAME_FILE: each file holds the value of one setting, as a mounted Secret does. One newline at its end is removed, since
 * editors and {@code echo} put one there; everything else belongs to the value. Its own processor: the output is the
 * layer as JSON.
 */
final class ValueFilesStore implements ConfigStore {
    static final String TYPE = "value-files";
    static final String SUFFIX = "_FILE";

    private final Vertx vertx;
    private final JsonObject files;

    private ValueFilesStore(Vertx vertx, JsonObject options) {
        this.vertx = vertx;
        this.files = options.getJsonObject("files");
    }

    @Override
    public Future<Buffer> get() {
        // Vert.x declares the result nullable for blocks that return nothing.
        return vertx.executeBlocking(() -> {
                    List<Part> parts = new ArrayList<>();
                    for (String name : files.fieldNames()) {
                        parts.add(read(name, Path.of(files.getString(name))));
                    }
                    return Part.toJson(Layer.VALUE_FILE, parts).toBuffer();
                })
                .map(Objects::requireNonNull);
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }

    private static Part read(String name, Path path) {
        TextFile file = TextFile.read(name + SUFFIX, path);
        if (file.mistake() != null) {
            return Part.failed(Layer.VALUE_FILE, file.mistake());
        }
        String value = withoutNewline(file.text());
        if (value.isEmpty() && !name.equals(Setting.SECRETS_PREVIOUS.name())) {
            // A Secret that was never filled in must not pass for one that is not wanted. Only the keys of before are
            // meant to become none, without a restart.
            return Part.failed(
                    Layer.VALUE_FILE, new Mistake(name + SUFFIX, file.source(), "", "expected: a file with a value"));
        }
        return new Part(Layer.VALUE_FILE, file.source(), Map.of(name, value), List.of());
    }

    private static String withoutNewline(String text) {
        int end = text.length();
        if (text.endsWith("\n")) {
            end -= text.endsWith("\r\n") ? 2 : 1;
        }
        return text.substring(0, end);
    }

    /** Public for the service loader. */
    public static final class Factory implements ConfigStoreFactory {
        @Override
        public String name() {
            return TYPE;
        }

        @Override
        public ConfigStore create(Vertx vertx, JsonObject configuration) {
            return new ValueFilesStore(vertx, configuration);
        }
    }
}
