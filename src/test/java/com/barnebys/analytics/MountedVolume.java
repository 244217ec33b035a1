package com.barnebys.analytics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory as the kubelet mounts a ConfigMap or a Secret and changes it: the files in a dated directory, {@code ..data} a
 * link to that, each key a link through {@code ..data}. A change writes another dated directory, swaps {@code ..data} by
 * a rename, makes links of new keys, takes away those of keys that are gone, and then the old directory (Kubernetes,
 * pkg/volume/util/atomic_writer.go).
 */
public final class MountedVolume {
    private final Path mount;
    private final Map<String, String> files = new TreeMap<>();
    private int changes;

    /** An empty one. */
    public MountedVolume(Path mount) {
        this.mount = mount;
        try {
            Files.createDirectories(mount);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the file of a key is. */
    public Path file(String key) {
        return mount.resolve(key);
    }

    public Path path() {
        return mount;
    }

    /** Changes one key. */
    public void put(String key, String text) {
        Map<String, String> all = new TreeMap<>(files);
        all.put(key, text);
        become(all);
    }

    /** From now on it has these files and no others. */
    public void become(Map<String, String> all) {
        try {
            Path dated = mount.resolve("..2026_11_29_" + ++changes);
            Files.createDirectory(dated);
            for (Map.Entry<String, String> file : all.entrySet()) {
                Files.writeString(dated.resolve(file.getKey()), file.getValue());
            }
            Path data = mount.resolve("..data");
            Path before = Files.exists(data) ? data.toRealPath() : null;
            Path swapped = Files.createSymbolicLink(mount.resolve("..data_tmp"), dated.getFileName());
            Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE);
            for (String key : all.keySet()) {
                if (!Files.exists(mount.resolve(key), LinkOption.NOFOLLOW_LINKS)) {
                    Files.createSymbolicLink(mount.resolve(key), Path.of("..data", key));
                }
            }
            for (String key : files.keySet()) {
                if (!all.containsKey(key)) {
                    Files.delete(mount.resolve(key));
                }
            }
            if (before != null) {
                delete(before);
            }
            files.clear();
            files.putAll(all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> content = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.forEach(content::add);
        }
        for (Path file : content) {
            Files.delete(file);
        }
        Files.delete(directory);
    }
}
