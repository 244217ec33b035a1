package com.barnebys.analytics.sink.bigquery.fake;

import com.google.cloud.bigquery.storage.v1.TableFieldSchema;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Locale;

/**
 * The column types it knows, under the names tables.get has for them. Which proto types each takes: "Supported data
 * types" of the Storage Write API's documentation.
 */
enum FakeType {
    STRING(TableFieldSchema.Type.STRING),
    BYTES(TableFieldSchema.Type.BYTES),
    BOOLEAN(TableFieldSchema.Type.BOOL),
    INTEGER(TableFieldSchema.Type.INT64),
    FLOAT(TableFieldSchema.Type.DOUBLE),
    DATE(TableFieldSchema.Type.DATE),
    DATETIME(TableFieldSchema.Type.DATETIME),
    TIMESTAMP(TableFieldSchema.Type.TIMESTAMP),
    JSON(TableFieldSchema.Type.JSON);

    private final TableFieldSchema.Type storage;

    FakeType(TableFieldSchema.Type storage) {
        this.storage = storage;
    }

    /** By either of its names. */
    static FakeType named(String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "BOOL" -> BOOLEAN;
            case "INT64" -> INTEGER;
            case "FLOAT64" -> FLOAT;
            default -> valueOf(name.toUpperCase(Locale.ROOT));
        };
    }

    TableFieldSchema.Type storage() {
        return storage;
    }

    boolean isTime() {
        return this == DATE || this == DATETIME || this == TIMESTAMP;
    }

    boolean takes(FieldDescriptor.Type wire) {
        boolean isInteger = wire == FieldDescriptor.Type.INT32
                || wire == FieldDescriptor.Type.INT64
                || wire == FieldDescriptor.Type.UINT32;
        return switch (this) {
            case STRING -> wire == FieldDescriptor.Type.STRING || wire == FieldDescriptor.Type.ENUM;
            case BYTES -> wire == FieldDescriptor.Type.BYTES;
            case BOOLEAN -> wire == FieldDescriptor.Type.BOOL || isInteger;
            case INTEGER -> isInteger;
            case FLOAT -> wire == FieldDescriptor.Type.DOUBLE || wire == FieldDescriptor.Type.FLOAT;
            case DATE -> wire == FieldDescriptor.Type.INT32;
            case DATETIME -> wire == FieldDescriptor.Type.INT64 || wire == FieldDescriptor.Type.STRING;
            case TIMESTAMP -> wire == FieldDescriptor.Type.INT64;
            case JSON -> wire == FieldDescriptor.Type.STRING;
        };
    }

    /**
     * What a value of a row becomes; strings come as their bytes.
     *
     * @throws IllegalArgumentException when it is none of this type
     * @throws DateTimeException likewise
     */
    Object fromWire(Object wire) {
        return switch (this) {
            case STRING, JSON -> wire instanceof EnumValueDescriptor e ? e.getName() : text((ByteString) wire);
            case BYTES -> wire;
            case BOOLEAN -> wire instanceof Boolean ? wire : (Object) (((Number) wire).longValue() != 0);
            case INTEGER -> ((Number) wire).longValue();
            case FLOAT -> ((Number) wire).doubleValue();
            case DATE -> inRange(LocalDate.ofEpochDay((Integer) wire));
            case DATETIME -> wire instanceof ByteString bytes ? datetime(text(bytes)) : civil((Long) wire);
            case TIMESTAMP -> instant((Long) wire);
        };
    }

    /** What a value of insertAll becomes; throws as {@link #fromWire} does. */
    Object fromJson(Object json) {
        String text = json.toString();
        return switch (this) {
            case STRING, JSON -> text;
            case BYTES -> ByteString.copyFrom(Base64.getDecoder().decode(text));
            case BOOLEAN -> {
                require(text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"), text);
                yield Boolean.valueOf(text);
            }
            case INTEGER -> Long.valueOf(text);
            case FLOAT -> Double.valueOf(text);
            case DATE -> inRange(LocalDate.parse(text));
            case DATETIME -> datetime(text);
            case TIMESTAMP -> OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
        };
    }

    private static String text(ByteString bytes) {
        require(bytes.isValidUtf8(), "not valid UTF-8");
        return bytes.toStringUtf8();
    }

    /** A literal without zone. */
    private static LocalDateTime datetime(String literal) {
        LocalDateTime time = LocalDateTime.parse(literal.replace(' ', 'T'));
        inRange(time.toLocalDate());
        return time;
    }

    /** CivilTimeEncoder, "Packed64DatetimeMicros". Whatever the bits say beyond the ranges is refused. */
    private static LocalDateTime civil(long packed) {
        LocalDateTime time = LocalDateTime.of(
                (int) (packed >> 46),
                (int) (packed >> 42 & 0xF),
                (int) (packed >> 37 & 0x1F),
                (int) (packed >> 32 & 0x1F),
                (int) (packed >> 26 & 0x3F),
                (int) (packed >> 20 & 0x3F),
                (int) (packed & 0xFFFFF) * 1000);
        inRange(time.toLocalDate());
        return time;
    }

    private static Instant instant(long micros) {
        Instant instant =
                Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000L);
        inRange(LocalDate.ofEpochDay(Math.floorDiv(instant.getEpochSecond(), 86_400L)));
        return instant;
    }

    private static LocalDate inRange(LocalDate date) {
        require(date.getYear() >= 1 && date.getYear() <= 9999, date.toString());
        return date;
    }

    private static void require(boolean isValid, String message) {
        if (!isValid) {
            throw new IllegalArgumentException(message);
        }
    }
}
