package com.barnebys.analytics;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A tmpfs that can be filled to the last byte. Needs root and mount; else the test is skipped with that reason. */
final class SmallVolume implements AutoCloseable {
    private final Path mount;
    private final Path data;

    private SmallVolume(Path mount) {
        this.mount = mount;
        this.data = mount.resolve("data");
    }

    static SmallVolume of(Path directory, int mebibytes) throws IOException, InterruptedException {
        Path mount = Files.createDirectory(directory.resolve("small"));
        boolean isMounted = run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", mount.toString());
        Assumptions.assumeTrue(isMounted, "a small volume needs root and mount");
        SmallVolume volume = new SmallVolume(mount);
        Files.createDirectory(volume.data);
        return volume;
    }

    Path path() {
        return data;
    }

    /** Writes beside the data until nothing more goes in. */
    void fill() throws IOException {
        byte[] block = new byte[64 * 1024];
        try (OutputStream ballast = Files.newOutputStream(mount.resolve("ballast"))) {
            while (true) {
                ballast.write(block);
            }
        } catch (IOException full) {
            // That is what it was for.
        }
    }

    void free() throws IOException {
        Files.deleteIfExists(mount.resolve("ballast"));
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("umount", "-l", mount.toString());
    }
}
