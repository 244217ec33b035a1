package com.barnebys.analytics.delivery;

import static com.barnebys.analytics.sink.ParkReason.MALFORMED_ROW;
import static com.barnebys.analytics.sink.ParkReason.REFUSED_ROW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.SampleRows;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void place() {
        file = directory.resolve("deadletter/parked.ndjson");
    }

    private DeadLetters open() throws IOException {
        return open(1 << 20, LineFile::open);
    }

    private DeadLetters open(long bytesMax, DurableLines.Opener opener) throws IOException {
        return DeadLetters.open(directory, Clock.fixed(SampleRows.TIME, ZoneOffset.UTC), bytesMax, opener);
    }

    private static void park(DeadLetters letters, long sequence, byte[] record, String detail) throws IOException {
        byte[] buffer = new byte[record.length + 9];
        System.arraycopy(record, 0, buffer, 4, record.length);
        letters.park(sequence, buffer, 4, record.length, MALFORMED_ROW, detail);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void aRowIsOneLineOfJson() throws Exception {
        byte[] record = SampleRows.record("click", "p");
        try (DeadLetters letters = open()) {
            letters.park(17, record, 0, record.length, REFUSED_ROW, "too large");
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(1);
        JsonObject line = new JsonObject(lines.get(0));
        assertThat(line.fieldNames()).containsExactly("time", "sequence", "kind", "reason", "detail", "row");
        assertThat(line.getString("time")).isEqualTo("2026-11-23T18:01:08.243Z");
        assertThat(line.getLong("sequence")).isEqualTo(17);
        assertThat(line.getString("kind")).isEqualTo("click");
        assertThat(line.getString("reason")).isEqualTo("REFUSED_ROW");
        assertThat(line.getString("detail")).isEqualTo("too large");
        assertThat(line.getString("row")).isEqualTo(base64(record));
    }

    @Test
    void whateverIsInARowStaysOneLine() throws Exception {
        String detail = "a \"quote\"\n\r\u2028 \\ \u0000 ö 😀 \ud800";
        try (DeadLetters letters = open()) {
            park(letters, 1, new byte[] {3, 'a', '\n', '"'}, detail);
            park(letters, 2, new byte[0], detail);
            park(letters, 3, SampleRows.MALFORMED, detail);
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        assertThat(new JsonObject(lines.get(0)).getString("detail"))
                .startsWith("a \"quote\"\n\r\u2028 \\ \u0000 ö 😀 ");
        assertThat(new JsonObject(lines.get(0)).getValue("kind")).isNull();
        assertThat(new JsonObject(lines.get(0)).getString("row")).isEqualTo(base64(new byte[] {3, 'a', '\n', '"'}));
        assertThat(new JsonObject(lines.get(1)).getValue("kind")).isNull();
        assertThat(new JsonObject(lines.get(2)).getString("kind")).isEqualTo("click");
    }

    @Test
    void aTornLineIsEndedSoThatTheNextOneStandsByItself() throws Exception {
        try (DeadLetters letters = open()) {
            park(letters, 1, SampleRows.MALFORMED, "x");
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 5));

        try (DeadLetters letters = open()) {
            park(letters, 2, SampleRows.MALFORMED, "x");
        }
        try (DeadLetters letters = open()) {
            park(letters, 3, SampleRows.MALFORMED, "x");
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        assertThat(new JsonObject(lines.get(1)).getLong("sequence")).isEqualTo(2);
        assertThat(new JsonObject(lines.get(2)).getLong("sequence")).isEqualTo(3);
    }

    @Test
    void aFullFileIsRolled() throws Exception {
        try (DeadLetters letters = open(400, LineFile::open)) {
            for (int i = 0; i < 6; i++) {
                park(letters, i, SampleRows.MALFORMED, "x");
            }
        }
        try (DeadLetters letters = open(400, LineFile::open)) {
            park(letters, 6, SampleRows.MALFORMED, "x");
            park(letters, 7, SampleRows.MALFORMED, "x");
        }

        List<String> files = new ArrayList<>();
        List<Long> sequences = new ArrayList<>();
        for (String name : new String[] {"parked-1.ndjson", "parked-2.ndjson", "parked-3.ndjson", "parked.ndjson"}) {
            Path path = file.resolveSibling(name);
            if (Files.exists(path)) {
                files.add(name);
                assertThat(Files.size(path)).isLessThanOrEqualTo(400);
                Files.readAllLines(path).forEach(line -> sequences.add(new JsonObject(line).getLong("sequence")));
            }
        }
        assertThat(files).hasSizeGreaterThan(2).contains("parked-1.ndjson", "parked.ndjson");
        assertThat(sequences).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    }

    @Test
    void aLineIsOnTheDiskBeforeParkReturns() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (DeadLetters letters = open(1 << 20, disk)) {
            park(letters, 1, SampleRows.MALFORMED, "x");
            assertThat(disk.calls).containsExactly("force", "append", "force");
        }
    }

    @Test
    void manyRowsAreOneWriteAndOneForce() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        RowBatch batch = SampleRows.clicks(100, 5);
        try (DeadLetters letters = open(1 << 20, disk)) {
            letters.park(batch, new TreeMap<>(Map.of(3, "not this", 1, "nor that")), REFUSED_ROW);
            assertThat(disk.calls).containsExactly("force", "append", "force");
        }

        List<JsonObject> lines =
                Files.readAllLines(file).stream().map(JsonObject::new).toList();
        assertThat(lines).extracting(line -> line.getLong("sequence")).containsExactly(101L, 103L);
        assertThat(lines).extracting(line -> line.getString("detail")).containsExactly("nor that", "not this");
        assertThat(lines.get(1).getString("row"))
                .isEqualTo(
                        base64(Arrays.copyOfRange(batch.buffer(), batch.offset(3), batch.offset(3) + batch.length(3))));
    }

    @Test
    void ofManyRowsNoneIsKeptWhereTheDiskFailsInTheMiddle() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (DeadLetters letters = open(1 << 20, disk)) {
            park(letters, 1, SampleRows.MALFORMED, "x");
            disk.failAppend = true;
            assertThatThrownBy(() -> letters.park(
                            SampleRows.clicks(100, 5), new TreeMap<>(Map.of(0, "x", 1, "x", 2, "x")), REFUSED_ROW))
                    .hasMessage("no space left on device");
        }

        assertThat(Files.readAllLines(file)).hasSize(1);
    }

    @Test
    void aLineThatFailedIsCutOffAndTheNextTryIsWhole() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (DeadLetters letters = open(1 << 20, disk)) {
            park(letters, 1, SampleRows.MALFORMED, "x");
            disk.failAppend = true;
            assertThatThrownBy(() -> park(letters, 2, SampleRows.MALFORMED, "x"))
                    .hasMessage("no space left on device");
            disk.failForce = true;
            assertThatThrownBy(() -> park(letters, 2, SampleRows.MALFORMED, "x"))
                    .hasMessage("input/output error");

            park(letters, 2, SampleRows.MALFORMED, "x");
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(2);
        assertThat(new JsonObject(lines.get(1)).getLong("sequence")).isEqualTo(2);
    }

    @Test
    void whatCannotBeCutOffIsEndedAtTheNextTry() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (DeadLetters letters = open(1 << 20, disk)) {
            disk.failAppend = true;
            disk.failTruncate = true;
            assertThatThrownBy(() -> park(letters, 1, SampleRows.MALFORMED, "x"))
                    .isInstanceOf(IOException.class);

            park(letters, 1, SampleRows.MALFORMED, "x");
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(2);
        assertThat(new JsonObject(lines.get(1)).getLong("sequence")).isEqualTo(1);
    }

    @Test
    void aPlaceThatCannotBeWrittenIsFoundOutAtTheStart() throws Exception {
        Files.createDirectories(file);

        assertThatThrownBy(() -> open()).isInstanceOf(IOException.class);
    }

    /** A real file that fails once when told to, half a line written. */
    private static final class FaultyDisk implements DurableLines.Opener {
        final List<String> calls = new ArrayList<>();
        boolean failAppend;
        boolean failForce;
        boolean failTruncate;

        @Override
        public LineFile open(Path path) throws IOException {
            LineFile real = LineFile.open(path);
            return new LineFile() {
                @Override
                public long size() throws IOException {
                    return real.size();
                }

                @Override
                public boolean endsWithNewline() throws IOException {
                    return real.endsWithNewline();
                }

                @Override
                public void append(byte[] bytes) throws IOException {
                    calls.add("append");
                    if (failAppend) {
                        failAppend = false;
                        real.append(Arrays.copyOf(bytes, bytes.length / 2));
                        throw new IOException("no space left on device");
                    }
                    real.append(bytes);
                }

                @Override
                public void truncate(long size) throws IOException {
                    if (failTruncate) {
                        failTruncate = false;
                        throw new IOException("read-only");
                    }
                    real.truncate(size);
                }

                @Override
                public void force() throws IOException {
                    calls.add("force");
                    if (failForce) {
                        failForce = false;
                        throw new IOException("input/output error");
                    }
                    real.force();
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }
    }
}
