package com.barnebys.analytics.spool;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file, opened when it is first needed, that an interrupt does not close for good.
 *
 * <p>An interrupt closes the {@link FileChannel} its thread is in, for all the threads that share it. So the flag is put
 * aside before each operation and given back behind it; an interrupt that comes in the middle makes us open the file
 * again and repeat the operation. Every operation names its place in the file, so that doing it twice is doing it once.
 * The file is never created here: one that was deleted shows as {@link java.nio.file.NoSuchFileException}.
 *
 * <p>Any thread.
 */
final class SegmentFile {
    /** Each needs one more interrupt in the middle of an operation. */
    private static final int REPEATS_MAX = 1_000;

    private final Disk disk;
    private final Path path;
    private final OpenOption access;

    @GuardedBy("this") private @Nullable FileChannel channel;

    SegmentFile(Disk disk, Path path, OpenOption access) {
        this.disk = disk;
        this.path = path;
        this.access = access;
    }

    Path path() {
        return path;
    }

    /** Writes what remains in the buffer, all of it or with an exception. */
    void write(ByteBuffer from, long at) throws IOException {
        int start = from.position();
        repeatedly(file -> {
            from.position(start);
            while (from.hasRemaining()) {
                if (disk.write(file, from, at + from.position() - start) <= 0) {
                    throw new IOException(path.getFileName() + ": the disk takes no more bytes");
                }
            }
            return 0;
        });
    }

    /** Reads up to {@code length} bytes, like {@link FileChannel#read(ByteBuffer, long)}: -1 is the end of the file. */
    int read(byte[] to, int offset, int length, long at) throws IOException {
        return repeatedly(file -> disk.read(file, ByteBuffer.wrap(to, offset, length), at));
    }

    void truncate(long size) throws IOException {
        repeatedly(file -> {
            disk.truncate(file, size);
            return 0;
        });
    }

    /**
     * Flushes the file. After an interrupt the second flush goes through a new descriptor, which is as good: a flush
     * concerns the file, not the descriptor.
     */
    void force() throws IOException {
        repeatedly(file -> {
            disk.force(file);
            return 0;
        });
    }

    /** Gives the descriptor back; a later operation opens the file again. */
    synchronized void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    @CanIgnoreReturnValue
    private int repeatedly(Operation operation) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (int repeats = 0; ; repeats++) {
                FileChannel file = opened();
                try {
                    return operation.on(file);
                } catch (ClosedChannelException e) {
                    if (repeats == REPEATS_MAX) {
                        throw e;
                    }
                    interrupted |= Thread.interrupted();
                    forget(file);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized FileChannel opened() throws IOException {
        if (channel == null) {
            channel = disk.open(path, access);
        }
        return channel;
    }

    private synchronized void forget(FileChannel closed) {
        if (channel == closed) {
            channel = null;
        }
    }

    private interface Operation {
        int on(FileChannel file) throws IOException;
    }
}
