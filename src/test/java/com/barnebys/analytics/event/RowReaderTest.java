package com.barnebys.analytics.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {
    private final byte[] record = record();

    private static byte[] record() {
        EventBuffer buffer = new EventBuffer(16);
        TrackEvent event = new TrackEvent(
                "click",
                "programme",
                true,
                "https://h/å",
                "10.0.0.0",
                "agent".repeat(40),
                "1",
                "2",
                "3",
                "4",
                "5",
                true,
                "deal",
                1_795_456_868_243L,
                true,
                new TrackEvent.Click("widget", true));
        new EventWriter(new EventIds(() -> 0)).write(event, buffer);
        return Arrays.copyOfRange(buffer.bytes, 4, buffer.size());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, no table",
                "00, a table without a name",
                "01, a name that is missing",
                "0561, a name cut off",
                "ff61, a negative length",
                "80, a negative length",
                "0161 08, a number cut off",
                "0161 10, a number missing",
                "0161 10 80, a number cut off",
                "0161 10 80808080808080808080, a number without an end",
                "0161 10 8080808080808080808001, a number of eleven bytes",
                "0161 0a, a length missing",
                "0161 0a 01, a value missing",
                "0161 0a 05 6162, a value cut off",
                "0161 0a ffffffff0f 61, a length above the record",
                "0161 0a ffffffffffffffffff01 61, a negative length",
                "0161 0a ffffffffffffffff7f 61, a huge length",
                "0161 08 01, a number in a text column",
                "0161 12 00, a text in a boolean column",
                "0161 6a 00, a text in a datetime column",
                "0161 09 0000000000000000, wire type 1",
                "0161 0b, wire type 3",
                "0161 0c, wire type 4",
                "0161 0d 00000000, wire type 5",
                "0161 0e 00, wire type 6",
                "0161 0f 00, wire type 7",
                "0161 00 01, field number 0",
                "0161 8080808080808001 00, a field number beyond 29 bits",
                "0161 908080808001 01, a field number that wraps to column lead",
                "0161 8a8080808001 0161, a field number that wraps to column programId",
                "0161 68 00, no date",
                "0161 68 ffffffffffffffffff01, no date",
                "0161 68 ffffffffffffffff7f, no date",
            })
    void theseAreNoRows(String hex, String why) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

        assertThatExceptionOfType(MalformedRowException.class)
                .as(why)
                .isThrownBy(() -> new RowReader().read(bytes, 0, bytes.length));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0161",
                "0161 900201",
                "0161 920200",
                "0161 92020161 1001",
                "0161 f8ffffff0f01 1001",
                "0161 1001 1001"
            })
    void fieldsOfANewerVersionArePassedOver(String hex) throws MalformedRowException {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        RowReader reader = new RowReader();

        reader.read(bytes, 0, bytes.length);

        assertThat(reader.table()).isEqualTo("a");
        assertThat(reader.value(reader.schema().indexOf("lead"))).isEqualTo(hex.endsWith("1001") ? true : null);
        assertThat(reader.value(0)).isNull();
    }

    @Test
    void everyTruncationIsARowOrMalformed() {
        for (int length = 0; length < record.length; length++) {
            // In an array of its own, and with more bytes behind it that are not the record's.
            isRowOrMalformed(Arrays.copyOf(record, length), 0, length);
            isRowOrMalformed(record, 0, length);
        }
    }

    @Test
    void everyFlippedBitAndEveryOtherByteIsARowOrMalformed() {
        for (int at = 0; at < record.length; at++) {
            for (int b = 0; b < 256; b++) {
                byte[] changed = record.clone();
                changed[at] = (byte) b;
                isRowOrMalformed(changed, 0, changed.length);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomBytesAreARowOrMalformed(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 2 && random.nextBoolean()) {
                bytes[0] = 1;
            }
            int offset = random.nextInt(bytes.length + 1);
            isRowOrMalformed(bytes, 0, bytes.length);
            isRowOrMalformed(bytes, offset, bytes.length - offset);
        }
    }

    /** A row is one whose values have the types of their columns, and can be shown. */
    private static void isRowOrMalformed(byte[] bytes, int offset, int length) {
        RowReader reader = new RowReader();
        try {
            reader.read(bytes, offset, length);
        } catch (MalformedRowException e) {
            return;
        }
        for (int i = 0; i < reader.schema().size(); i++) {
            Object value = reader.value(i);
            if (value != null) {
                Class<?> type = switch (reader.schema().column(i).type()) {
                    case TEXT -> String.class;
                    case BOOLEAN -> Boolean.class;
                    case DATETIME -> Long.class;
                };
                assertThat(value).isInstanceOf(type);
                if (value instanceof Long time) {
                    long millis = CivilTime.unpack(time).toEpochMilli();
                    assertThat(time - CivilTime.pack(millis)).isBetween(0L, 999L);
                    assertThat(CivilTime.format(time)).matches("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}[.][0-9]{3}");
                }
            }
        }
        assertThat(reader.table()).isNotEmpty();
        assertThat(RowReader.rowOffset(bytes, offset)).isLessThanOrEqualTo(offset + length);
    }

    @Test
    void aReaderGoesOnBehindAMalformedRow() throws MalformedRowException {
        RowReader reader = new RowReader();
        byte[] bytes = HexFormat.of().parseHex("0276771000" + "0aff");
        assertThatExceptionOfType(MalformedRowException.class).isThrownBy(() -> reader.read(bytes, 0, bytes.length));

        reader.read(record, 0, record.length);

        assertThat(reader.table()).isEqualTo("click");
        assertThat(reader.value(0)).isEqualTo("programme");
    }
}
