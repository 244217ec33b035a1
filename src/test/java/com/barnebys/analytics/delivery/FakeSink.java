package com.barnebys.analytics.delivery;

import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.RetryCause;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.Sink;
import com.barnebys.analytics.sink.SinkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Stores in memory; fails as it is told to. Records of one byte are malformed. */
final class FakeSink implements Sink {
    final List<Long> stored = new ArrayList<>();
    final List<Integer> batches = new ArrayList<>();

    @Nullable UUID spoolId;

    volatile long position;
    int attempts;
    int upkeeps;
    int upkeepsMore;

    /** So many stores fail before anything is stored. */
    int failBefore;

    /** So many stores are done and throw nevertheless. */
    int failAfter;

    @Nullable RuntimeException bug;

    @Nullable Error error;

    boolean upkeepFails;

    @Nullable CountDownLatch blocked;
    /** Open once a call is held up by {@link #blocked}. */
    final CountDownLatch isBlocking = new CountDownLatch(1);

    @Override
    public @Nullable UUID spoolId() {
        return spoolId;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public void store(RowBatch batch, Parking parking) throws SinkException {
        attempts++;
        await();
        if (error != null) {
            throw error;
        }
        if (bug != null) {
            throw bug;
        }
        try {
            park(batch, parking);
        } catch (IOException e) {
            throw new SinkException(RetryCause.IO, "parking", e);
        }
        if (failBefore > 0) {
            failBefore--;
            throw new SinkException(RetryCause.BUSY, "before", new IOException());
        }
        for (int i = 0; i < batch.rows(); i++) {
            long sequence = batch.sequence(i);
            if (sequence >= position && batch.length(i) > 1) {
                stored.add(sequence);
            }
        }
        batches.add(batch.rows());
        spoolId = batch.spoolId();
        position = batch.nextSequence();
        if (failAfter > 0) {
            failAfter--;
            throw new SinkException(RetryCause.IO, "after", new IOException());
        }
    }

    private void await() {
        if (blocked != null) {
            isBlocking.countDown();
            try {
                blocked.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void park(RowBatch batch, Parking parking) throws IOException {
        for (int i = 0; i < batch.rows(); i++) {
            if (batch.sequence(i) >= position && batch.length(i) == 1) {
                byte[] record = Arrays.copyOfRange(batch.buffer(), batch.offset(i), batch.offset(i) + 1);
                parking.park(batch.sequence(i), record, 0, 1, ParkReason.MALFORMED_ROW, "too short");
            }
        }
    }

    @Override
    public Set<String> tables() {
        return Set.of();
    }

    @Override
    public boolean upkeep() throws SinkException {
        upkeeps++;
        if (upkeepFails) {
            throw new SinkException(RetryCause.IO, "upkeep", new IOException());
        }
        return upkeepsMore-- > 0;
    }

    @Override
    public void close() {}
}
