package com.barnebys.analytics.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventWriterTest {
    private static final long NOW = Instant.parse("2026-11-23T18:01:08.243Z").toEpochMilli();
    /** What the ids of these tests look like: the time, the first of its millisecond, no randomness. */
    private static final String ID = "%08x-%04x-7000-8000-000000000000".formatted(NOW >>> 16, NOW & 0xFFFF);

    private final EventWriter writer = new EventWriter(new EventIds(() -> 0));

    /** A proto2 message written by hand: field number and wire type, then the value; 0 and "" are written, null is not. */
    @Test
    void aClickIsThisMessage() throws MalformedRowException {
        TrackEvent event = event("click", "é", null, "", new TrackEvent.Click("w", true));

        String expected = "0a 02 c3a9" // 1 programId
                + "10 00" // 2 lead
                + "1a 00" // 3 url
                + "22 09 3132372e302e302e30" // 4 clientIP
                + "2a 00" // 5 userAgent
                + "32 01 31" // 6 dimension1
                + "3a 00 42 00 4a 00 52 00" // 7 to 10
                + "58 01" // 11 isSponsored
                + "68" + varint(CivilTime.pack(NOW)) // 13 timestamp; 12 dealType is null
                + "70 00" // 14 hasUTMTag
                + "7a 01 77" // 15 source
                + "8001 01" // 16 hasFingerprint
                + "8a01 24" + hex(ID); // 17 eventId
        assertThat(row(event)).isEqualTo(expected.replace(" ", ""));
    }

    @Test
    void otherKindsHaveNoColumnsOfAClickAndNullIsAbsent() throws MalformedRowException {
        TrackEvent event =
                new TrackEvent("view", "", true, "", null, null, "", "", "", "", "", false, "", NOW, true, null);

        String expected = "0a00 1001 1a00 3200 3a00 4200 4a00 5200 5800 6200"
                + "68" + varint(CivilTime.pack(NOW))
                + "7001"
                + "8a0124" + hex(ID);
        assertThat(row(event)).isEqualTo(expected.replace(" ", ""));
    }

    @Test
    void aConversionEventIsThisMessage() throws MalformedRowException {
        ConversionEvent event = conversion("https://é", "1.2.3.0", "ua", "f", null);

        String expected = "0a 01 70" // 1 programId
                + "12 0a 68747470733a2f2fc3a9" // 2 url
                + "1a 07 312e322e332e30" // 3 clientIP
                + "22 02 7561" // 4 userAgent
                + "2a 01 63 32 01 61 3a 01 6c 42 01 76 4a 00" // 5 category, action, label, value, currency
                + "52 05 6f74686572" // 10 source
                + "5a 01 66" // 11 sessionId
                + "60" + varint(CivilTime.pack(NOW)) // 12 timestamp
                + "6a 24" + hex(ID); // 13 eventId
        assertThat(row(event)).isEqualTo(expected.replace(" ", ""));
    }

    @Test
    void whatAConversionEventDoesNotSayIsAbsentAndAnIdItHasIsKept() throws MalformedRowException {
        String id = "01234567-89ab-8def-8123-456789abcdef";

        String row = row(conversion(null, null, null, null, id));

        assertThat(row)
                .isEqualTo(("0a 01 70 2a 01 63 32 01 61 3a 01 6c 42 01 76 4a 00 52 05 6f74686572 60"
                                + varint(CivilTime.pack(NOW)) + "6a 24" + hex(id))
                        .replace(" ", ""));
    }

    @Test
    void aConversionEventIsReadBackFromItsOwnTable() throws MalformedRowException {
        EventBuffer buffer = new EventBuffer(1);
        writer.write(conversion("u\0\ud800", null, "\u20ac", "f", null), buffer);
        RowReader reader = new RowReader();

        reader.read(buffer.bytes, 4, buffer.size() - 4);

        assertThat(buffer.count()).isEqualTo(1);
        assertThat(reader.table()).isEqualTo("events");
        assertThat(reader.schema()).isSameAs(TableSchema.EVENTS);
        assertThat(reader.value(TableSchema.EVENTS.indexOf("url"))).isEqualTo("u\uFFFD");
        assertThat(reader.value(TableSchema.EVENTS.indexOf("userAgent"))).isEqualTo("\u20ac");
        assertThat(reader.value(TableSchema.EVENTS.indexOf("clientIP"))).isNull();
        assertThat(reader.value(TableSchema.EVENTS.indexOf("action"))).isEqualTo("a");
    }

    private static ConversionEvent conversion(
            @Nullable String url,
            @Nullable String clientIp,
            @Nullable String userAgent,
            @Nullable String sessionId,
            @Nullable String eventId) {
        return new ConversionEvent(
                "p", url, clientIp, userAgent, "c", "a", "l", "v", "", "other", sessionId, NOW, eventId);
    }

    private String row(ConversionEvent event) throws MalformedRowException {
        EventBuffer buffer = new EventBuffer(16);
        writer.write(event, buffer);
        int offset = RowReader.rowOffset(buffer.bytes, 4);
        return HexFormat.of().formatHex(buffer.bytes, offset, buffer.size());
    }

    /** Written as documents describe a varint, not as the writer does it. */
    private static String varint(long value) {
        String bits = Long.toBinaryString(value);
        StringBuilder hex = new StringBuilder();
        for (int end = bits.length(); end > 0; end -= 7) {
            int group = Integer.parseInt(bits.substring(Math.max(0, end - 7), end), 2);
            hex.append("%02x".formatted(end > 7 ? group | 0x80 : group));
        }
        return hex.toString();
    }

    private String row(TrackEvent event) throws MalformedRowException {
        EventBuffer buffer = new EventBuffer(16);
        writer.write(event, buffer);
        int offset = RowReader.rowOffset(buffer.bytes, 4);
        return HexFormat.of().formatHex(buffer.bytes, offset, buffer.size());
    }

    private static String hex(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void recordsStandOneBehindTheOther() throws MalformedRowException {
        EventBuffer buffer = new EventBuffer(1);
        writer.write(event("click", "1", null, "", null), buffer);
        writer.write(event("a_longer_table_name_with_0123456789", "2", null, "", null), buffer);
        writer.write(event("view", "3", null, "x".repeat(5000), null), buffer);

        assertThat(buffer.count()).isEqualTo(3);
        ByteBuffer records = buffer.toByteBuffer();
        assertThat(records.remaining()).isEqualTo(buffer.size());
        RowReader reader = new RowReader();
        String[][] expected = {{"click", "1"}, {"a_longer_table_name_with_0123456789", "2"}, {"view", "3"}};
        for (String[] row : expected) {
            int length = records.getInt();
            reader.read(buffer.bytes, records.position(), length);
            assertThat(reader.table()).isEqualTo(row[0]);
            assertThat(RowReader.table(buffer.bytes, records.position(), length))
                    .isEqualTo(row[0]);
            assertThat(value(reader, "programId")).isEqualTo(row[1]);
            records.position(records.position() + length);
        }
        assertThat(records.hasRemaining()).isFalse();
    }

    @Test
    void everyColumnComesBack() throws MalformedRowException {
        TrackEvent event = new TrackEvent(
                "click",
                "p 1",
                true,
                "https://h/å",
                "10.0.0.0",
                "Mozilla/5.0 (X; \"q\")",
                "日本",
                "😀",
                "\t",
                "d4",
                "d5",
                true,
                "deal",
                NOW,
                true,
                new TrackEvent.Click("widget", true));

        RowReader reader = read(event);

        assertThat(reader.schema().columns())
                .extracting(c -> value(reader, c.name()))
                .containsExactly(
                        "p 1",
                        true,
                        "https://h/å",
                        "10.0.0.0",
                        "Mozilla/5.0 (X; \"q\")",
                        "日本",
                        "😀",
                        "\t",
                        "d4",
                        "d5",
                        true,
                        "deal",
                        CivilTime.pack(NOW),
                        true,
                        "widget",
                        true,
                        ID);
    }

    @Test
    void nullComesBackAsNullAlsoBehindAFullRow() throws MalformedRowException {
        EventBuffer buffer = new EventBuffer(16);
        writer.write(event("click", "1", "deal", "", new TrackEvent.Click("w", true)), buffer);
        int second = buffer.size();
        writer.write(
                new TrackEvent("click", "1", false, "", null, null, "", "", "", "", "", false, null, NOW, false, null),
                buffer);
        RowReader reader = new RowReader();
        reader.read(buffer.bytes, 4, second - 4);

        reader.read(buffer.bytes, second + 4, buffer.size() - second - 4);

        for (String column : new String[] {"clientIP", "userAgent", "dealType", "source", "hasFingerprint"}) {
            assertThat(value(reader, column)).as(column).isNull();
        }
        assertThat(value(reader, "url")).isEqualTo("");
        assertThat(value(reader, "lead")).isEqualTo(false);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 8191, 8192, 8193, 16_384, 100_000})
    void aLongValueIsCutAt8192Bytes(int length) throws MalformedRowException {
        int kept = Math.min(length, 8192);

        assertThat(value(read(event("view", "1", null, "x".repeat(length), null)), "userAgent"))
                .isEqualTo("x".repeat(kept));
        assertThat(value(read(event("view", "1", null, "é".repeat(length), null)), "userAgent"))
                .isEqualTo("é".repeat(Math.min(length, 4096)));
        assertThat(value(read(event("view", "1", null, "日".repeat(length), null)), "userAgent"))
                .isEqualTo("日".repeat(Math.min(length, 2730)));
        assertThat(value(read(event("view", "1", null, "x" + "😀".repeat(length), null)), "userAgent"))
                .isEqualTo("x" + "😀".repeat(Math.min(length, 2047)));
        assertThat(value(read(event("view", "1", null, "\0".repeat(length) + "x", null)), "userAgent"))
                .isEqualTo("x");
    }

    @Test
    void secondsAreNotMixedUp() throws MalformedRowException {
        for (long millis : new long[] {NOW, NOW + 756, NOW + 757, NOW, 0, -1, -1000, -1001, NOW}) {
            TrackEvent event = new TrackEvent(
                    "view", "", false, "", null, null, "", "", "", "", "", false, null, millis, false, null);
            EventBuffer buffer = new EventBuffer(16);
            writer.write(event, buffer);
            RowReader reader = new RowReader();
            reader.read(buffer.bytes, 4, buffer.size() - 4);

            assertThat(value(reader, "timestamp")).isEqualTo(CivilTime.pack(millis));
        }
    }

    @Test
    void aLeadHasTheAffiliatesProgramAndAnIdOfItsOwn() throws MalformedRowException {
        TrackEvent hit = event("click", "shop", "deal", "agent", new TrackEvent.Click("w", true));

        TrackEvent lead = hit.leadOf("affiliate");

        assertThat(lead)
                .isEqualTo(new TrackEvent(
                        "click",
                        "affiliate",
                        true,
                        "",
                        "127.0.0.0",
                        "agent",
                        "1",
                        "",
                        "",
                        "",
                        "",
                        true,
                        "deal",
                        NOW,
                        false,
                        new TrackEvent.Click("w", false)));
        assertThat(event("view", "shop", null, "", null).leadOf("a").click()).isNull();
        assertThat(value(read(hit), "eventId")).isNotEqualTo(value(read(lead), "eventId"));
    }

    private RowReader read(TrackEvent event) throws MalformedRowException {
        EventBuffer buffer = new EventBuffer(16);
        writer.write(event, buffer);
        assertThat(buffer.toByteBuffer().getInt()).isEqualTo(buffer.size() - 4);
        RowReader reader = new RowReader();
        reader.read(buffer.bytes, 4, buffer.size() - 4);
        return reader;
    }

    private static @Nullable Object value(RowReader reader, String column) {
        return reader.value(reader.schema().indexOf(column));
    }

    private static TrackEvent event(
            String table,
            String programId,
            @Nullable String dealType,
            String userAgent,
            TrackEvent.@Nullable Click click) {
        return new TrackEvent(
                table,
                programId,
                false,
                "",
                "127.0.0.0",
                userAgent,
                "1",
                "",
                "",
                "",
                "",
                true,
                dealType,
                NOW,
                false,
                click);
    }
}
