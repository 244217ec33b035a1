package com.barnebys.analytics.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** One file of the log, named by the sequence of the first record it holds or will hold. */
final class Segment {
    /** Leaves room for sums of numbers and counts without overflow. */
    static final long SEQUENCE_MAX = 1L << 62;

    private static final Pattern NAME = Pattern.compile("(\\d{19})\\.seg");

    private final long first;
    private final SegmentFile file;

    /** Written by the writer alone; final once a later segment exists. */
    private volatile long size;

    private Segment(long first, SegmentFile file, long size) {
        this.first = first;
        this.file = file;
        this.size = size;
    }

    /** A segment that is there. */
    static Segment existing(Disk disk, Path directory, long first, long size) {
        return new Segment(
                first, new SegmentFile(disk, directory.resolve(name(first)), StandardOpenOption.WRITE), size);
    }

    /** Makes an empty segment. Its name is not durable before the directory is flushed. */
    static Segment create(Disk disk, Path directory, long first) throws IOException {
        Path path = directory.resolve(name(first));
        disk.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
        return existing(disk, directory, first, 0);
    }

    static String name(long first) {
        return String.format(Locale.ROOT, "%019d.seg", first);
    }

    /** The number in the name, or nothing if this is not the name of a segment. */
    static OptionalLong parse(String name) {
        var matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        try {
            long first = Long.parseLong(matcher.group(1));
            return first < SEQUENCE_MAX ? OptionalLong.of(first) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty(); // 19 digits that are more than a long holds: we never wrote that
        }
    }

    long first() {
        return first;
    }

    SegmentFile file() {
        return file;
    }

    String name() {
        return name(first);
    }

    long size() {
        return size;
    }

    void size(long bytes) {
        size = bytes;
    }
}
