package com.barnebys.analytics.spool;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Records whose bytes follow from their sequence, groups of them, and what comes back. */
final class Groups {
    static final int SMALL_SEGMENT = 1 << 10;

    private Groups() {}

    record Item(long sequence, String text) {}

    /** No flushing thread, no limit: what a test wants to happen it does itself. */
    static SpoolOptions options(Path directory) {
        return options(directory, SyncPolicy.NONE, SMALL_SEGMENT);
    }

    static SpoolOptions options(Path directory, SyncPolicy sync, int segmentBytes) {
        return new SpoolOptions(directory, 1L << 40, 0, sync, Duration.ofMillis(200), segmentBytes);
    }

    static SpoolOptions limited(Path directory, long maxBytes, long minFreeBytes, int segmentBytes) {
        return new SpoolOptions(
                directory, maxBytes, minFreeBytes, SyncPolicy.NONE, Duration.ofMillis(200), segmentBytes);
    }

    static String text(long sequence) {
        Random random = new Random(sequence);
        return "record " + sequence + " " + "x".repeat(random.nextInt(40));
    }

    static Item item(long sequence) {
        return new Item(sequence, text(sequence));
    }

    static List<Item> items(long from, long to) {
        List<Item> items = new ArrayList<>();
        for (long sequence = from; sequence < to; sequence++) {
            items.add(item(sequence));
        }
        return items;
    }

    static ByteBuffer body(String... texts) {
        List<byte[]> records = new ArrayList<>();
        int bytes = 0;
        for (String text : texts) {
            byte[] record = text.getBytes(StandardCharsets.UTF_8);
            records.add(record);
            bytes += 4 + record.length;
        }
        ByteBuffer body = ByteBuffer.allocate(bytes);
        for (byte[] record : records) {
            body.putInt(record.length).put(record);
        }
        return body.flip();
    }

    /** One buffer a record, as the intake hands them over. */
    static List<ByteBuffer> bodies(long first, int count) {
        List<ByteBuffer> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bodies.add(body(text(first + i)));
        }
        return bodies;
    }

    @CanIgnoreReturnValue
    static long append(Spool spool, int count) throws IOException {
        return spool.append(count, bodies(spool.nextSequence(), count));
    }

    static long appendText(Spool spool, String... texts) throws IOException {
        return spool.append(texts.length, List.of(body(texts)));
    }

    static List<Item> readAll(Spool spool) throws IOException {
        return readAll(spool, spool.firstSequence());
    }

    static List<Item> readAll(Spool spool, long from) throws IOException {
        try (SpoolReader reader = spool.read(from)) {
            return readOn(reader);
        }
    }

    static List<Item> readOn(SpoolReader reader) throws IOException {
        List<Item> items = new ArrayList<>();
        while (reader.read(1_000, Long.MAX_VALUE, collector(items)) > 0) {}
        return items;
    }

    static RecordConsumer collector(List<Item> items) {
        return (sequence, buffer, offset, length) ->
                items.add(new Item(sequence, new String(buffer, offset, length, StandardCharsets.UTF_8)));
    }
}
