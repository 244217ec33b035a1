package com.barnebys.analytics.config;

import io.vertx.config.spi.ConfigStore;
import io.vertx.config.spi.ConfigStoreFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * One YAML file, or those of a directory by name, read anew at each {@code get}. Vert.x' own stores do not fit: the one for
 * files is either mandatory or silent about a file that cannot be read or parsed, the one for directories forgets which
 * file said what and also looks below, where the kubelet keeps the same files again.
 */
final class YamlFilesStore implements ConfigStore {
    static final String TYPE = "yaml-files";

    private final Vertx vertx;
    private final String name;
    private final Path path;
    private final boolean isOptional;

    private YamlFilesStore(Vertx vertx, JsonObject options) {
        this.vertx = vertx;
        this.name = options.getString("name");
        this.path = Path.of(options.getString("path"));
        this.isOptional = options.getBoolean("optional", false);
    }

    @Override
    public Future<Buffer> get() {
        // Vert.x declares the result nullable for blocks that return nothing.
        return vertx.executeBlocking(() -> TextFile.toBuffer(read(name, path, isOptional)))
                .map(Objects::requireNonNull);
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }

    /** What {@link #get} reads; blocks for the disk. */
    static List<TextFile> read(String name, Path path, boolean isOptional) {
        return name.equals(Setting.CONFIG_DIR.name()) ? directory(name, path) : file(name, path, isOptional);
    }

    private static List<TextFile> file(String name, Path path, boolean isOptional) {
        // A link that leads nowhere is there: somebody meant a file.
        if (isOptional && Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        return List.of(TextFile.read(name, path));
    }

    /** A mounted ConfigMap holds links to {@code ..data/NAME}, itself a link to a dated directory; names with a dot first are not read. */
    private static List<TextFile> directory(String name, Path path) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, "[!.]*.yaml")) {
            entries.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            return List.of(TextFile.failed(name, path.toString(), "expected: a directory that can be read"));
        }
        return files.stream()
                .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                .map(file -> TextFile.read(name, file))
                .toList();
    }

    /** Public for the service loader. */
    public static final class Factory implements ConfigStoreFactory {
        @Override
        public String name() {
            return TYPE;
        }

        @Override
        public ConfigStore create(Vertx vertx, JsonObject configuration) {
            return new YamlFilesStore(vertx, configuration);
        }
    }
}
