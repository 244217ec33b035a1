package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.MalformedRowException;
import com.barnebys.analytics.event.RowReader;
import com.barnebys.analytics.sink.RowBatch;
import com.google.cloud.bigquery.storage.v1.ProtoRows;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a block of rows into what the Storage Write API takes. One thread; what it hands out is its own, so the batch may
 * be used again at once.
 *
 * <p>A row in the spool is already the message a table of our own columns takes, and goes out as it is. Only for a table
 * that lacks columns or has other types is each row decoded and written again.
 *
 * <p>The bytes of a block are copied, once for the whole block. Google's client goes on holding a request after we have
 * given up on it, and may send it again on a new connection: a batch filled with other rows by then would be stored at
 * the old rows' offset, and nothing would tell. The copy is 0.05 us for a row of 370 bytes, an eighth of what sending it
 * costs.
 */
final class RowConverter {
    private static final int ROW_BYTES = 512;

    private final TableShape shape;
    private final boolean isNative;
    private final ShapedRow row;

    RowConverter(TableShape shape) {
        this.shape = shape;
        isNative = shape.isNative();
        row = new ShapedRow(shape);
    }

    /**
     * A block ready to be sent, if no row is malformed.
     *
     * @param malformed by place of the row in the block, counted from 0; what is wrong with it
     * @param dropped how many values are left out, since the table has no column for them
     */
    record Converted(ProtoRows rows, Map<Integer, String> malformed, long dropped) {}

    Converted convert(RowBatch batch) {
        List<ByteString> rows = new ArrayList<>(batch.rows());
        Map<Integer, String> malformed = new HashMap<>();
        long dropped = 0;
        byte[] block = isNative ? Arrays.copyOf(batch.buffer(), batch.size()) : new byte[0];
        for (int i = 0; i < batch.rows(); i++) {
            try {
                rows.add(isNative ? asItIs(batch, i, block) : encoded(batch, i));
                dropped += isNative ? 0 : row.dropped();
            } catch (MalformedRowException e) {
                malformed.put(i, e.getMessage());
            }
        }
        return new Converted(ProtoRows.newBuilder().addAllSerializedRows(rows).build(), malformed, dropped);
    }

    private ByteString asItIs(RowBatch batch, int i, byte[] block) throws MalformedRowException {
        int offset = batch.offset(i);
        int end = offset + batch.length(i);
        int start = offset == end ? offset : RowReader.rowOffset(block, offset);
        if (start <= offset + 1 || start > end) {
            row.read(batch, i); // No table name: this throws and says so.
        }
        return UnsafeByteOperations.unsafeWrap(block, start, end - start);
    }

    private ByteString encoded(RowBatch batch, int i) throws MalformedRowException {
        row.read(batch, i);
        ByteString.Output bytes = ByteString.newOutput(ROW_BYTES);
        try {
            CodedOutputStream fields = CodedOutputStream.newInstance(bytes, ROW_BYTES);
            for (TableShape.Target target : shape.targets()) {
                int field = target.column().field();
                Object value = row.value(target);
                if (value instanceof String text) {
                    fields.writeString(field, text);
                } else if (value instanceof Boolean bool) {
                    fields.writeBool(field, bool);
                } else if (value instanceof Long number) {
                    fields.writeInt64(field, number);
                }
            }
            fields.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written to", e);
        }
        return bytes.toByteString();
    }
}
