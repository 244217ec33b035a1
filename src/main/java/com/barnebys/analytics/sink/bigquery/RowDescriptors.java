package com.barnebys.analytics.sink.bigquery;

import com.google.cloud.bigquery.storage.v1.ProtoSchema;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;

/**
 * How a table's rows are written, as the Storage Write API wants it told on each connection: the field numbers of
 * {@link com.barnebys.analytics.event.TableSchema}, the table's columns, nothing else to look up.
 *
 * <p>A descriptor without a syntax is proto2: a field that is absent is NULL, {@code false} and {@code ""} are values.
 * Which protobuf type a column takes: cloud.google.com/bigquery/docs/supported-data-types (DATETIME: int64, packed).
 */
final class RowDescriptors {
    private RowDescriptors() {}

    static ProtoSchema schema(TableShape shape) {
        return ProtoSchema.newBuilder().setProtoDescriptor(descriptor(shape)).build();
    }

    static DescriptorProto descriptor(TableShape shape) {
        DescriptorProto.Builder row = DescriptorProto.newBuilder().setName("Row");
        for (TableShape.Target target : shape.targets()) {
            row.addField(FieldDescriptorProto.newBuilder()
                    .setName(target.column().name())
                    .setNumber(target.column().field())
                    .setLabel(Label.LABEL_OPTIONAL)
                    .setType(type(target.type())));
        }
        return row.build();
    }

    private static FieldDescriptorProto.Type type(TableShape.TargetType type) {
        return switch (type) {
            case STRING -> FieldDescriptorProto.Type.TYPE_STRING;
            case BOOL -> FieldDescriptorProto.Type.TYPE_BOOL;
            case INT64, DATETIME, TIMESTAMP -> FieldDescriptorProto.Type.TYPE_INT64;
        };
    }
}
