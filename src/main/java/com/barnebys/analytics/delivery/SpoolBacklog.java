package com.barnebys.analytics.delivery;

import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolReader;
import java.io.IOException;
import java.util.UUID;

/** The spool as a {@link Backlog}. */
final class SpoolBacklog implements Backlog {
    private final Spool spool;

    SpoolBacklog(Spool spool) {
        this.spool = spool;
    }

    @Override
    public UUID id() {
        return spool.id();
    }

    @Override
    public Reader read(long from) throws IOException {
        SpoolReader reader = spool.read(from);
        return new Reader() {
            @Override
            public int read(int maxRecords, long maxBytes, RecordConsumer consumer) throws IOException {
                return reader.read(maxRecords, maxBytes, consumer::accept);
            }

            @Override
            public long position() {
                return reader.position();
            }

            @Override
            public void seek(long sequence) throws IOException {
                reader.seek(sequence);
            }

            @Override
            public void close() throws IOException {
                reader.close();
            }
        };
    }

    @Override
    public void trim(long below) {
        spool.trim(below);
    }

    @Override
    public long nextSequence() {
        return spool.nextSequence();
    }

    @Override
    public long firstSequence() {
        return spool.firstSequence();
    }
}
