package com.barnebys.analytics.sink.bigquery.fake;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.DateTimeException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the rows of one connection: its writer schema, held against the columns of the table when it was opened. */
final class RowDecoder {
    private final Descriptor descriptor;
    private final List<FakeColumn> columns;

    /** The field of each column, null where the writer has none. */
    private final @Nullable FieldDescriptor[] fields;

    private RowDecoder(Descriptor descriptor, List<FakeColumn> columns, @Nullable FieldDescriptor[] fields) {
        this.descriptor = descriptor;
        this.columns = columns;
        this.fields = fields;
    }

    /** Refuses a writer that does not fit the columns. */
    static RowDecoder of(DescriptorProto writer, String entity, List<FakeColumn> columns) throws Refusal {
        Descriptor declared = build(writer);
        Descriptor descriptor = build(withStringsAsBytes(writer));
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            places.put(columns.get(i).name().toLowerCase(Locale.ROOT), i);
        }
        @Nullable FieldDescriptor[] fields = new FieldDescriptor[columns.size()];
        for (FieldDescriptor field : declared.getFields()) {
            Integer place = places.get(field.getName().toLowerCase(Locale.ROOT));
            if (place == null) {
                throw Refusal.extraField(entity, field.getName());
            }
            if (fields[place] != null) {
                throw Refusal.invalid("The proto has more than one field " + field.getName());
            }
            checkType(declared, field, columns.get(place));
            fields[place] = descriptor.findFieldByNumber(field.getNumber());
        }
        for (int i = 0; i < fields.length; i++) {
            if (columns.get(i).isRequired() && fields[i] == null) {
                throw Refusal.invalid(
                        "The required field " + columns.get(i).name() + " is missing in the proto message");
            }
        }
        return new RowDecoder(descriptor, columns, fields);
    }

    private static void checkType(Descriptor writer, FieldDescriptor field, FakeColumn column) throws Refusal {
        if (field.isRepeated() || !column.type().takes(field.getType())) {
            throw Refusal.invalid("The proto field mismatched with BigQuery field at " + writer.getName() + "."
                    + field.getName() + ", the proto field type "
                    + (field.isRepeated() ? "repeated " : "")
                    + field.getType().name().toLowerCase(Locale.ROOT)
                    + ", BigQuery field type " + column.type());
        }
    }

    /** In a file of its own, of proto2 since it says nothing else: whatever it names must be in it. */
    private static Descriptor build(DescriptorProto writer) throws Refusal {
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("writer_schema")
                .addMessageType(writer)
                .build();
        try {
            return FileDescriptor.buildFrom(file, new FileDescriptor[0])
                    .getMessageTypes()
                    .get(0);
        } catch (DescriptorValidationException e) {
            throw Refusal.invalid("Invalid proto schema: " + e.getMessage());
        }
    }

    /** Proto2 reads invalid UTF-8 as replacement characters; as bytes they can be told. */
    private static DescriptorProto withStringsAsBytes(DescriptorProto writer) {
        DescriptorProto.Builder builder = writer.toBuilder();
        for (FieldDescriptorProto.Builder field : builder.getFieldBuilderList()) {
            if (field.getType() == FieldDescriptorProto.Type.TYPE_STRING) {
                field.setType(FieldDescriptorProto.Type.TYPE_BYTES);
            }
        }
        return builder.build();
    }

    /**
     * The values by the place of their columns; null where the row has none.
     *
     * @throws BadRowException when the row is read but not taken
     * @throws Refusal when it is no message
     */
    @Nullable Object[] decode(ByteString row) throws Refusal, BadRowException {
        DynamicMessage message;
        try {
            message = DynamicMessage.newBuilder(descriptor).mergeFrom(row).buildPartial();
        } catch (InvalidProtocolBufferException e) {
            throw Refusal.invalid("Rows must be serialized messages of the writer schema: " + e.getMessage());
        }
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new BadRowException(
                    "Unknown fields " + message.getUnknownFields().asMap().keySet());
        }
        if (!message.isInitialized()) {
            throw new BadRowException("Missing fields " + message.getInitializationErrorString());
        }
        @Nullable Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            FieldDescriptor field = fields[i];
            FakeColumn column = columns.get(i);
            if (field != null && message.hasField(field)) {
                values[i] = value(column, message.getField(field));
            } else if (column.isRequired()) {
                throw new BadRowException("Field " + column.name() + " is required");
            }
        }
        return values;
    }

    private static Object value(FakeColumn column, Object wire) throws BadRowException {
        try {
            return column.type().fromWire(wire);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new BadRowException(
                    "Invalid " + column.type() + " value on field " + column.name() + ": " + e.getMessage());
        }
    }

    /** One row will never be taken. */
    static final class BadRowException extends Exception {
        private static final long serialVersionUID = 1L;

        BadRowException(String message) {
            super(message, null, false, false);
        }
    }
}
