package com.barnebys.analytics.spool;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.io.TempDir;

/** Segments full of anything: opened and read without a crash, and no record is handed out that no good group holds. */
class SpoolFuzzTest {
    private static final long FIRST = 7;

    @TempDir
    Path directory;

    @FuzzTest(maxDuration = "60s")
    void anyBytesAreReadWithoutInventingRecords(FuzzedDataProvider data) throws IOException {
        byte[] older = segment(data, FIRST);
        byte[] last = segment(data, 40);
        Files.write(directory.resolve(Segment.name(FIRST)), older);
        Files.write(directory.resolve(Segment.name(40)), last);
        Set<ByteBuffer> good = new HashSet<>();
        collectGood(older, good);
        collectGood(last, good);

        try (Spool spool = Spool.open(Groups.options(directory), 0, SpoolMetrics.NONE)) {
            long next = spool.nextSequence();
            if (Groups.append(spool, 2) != next) {
                throw new AssertionError("numbers are not dense");
            }
            long[] previous = {-1};
            try (SpoolReader reader = spool.read(0)) {
                int records = 1;
                while (records > 0) {
                    records = reader.read(10, 1 << 20, (sequence, buffer, offset, length) -> {
                        boolean isGood = sequence >= next
                                || good.contains(
                                        ByteBuffer.wrap(buffer, offset, length).slice());
                        if (!isGood || sequence <= previous[0]) {
                            throw new AssertionError("record " + sequence + " was never written");
                        }
                        previous[0] = sequence;
                    });
                }
            }
            if (previous[0] != next + 1) {
                throw new AssertionError("the end was not reached");
            }
        } finally {
            try (var files = Files.newDirectoryStream(directory, "*.seg")) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Good groups and arbitrary bytes, as the input likes it; arbitrary bytes alone would never get past the checksum. */
    private static byte[] segment(FuzzedDataProvider data, long first) {
        ByteBuffer segment = ByteBuffer.allocate(4_096);
        int parts = data.consumeInt(0, 6);
        for (int i = 0; i < parts; i++) {
            byte[] bytes = data.consumeBytes(200);
            if (data.consumeBoolean()) {
                int count = data.consumeInt(0, 5);
                long sequence = data.consumeBoolean() ? first + i : data.consumeLong();
                ByteBuffer header = ByteBuffer.allocate(Frame.CRC_AT)
                        .putInt(Frame.MAGIC)
                        .putInt(bytes.length)
                        .putLong(sequence)
                        .putInt(count);
                CRC32C crc = new CRC32C();
                crc.update(header.array());
                crc.update(bytes);
                segment.put(header.flip()).putInt((int) crc.getValue());
            }
            segment.put(bytes);
        }
        byte[] written = new byte[segment.position()];
        segment.flip().get(written);
        return written;
    }

    /** Every record of every place in the bytes at which a group with a good checksum stands. */
    private static void collectGood(byte[] bytes, Set<ByteBuffer> good) {
        ByteBuffer view = ByteBuffer.wrap(bytes);
        for (int at = 0; at + Frame.HEADER_BYTES <= bytes.length; at++) {
            int length = view.getInt(at + Frame.BODY_LENGTH_AT);
            int body = at + Frame.HEADER_BYTES;
            if (view.getInt(at) != Frame.MAGIC || length < 0 || length > bytes.length - body) {
                continue;
            }
            CRC32C crc = new CRC32C();
            crc.update(bytes, at, Frame.CRC_AT);
            crc.update(bytes, body, length);
            if ((int) crc.getValue() != view.getInt(at + Frame.CRC_AT)) {
                continue;
            }
            int record = body;
            while (record + 4 <= body + length) {
                int size = view.getInt(record);
                if (size < 0 || size > body + length - record - 4) {
                    break;
                }
                good.add(ByteBuffer.wrap(bytes, record + 4, size).slice());
                record += 4 + size;
            }
        }
    }
}
