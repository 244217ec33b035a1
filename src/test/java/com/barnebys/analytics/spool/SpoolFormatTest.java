package com.barnebys.analytics.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Format version 1, byte for byte. The file in the resources was made by other code than ours (Python, CRC32C by the bit);
 * a new version gets a new file, and this one stays readable.
 */
class SpoolFormatTest {
    private static final String ONE_GROUP =
            "45565331" + "00000009" + "0000000000000005" + "00000001" + "%08x" + "00000005" + "6669727374";

    @TempDir
    Path directory;

    private final RecordingMetrics metrics = new RecordingMetrics();

    @Test
    void fileOfVersionOneIsRead() throws IOException {
        Files.write(directory.resolve(Segment.name(5)), fixture());

        List<byte[]> records = new ArrayList<>();
        try (Spool spool = open(0);
                SpoolReader reader = spool.read(5)) {
            assertThat(spool.firstSequence()).isEqualTo(5);
            assertThat(spool.nextSequence()).isEqualTo(10);
            assertThat(reader.read(10, Long.MAX_VALUE, (sequence, buffer, offset, length) -> {
                        assertThat(sequence).isEqualTo(5 + records.size());
                        records.add(ByteBuffer.allocate(length)
                                .put(buffer, offset, length)
                                .array());
                    }))
                    .isEqualTo(5);
        }
        assertThat(records).containsExactly(records().toArray(byte[][]::new));
        assertThat(metrics.lines).isEmpty();
    }

    @Test
    void sameRecordsAreWrittenAsTheSameBytes() throws IOException {
        List<byte[]> records = records();
        try (Spool spool = open(5)) {
            assertThat(spool.append(1, bodies(records.subList(0, 1)))).isEqualTo(5);
            assertThat(spool.append(3, bodies(records.subList(1, 4)))).isEqualTo(6);
            assertThat(spool.append(1, bodies(records.subList(4, 5)))).isEqualTo(9);
        }
        assertThat(directory.resolve("0000000000000000005.seg")).hasBinaryContent(fixture());
    }

    @Test
    void frameIsWhatTheJavadocDraws() throws IOException {
        byte[] group = new byte[Frame.HEADER_BYTES + 9];
        System.arraycopy(fixture(), 0, group, 0, group.length);
        int crc = ByteBuffer.wrap(group).getInt(Frame.CRC_AT);

        assertThat(HexFormat.of().formatHex(group)).isEqualTo(String.format(ONE_GROUP, crc));
    }

    private static List<byte[]> records() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return List.of(bytes("first"), new byte[0], all, bytes("åäö"), bytes("last"));
    }

    private static List<ByteBuffer> bodies(List<byte[]> records) {
        List<ByteBuffer> bodies = new ArrayList<>();
        for (byte[] record : records) {
            bodies.add(ByteBuffer.allocate(4).putInt(record.length).flip());
            bodies.add(ByteBuffer.wrap(record));
        }
        return bodies;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] fixture() throws IOException {
        try (InputStream file = SpoolFormatTest.class.getResourceAsStream("/spool/format-1.seg")) {
            assertThat(file).isNotNull();
            return file.readAllBytes();
        }
    }

    private Spool open(long atLeast) throws IOException {
        return Spool.open(Groups.options(directory), atLeast, atLeast == 0 ? metrics : SpoolMetrics.NONE);
    }
}
