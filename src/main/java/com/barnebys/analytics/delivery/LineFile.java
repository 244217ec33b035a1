package com.barnebys.analytics.delivery;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file that only grows by whole lines. The seam at which tests make the disk fail. */
interface LineFile extends AutoCloseable {
    long size() throws IOException;

    /** Whether the file does not end within a line. */
    boolean endsWithNewline() throws IOException;

    void append(byte[] bytes) throws IOException;

    void truncate(long size) throws IOException;

    /** Returns when all is on the disk. */
    void force() throws IOException;

    @Override
    void close() throws IOException;

    static LineFile open(Path path) throws IOException {
        return new OnDisk(FileChannel.open(path, CREATE, READ, WRITE));
    }

    /** In a file system. */
    final class OnDisk implements LineFile {
        private final FileChannel channel;

        private OnDisk(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public boolean endsWithNewline() throws IOException {
            ByteBuffer last = ByteBuffer.allocate(1);
            return channel.size() == 0 || (channel.read(last, channel.size() - 1) == 1 && last.get(0) == '\n');
        }

        @Override
        public void append(byte[] bytes) throws IOException {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            long at = channel.size();
            while (left.hasRemaining()) {
                at += channel.write(left, at);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force() throws IOException {
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
