package com.barnebys.analytics.spool;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Everything the spool asks of the machine, one method each. As it stands it is the real disk; a test overrides the one
 * method that is to go wrong.
 */
interface Disk {
    Disk REAL = new Disk() {};

    default FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, options);
    }

    default int write(FileChannel file, ByteBuffer from, long at) throws IOException {
        return file.write(from, at);
    }

    default int read(FileChannel file, ByteBuffer to, long at) throws IOException {
        return file.read(to, at);
    }

    default void truncate(FileChannel file, long size) throws IOException {
        file.truncate(size);
    }

    /** Data and size. The times of the file are of no interest, so not the rest of the metadata. */
    default void force(FileChannel file) throws IOException {
        file.force(false);
    }

    /** Makes names in a directory durable. */
    default void forceDirectory(Path directory) throws IOException {
        if (File.separatorChar == '\\') {
            return; // Windows opens no directories, and its file systems journal names by themselves.
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    default void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    default boolean exists(Path file) {
        return Files.exists(file);
    }

    /** Not through FileStore, which reads the table of mounts each time. */
    default long freeBytes(Path directory) {
        return directory.toFile().getUsableSpace();
    }

    default long nanoTime() {
        return System.nanoTime();
    }
}
