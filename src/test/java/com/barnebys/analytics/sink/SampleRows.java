package com.barnebys.analytics.sink;

import com.barnebys.analytics.event.EventBuffer;
import com.barnebys.analytics.event.EventIds;
import com.barnebys.analytics.event.EventWriter;
import com.barnebys.analytics.event.TrackEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;

/** Rows and records for tests of everything behind the spool. */
public final class SampleRows {
    public static final UUID SPOOL = UUID.fromString("6f1cf4a0-5d0b-4d4c-9a3e-0c1b2a394857");
    public static final Instant TIME = Instant.parse("2026-11-23T18:01:08.243Z");

    /** A table name and behind it a field with a wire type that is not in use. */
    public static final byte[] MALFORMED = {5, 'c', 'l', 'i', 'c', 'k', 0x0F};

    private static final EventWriter WRITER = new EventWriter(new EventIds());

    private SampleRows() {}

    public static TrackEvent event(String kind, String programId, boolean isLead, Instant time) {
        return new TrackEvent(
                kind,
                programId,
                isLead,
                "https://www.example.com/lots/1?utm_source=barnebys",
                "203.0.113.0",
                "Mozilla/5.0",
                "d1",
                "",
                "",
                "",
                "",
                false,
                null,
                time.toEpochMilli(),
                true,
                kind.equals("click") ? new TrackEvent.Click(null, true) : null);
    }

    public static TrackEvent event(String kind, String programId) {
        return event(kind, programId, false, TIME);
    }

    /** As the spool hands it out: without the length in front. */
    public static byte[] record(TrackEvent event) {
        EventBuffer buffer = new EventBuffer(512);
        WRITER.write(event, buffer);
        ByteBuffer bytes = buffer.toByteBuffer();
        byte[] record = new byte[bytes.getInt()];
        bytes.get(record);
        return record;
    }

    public static byte[] record(String kind, String programId) {
        return record(event(kind, programId));
    }

    /** A batch of records with numbers from {@code first} on. */
    public static RowBatch batch(long first, byte[]... records) {
        RowBatch batch = new RowBatch();
        batch.clear(SPOOL);
        for (byte[] record : records) {
            batch.add(first++, record, 0, record.length);
        }
        return batch;
    }

    /** A batch of so many clicks. */
    public static RowBatch clicks(long first, int count) {
        byte[][] records = new byte[count][];
        for (int i = 0; i < count; i++) {
            records[i] = record("click", "p" + (first + i));
        }
        return batch(first, records);
    }
}
