package com.barnebys.analytics.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The directory of a spool, held by this process alone until it is closed or the process ends, however it ends. */
final class SpoolDirectory {
    private static final String LOCK = "LOCK";
    private static final String ID = "spool-id";
    private static final String ID_TEMPORARY = "spool-id.tmp";
    private static final int INTERRUPTS_MAX = 1_000;

    /**
     * What this process holds. The file lock alone will not do: POSIX drops all locks a process has on a file as soon as
     * it closes <i>any</i> descriptor of that file, so a second attempt of our own would quietly free the first.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Disk disk;
    private final Path path;
    private final Path realPath;
    private final FileChannel lock;

    private SpoolDirectory(Disk disk, Path path, Path realPath, FileChannel lock) {
        this.disk = disk;
        this.path = path;
        this.realPath = realPath;
        this.lock = lock;
    }

    static SpoolDirectory hold(Disk disk, Path path) throws IOException {
        try {
            make(disk, path);
            Path realPath = path.toRealPath();
            if (!HELD.add(realPath)) {
                throw new SpoolLockedException(path);
            }
            try {
                return new SpoolDirectory(disk, path, realPath, lock(disk, path));
            } catch (IOException | RuntimeException e) {
                HELD.remove(realPath);
                throw e;
            }
        } catch (FileSystemException e) {
            String file = e.getFile() == null
                    ? LOCK
                    : String.valueOf(Path.of(e.getFile()).getFileName());
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            throw new IOException(
                    "spool: " + path + ": " + file + ": " + reason + " (expected: a directory that can be written)", e);
        }
    }

    Path path() {
        return path;
    }

    /** The name of this spool among all spools; made when there is none. */
    UUID id() throws IOException {
        Path file = path.resolve(ID);
        String text;
        try {
            text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (NoSuchFileException e) {
            return makeId(file);
        }
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + text + " (expected: a UUID)", e);
        }
    }

    /** All segments, oldest first. Other files are left alone. */
    List<Segment> segments() throws IOException {
        List<Segment> segments = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                OptionalLong first = Segment.parse(String.valueOf(file.getFileName()));
                if (first.isPresent()) {
                    segments.add(Segment.existing(disk, path, first.getAsLong(), Files.size(file)));
                }
            }
        }
        segments.sort(Comparator.comparingLong(Segment::first));
        return segments;
    }

    /** Makes the names in the directory durable. */
    void force() throws IOException {
        forceNames(disk, path);
    }

    void release() throws IOException {
        try {
            lock.close();
        } finally {
            HELD.remove(realPath);
        }
    }

    private static void make(Disk disk, Path path) throws IOException {
        // Asked first because createDirectories of JDK 17 refuses a symbolic link to a directory.
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                forceNames(disk, parent);
            }
        }
    }

    private static FileChannel lock(Disk disk, Path path) throws IOException {
        FileChannel channel = disk.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new SpoolLockedException(path);
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new SpoolLockedException(path);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Written aside and renamed, so that a crash leaves a whole id or none. */
    private UUID makeId(Path file) throws IOException {
        UUID id = UUID.randomUUID();
        Path temporary = path.resolve(ID_TEMPORARY);
        try (FileChannel made = disk.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer text = StandardCharsets.US_ASCII.encode(id + "\n");
            while (text.hasRemaining()) {
                made.write(text);
            }
            disk.force(made);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        force();
        return id;
    }

    private static void forceNames(Disk disk, Path directory) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (int interrupts = 0; ; interrupts++) {
                try {
                    disk.forceDirectory(directory);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    if (interrupts == INTERRUPTS_MAX) {
                        throw e;
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
