package com.barnebys.analytics.sink.bigquery;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Map;
import java.util.TreeMap;

/** Reads rows the way BigQuery does: by nothing but the descriptor that came with them. */
final class Rows {
    private Rows() {}

    static Descriptor descriptor(DescriptorProto row) {
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("row.proto")
                .addMessageType(row)
                .build();
        try {
            return FileDescriptor.buildFrom(file, new FileDescriptor[0]).findMessageTypeByName(row.getName());
        } catch (DescriptorValidationException e) {
            throw new AssertionError(e);
        }
    }

    /** Values by column; a field the descriptor does not know is an error, NULL is left out. */
    static Map<String, Object> read(TableShape shape, ByteString row) {
        DynamicMessage message;
        try {
            message = DynamicMessage.parseFrom(descriptor(RowDescriptors.descriptor(shape)), row);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new AssertionError("fields without a column: " + message.getUnknownFields());
        }
        Map<String, Object> values = new TreeMap<>();
        message.getAllFields().forEach((field, value) -> values.put(field.getName(), value));
        return values;
    }
}
