package com.barnebys.analytics.spool;

import static com.barnebys.analytics.spool.Groups.bodies;
import static com.barnebys.analytics.spool.Groups.collector;
import static com.barnebys.analytics.spool.Groups.item;
import static com.barnebys.analytics.spool.Groups.items;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.spool.Groups.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random steps against a queue. The model knows which group ends are in the last segment and how far the log is flushed; a
 * power cut takes any part of what is not flushed, and the numbers go on behind what is left.
 */
class SpoolModelTest {
    private static final int STEPS = 150;

    @TempDir
    Path directory;

    private final RecordingMetrics metrics = new RecordingMetrics();
    /** The groups that were appended since the last flush: first sequence and count. */
    private final ArrayDeque<long[]> unflushed = new ArrayDeque<>();

    private long next;
    private long trimmed;
    private long position;

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void randomStepsAgreeWithAQueue(long seed) throws IOException {
        Random random = new Random(seed);
        SpoolOptions options = Groups.options(directory, SyncPolicy.NONE, 300 + random.nextInt(2_000));
        FaultyDisk disk = new FaultyDisk();
        Spool spool = Spool.open(options, 0, metrics, disk);
        SpoolReader reader = spool.read(0);
        for (int step = 0; step < STEPS; step++) {
            int dice = random.nextInt(100);
            if (dice < 45) {
                append(spool, disk, random);
            } else if (dice < 75) {
                read(reader, random);
            } else if (dice < 82) {
                position = trimmed + (position > trimmed ? random.nextInt((int) (position - trimmed)) : 0);
                reader.seek(position);
            } else if (dice < 90) {
                trimmed = Math.max(trimmed, position);
                spool.trim(trimmed);
            } else if (dice < 94) {
                spool.force();
                unflushed.clear();
            } else {
                reader.close();
                spool.close();
                if (dice >= 97) {
                    cutPower(random);
                }
                unflushed.clear();
                spool = Spool.open(options, position, metrics, disk);
                reader = spool.read(position);
            }
            assertThat(spool.nextSequence()).isEqualTo(next);
            assertThat(spool.firstSequence()).isLessThanOrEqualTo(Math.max(trimmed, 0));
            assertThat(reader.position()).isEqualTo(position);
            assertThat(spool.bytes()).isEqualTo(bytesOnDisk());
        }
        List<Item> rest = new ArrayList<>();
        while (reader.read(100, Long.MAX_VALUE, collector(rest)) > 0) {}
        assertThat(rest).isEqualTo(items(position, next));
        reader.close();
        spool.close();
        assertThat(metrics.lost).isEmpty();
    }

    private void append(Spool spool, FaultyDisk disk, Random random) throws IOException {
        int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 100 : 4);
        boolean fails = random.nextInt(10) == 0;
        disk.writesLeft = fails ? 0 : Integer.MAX_VALUE;
        boolean refused = false;
        try {
            assertThat(spool.append(count, bodies(next, count))).isEqualTo(next);
            unflushed.add(new long[] {next, count});
            next += count;
        } catch (SpoolFullException e) {
            refused = true;
        }
        assertThat(refused).isEqualTo(fails);
    }

    private void read(SpoolReader reader, Random random) throws IOException {
        int most = 1 + random.nextInt(50);
        List<Item> items = new ArrayList<>();
        int records = reader.read(most, Long.MAX_VALUE, collector(items));
        unflushed.clear();
        assertThat(records).isEqualTo((int) Math.min(most, next - position));
        for (Item item : items) {
            assertThat(item).isEqualTo(item(position++));
        }
    }

    /**
     * Cuts the last segment inside what was not flushed. A part of a group is lost as a whole. Unflushed groups in earlier
     * segments stay: what happens to these is in the tests of known errors.
     */
    private void cutPower(Random random) throws IOException {
        Path last = lastSegment();
        long first = Segment.parse(last.getFileName().toString()).orElseThrow();
        byte[] bytes = Files.readAllBytes(last);
        int keep = bytes.length;
        while (!unflushed.isEmpty() && unflushed.getLast()[0] >= first && random.nextInt(4) > 0) {
            long[] group = unflushed.removeLast();
            int size = Frame.HEADER_BYTES;
            for (int i = 0; i < group[1]; i++) {
                size += 4 + Groups.text(group[0] + i).length();
            }
            keep -= size;
            next = group[0];
            bytes = Arrays.copyOf(bytes, keep + random.nextInt(size));
        }
        Files.write(last, bytes);
    }

    private Path lastSegment() throws IOException {
        Path last = directory.resolve(Segment.name(0));
        try (var files = Files.newDirectoryStream(directory, "*.seg")) {
            for (Path file : files) {
                last = file.compareTo(last) > 0 ? file : last;
            }
        }
        if (!Files.exists(last)) {
            Files.createFile(last);
        }
        return last;
    }

    private long bytesOnDisk() throws IOException {
        long bytes = 0;
        try (var files = Files.newDirectoryStream(directory, "*.seg")) {
            for (Path file : files) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}
