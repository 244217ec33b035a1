package com.barnebys.analytics.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The real disk until it is told to go wrong; flushes are only counted, since no test pulls the plug. */
final class FaultyDisk implements Disk {
    /** Writes that still succeed; the next writes half of its bytes and then throws. */
    volatile int writesLeft = Integer.MAX_VALUE;
    /** One write takes at most this many bytes. */
    volatile int writeBytesMax = Integer.MAX_VALUE;

    volatile boolean failTruncate;
    volatile boolean failForce;
    volatile boolean failDelete;
    volatile boolean failCreate;
    volatile boolean readOnly;
    volatile boolean interruptWrites;
    volatile boolean interruptForces;
    volatile long freeBytes = 1L << 40;
    volatile long nanos;
    final AtomicInteger forces = new AtomicInteger();
    final AtomicInteger directoryForces = new AtomicInteger();
    volatile CountDownLatch forced = new CountDownLatch(1);

    @Override
    public FileChannel open(Path file, OpenOption... options) throws IOException {
        if (readOnly && Arrays.asList(options).contains(StandardOpenOption.WRITE)) {
            throw new FileSystemException(file.toString(), null, "Read-only file system");
        }
        if (failCreate && Arrays.asList(options).contains(StandardOpenOption.CREATE_NEW)) {
            throw new FileSystemException(file.toString(), null, "No space left on device");
        }
        return FileChannel.open(file, options);
    }

    @Override
    public int write(FileChannel file, ByteBuffer from, long at) throws IOException {
        int limit = from.limit();
        int most = writeBytesMax;
        boolean fails = writesLeft-- <= 0;
        if (fails) {
            most = Math.min(most, from.remaining() / 2);
        }
        if (interruptWrites) {
            interruptWrites = false;
            Thread.currentThread().interrupt();
        }
        from.limit(from.position() + Math.min(from.remaining(), most));
        try {
            int written = file.write(from, at);
            if (fails) {
                throw new IOException("No space left on device");
            }
            return written;
        } finally {
            from.limit(limit);
        }
    }

    @Override
    public void truncate(FileChannel file, long size) throws IOException {
        if (failTruncate) {
            throw new IOException("truncate: Input/output error");
        }
        file.truncate(size);
    }

    @Override
    public void force(FileChannel file) throws IOException {
        if (failForce) {
            throw new IOException("fsync: Input/output error");
        }
        if (interruptForces) {
            interruptForces = false;
            Thread.currentThread().interrupt();
            file.force(false);
        }
        forces.incrementAndGet();
        forced.countDown();
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        directoryForces.incrementAndGet();
    }

    @Override
    public void delete(Path file) throws IOException {
        if (failDelete) {
            throw new FileSystemException(file.toString(), null, "Read-only file system");
        }
        Disk.REAL.delete(file);
    }

    @Override
    public long freeBytes(Path directory) {
        return freeBytes;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }
}
