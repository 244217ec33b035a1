package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.SampleRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A spool in memory. It hands out one buffer again and again, as the real one does. */
final class FakeBacklog implements Backlog {
    final NavigableMap<Long, byte[]> records = new TreeMap<>();
    final List<Long> trims = new ArrayList<>();
    final List<Long> seeks = new ArrayList<>();
    UUID id = SampleRows.SPOOL;
    long next;
    long firstKept;
    int reads;
    int readersOpen;
    boolean isUnflushed;

    @Nullable IOException readFails;

    @Nullable IOException trimFails;

    synchronized void add(byte[] record) {
        records.put(next++, record);
    }

    synchronized void add(int clicks) {
        for (int i = 0; i < clicks; i++) {
            add(SampleRows.record("click", "p" + next));
        }
    }

    /** Numbers whose records are damaged. */
    synchronized void lose(int count) {
        next += count;
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public Reader read(long from) {
        return new FakeReader(Math.max(from, firstKept));
    }

    @Override
    public synchronized void trim(long below) throws IOException {
        if (trimFails != null) {
            throw trimFails;
        }
        trims.add(below);
        records.headMap(below).clear();
        firstKept = Math.max(firstKept, below);
    }

    @Override
    public synchronized long nextSequence() {
        return next;
    }

    @Override
    public synchronized long firstSequence() {
        return firstKept;
    }

    private final class FakeReader implements Reader {
        private final byte[] buffer = new byte[64 * 1024];
        private long position;

        FakeReader(long position) {
            readersOpen++;
            this.position = position;
        }

        @Override
        public void close() {
            readersOpen--;
        }

        @Override
        public int read(int maxRecords, long maxBytes, RecordConsumer consumer) throws IOException {
            synchronized (FakeBacklog.this) {
                reads++;
                if (readFails != null) {
                    throw readFails;
                }
                if (isUnflushed) {
                    return 0;
                }
                int count = 0;
                long bytes = 0;
                for (Map.Entry<Long, byte[]> record : records.tailMap(position).entrySet()) {
                    byte[] value = record.getValue();
                    if (count == maxRecords || (count > 0 && bytes + value.length > maxBytes)) {
                        return count;
                    }
                    System.arraycopy(value, 0, buffer, 7, value.length);
                    consumer.accept(record.getKey(), buffer, 7, value.length);
                    position = record.getKey() + 1;
                    bytes += value.length;
                    count++;
                }
                position = next;
                return count;
            }
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void seek(long sequence) {
            seeks.add(sequence);
            position = sequence;
        }
    }
}
