package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.CivilTime;
import com.barnebys.analytics.event.Column;
import com.barnebys.analytics.event.ColumnType;
import com.barnebys.analytics.event.MalformedRowException;
import com.barnebys.analytics.event.RowReader;
import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.bigquery.TableShape.Target;
import com.barnebys.analytics.sink.bigquery.TableShape.TargetType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One row after another, its values as a table takes them. One thread; a row holds until the next {@link #read}. */
final class ShapedRow {
    private final RowReader reader = new RowReader();
    private final List<Column> lacking;

    ShapedRow(TableShape shape) {
        for (Target target : shape.targets()) {
            if (!canBecome(target.column().type(), target.type())) {
                throw new IllegalArgumentException("column " + target.column().name() + " of " + shape.table() + ": "
                        + target.type() + " (expected: a type that holds each "
                        + target.column().type() + ")");
            }
        }
        lacking = new ArrayList<>(TableSchema.of(shape.table()).columns());
        shape.targets().forEach(target -> lacking.remove(target.column()));
    }

    private static boolean canBecome(ColumnType type, TargetType target) {
        return switch (type) {
            case TEXT -> target == TargetType.STRING;
            case BOOLEAN -> target == TargetType.BOOL || target == TargetType.STRING || target == TargetType.INT64;
            case DATETIME ->
                target == TargetType.DATETIME || target == TargetType.STRING || target == TargetType.TIMESTAMP;
        };
    }

    void read(RowBatch rows, int row) throws MalformedRowException {
        reader.read(rows.buffer(), rows.offset(row), rows.length(row));
    }

    /** How many values it has for which the table has no column. */
    int dropped() {
        int dropped = 0;
        for (Column column : lacking) {
            if (value(column) != null) {
                dropped++;
            }
        }
        return dropped;
    }

    /** The value as the row has it, whatever the table wants. */
    @Nullable Object value(Column column) {
        return reader.value(column.field() - 1);
    }

    /**
     * The value as the table takes it: String, Boolean, or Long, which is packed civil time for DATETIME and
     * microseconds since the epoch for TIMESTAMP. Null is NULL.
     */
    @Nullable Object value(Target target) {
        Object value = value(target.column());
        if (value == null) {
            return null;
        }
        return switch (target.type()) {
            case STRING -> value instanceof Long packed ? CivilTime.format(packed) : value.toString();
            case INT64 -> value.equals(true) ? 1L : 0L;
            case TIMESTAMP -> micros((Long) value);
            case BOOL, DATETIME -> value;
        };
    }

    private static long micros(long packed) {
        Instant time = CivilTime.unpack(packed);
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1000;
    }
}
