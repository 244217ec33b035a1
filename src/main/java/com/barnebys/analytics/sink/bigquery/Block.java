package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.RowBatch;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The rows of one intent, as far as they were read, and the request that carries them. One thread. */
final class Block {
    final RowBatch rows;
    Intent intent;

    /** Whether it may have been sent to its place before this lane did: by a life before, or over a connection that broke. */
    private final boolean mayBeThere;

    private @Nullable CompletableFuture<AppendResult> request;
    private long sentNanos;

    /** Rows that nobody has sent to the place of the intent yet. */
    Block(Intent intent, RowBatch rows) {
        this(intent, rows, false);
    }

    private Block(Intent intent, RowBatch rows, boolean mayBeThere) {
        this.intent = intent;
        this.rows = rows;
        this.mayBeThere = mayBeThere;
    }

    /** An intent that was there before the connection, of which no row was read yet. */
    static Block of(Intent intent) {
        return new Block(intent, new RowBatch(), true);
    }

    boolean mayBeThere() {
        return mayBeThere;
    }

    /** Whether all rows the spool still has for it are here, when it was read to before that number. */
    boolean isComplete(long readTo) {
        return rows.rows() == intent.rows() || readTo > intent.last();
    }

    boolean isSent() {
        return request != null;
    }

    boolean isAnswered() {
        return request != null && request.isDone();
    }

    void sent(CompletableFuture<AppendResult> by, long nanos) {
        request = by;
        sentNanos = nanos;
    }

    /** To be sent again. */
    void unsent() {
        request = null;
    }

    /** What came of it; only when it is answered. */
    AppendResult result() {
        CompletableFuture<AppendResult> answered = request;
        if (answered == null) {
            throw new IllegalStateException("not sent");
        }
        return answered.join();
    }

    long nanosSinceSent(long now) {
        return now - sentNanos;
    }

    /** The rows from one place to before another, as a block for an intent of their own. */
    Block part(int from, int to) {
        RowBatch part = new RowBatch();
        part.clear(rows.spoolId());
        for (int i = from; i < to; i++) {
            part.add(rows.sequence(i), rows.buffer(), rows.offset(i), rows.length(i));
        }
        Intent of = new Intent(0, rows.sequence(from), rows.sequence(to - 1), to - from, intent.excluded());
        return new Block(of, part);
    }

    /** What is left without some of its rows, for the intent without them. */
    Block without(Collection<Integer> places, Intent left) {
        RowBatch kept = new RowBatch();
        kept.clear(rows.spoolId());
        for (int i = 0; i < rows.rows(); i++) {
            if (!places.contains(i)) {
                kept.add(rows.sequence(i), rows.buffer(), rows.offset(i), rows.length(i));
            }
        }
        return new Block(left, kept, mayBeThere);
    }
}
