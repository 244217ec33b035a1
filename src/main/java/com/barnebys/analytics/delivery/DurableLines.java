package com.barnebys.analytics.delivery;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file to which lines are added: when {@link #append} returns they are on the disk, all of them; when it throws, none is
 * in the file, as far as the disk lets us cut it off. One thread.
 */
final class DurableLines implements AutoCloseable {
    private static final byte[] NEWLINE = {'\n'};

    private final Path path;
    private final Opener opener;
    /** Null while closed and after a failure: the file is looked at anew then. */
    private @Nullable LineFile file;

    DurableLines(Path path, Opener opener) {
        this.path = path;
        this.opener = opener;
    }

    /** Opens the file at a path. */
    interface Opener {
        LineFile open(Path path) throws IOException;
    }

    /** Opens the file, or makes it; else it is opened when it is needed. */
    void open() throws IOException {
        LineFile unused = file();
    }

    long size() throws IOException {
        return file().size();
    }

    void append(byte[] lines) throws IOException {
        LineFile to = file();
        long size = to.size();
        try {
            to.append(lines);
            to.force();
        } catch (IOException e) {
            // Half of it may be there, or all of it without anybody knowing whether it stays.
            file = null;
            try (LineFile broken = to) {
                broken.truncate(size);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private LineFile file() throws IOException {
        LineFile known = file;
        if (known != null) {
            return known;
        }
        LineFile opened = opener.open(path);
        try {
            if (!opened.endsWithNewline()) {
                opened.append(NEWLINE); // The last line was torn; the next one must not be glued to it.
            }
            opened.force(); // Nobody knows whether a process that died has done so.
            forceName();
        } catch (IOException e) {
            opened.close();
            throw e;
        }
        file = opened;
        return opened;
    }

    /** A new name is durable only when its directory is. */
    private void forceName() throws IOException {
        try (FileChannel names = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** May be used again after that. */
    @Override
    public void close() throws IOException {
        LineFile known = file;
        file = null;
        if (known != null) {
            known.close();
        }
    }
}
