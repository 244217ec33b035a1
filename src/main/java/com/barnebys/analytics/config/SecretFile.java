package com.barnebys.analytics.config;

import com.barnebys.analytics.hit.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * The secret BA makes for itself when none is given: {@code DATA_DIR/secret}, readable by the owner only from the moment it
 * exists. It is written and flushed under another name and then linked to its own, so it is there whole or not at all,
 * and of two processes that start at once both take the one that came first.
 */
public final class SecretFile {
    private static final int RANDOM_BYTES = 32;
    private static final int BYTES_MAX = 4096;

    private final Path directory;
    private final Path file;
    private final SecureRandom random = new SecureRandom();

    public SecretFile(Path dataDirectory) {
        this.directory = dataDirectory;
        this.file = dataDirectory.resolve("secret");
    }

    public Path path() {
        return file;
    }

    /**
     * The secret, made if there is none. White space at its end, as an editor leaves it, does not belong to it.
     *
     * @throws IOException when it can be neither read nor made, or is empty or too long; a person has to look at it then
     */
    public Secret readOrMake() throws IOException {
        try {
            return read();
        } catch (NoSuchFileException e) {
            make();
            return read();
        }
    }

    private Secret read() throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX) {
            throw new IOException(file + ": too long (expected: at most " + BYTES_MAX + " bytes)");
        }
        String text = new String(bytes, StandardCharsets.UTF_8).stripTrailing();
        if (text.isEmpty()) {
            throw new IOException(
                    file + ": empty (expected: a secret; set SECRET, or remove the file to have one made)");
        }
        return new Secret(text);
    }

    private void make() throws IOException {
        Files.createDirectories(directory);
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + "\n";
        Path made = directory.resolve("secret." + Long.toHexString(random.nextLong()) + ".tmp");
        try {
            write(made, text);
            publish(made);
        } finally {
            Files.deleteIfExists(made);
        }
    }

    private void write(Path to, String text) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileAttribute<?>[] attributes = Files.getFileStore(directory).supportsFileAttributeView("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try (FileChannel channel = FileChannel.open(to, options, attributes)) {
            ByteBuffer buffer = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /** A link, unlike a move, never replaces what another starter has put there. */
    private void publish(Path made) throws IOException {
        try {
            Files.createLink(file, made);
        } catch (FileAlreadyExistsException e) {
            return;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // No hard links on this volume; what remains is the moment between the move's look and its deed.
            moveUnlessThere(made);
        }
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private void moveUnlessThere(Path made) throws IOException {
        try {
            Files.move(made, file);
        } catch (FileAlreadyExistsException e) {
            // The other's is as good, and readOrMake reads it.
        }
    }
}
