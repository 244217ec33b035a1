package com.barnebys.analytics.reference;

import com.barnebys.analytics.reference.ReferenceStoreException.Reason;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * References in an SQLite file, for one process. One thread of its own touches the file; at most {@link #QUEUE_MAX}
 * questions wait for it, further ones fail as {@link Reason#FULL}.
 *
 * <p>A killed process loses nothing that was answered. Commits are not flushed one by one, which would let all questions
 * wait for the disk; what was written is flushed each second, so a power cut takes that second at most.
 */
final class SqliteReferenceStore implements ReferenceStore {
    static final int QUEUE_MAX = 1_024;

    private static final Duration FLUSH_INTERVAL = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Path path;
    private final FailureLog failures = new FailureLog("The file of references does not do what it is asked.");
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE_MAX), SqliteReferenceStore::newThread);
    private final AnsweredCalls answeredCalls = new SqliteAnsweredCalls(this);
    private final long flushTimer;
    private volatile boolean isClosed;

    /** Null after a failure, until the file could be opened again. The thread's own. */
    private @Nullable ReferenceFile file;

    private SqliteReferenceStore(Vertx vertx, Path path, ReferenceFile file) {
        this.vertx = vertx;
        this.path = path;
        this.file = file;
        this.flushTimer = vertx.setPeriodic(FLUSH_INTERVAL.toMillis(), ignored -> flush());
    }

    private static Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "references");
        thread.setDaemon(true);
        return thread;
    }

    /** Opens the file, or makes it. */
    static SqliteReferenceStore open(Vertx vertx, Path path) throws IOException {
        try {
            return new SqliteReferenceStore(vertx, path, ReferenceFile.open(path));
        } catch (SQLException e) {
            throw new IOException("cannot open " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Future<Creation> create(Reference reference) {
        return ask(file -> file.create(reference));
    }

    @Override
    public Future<Optional<Reference>> find(ReferenceFilter filter) {
        return ask(file -> file.find(filter));
    }

    @Override
    public Future<Map<ProgramRef, Reference>> findAll(Collection<ProgramRef> keys) {
        if (keys.size() > FIND_ALL_MAX) {
            throw new IllegalArgumentException("keys: " + keys.size() + " (expected: at most " + FIND_ALL_MAX + ")");
        }
        List<ProgramRef> asked = List.copyOf(keys);
        return ask(file -> file.findAll(asked));
    }

    @Override
    public Future<Optional<Source>> firstType(Visitor visitor) {
        return ask(file -> file.firstType(visitor));
    }

    @Override
    public Future<Boolean> isFromBarnebys(Visitor visitor) {
        return ask(file -> file.isFromBarnebys(visitor));
    }

    @Override
    public Future<Integer> deleteOlderThan(Instant before, int max) {
        return ask(file -> file.deleteOlderThan(before, max));
    }

    @Override
    public AnsweredCalls answeredCalls() {
        return answeredCalls;
    }

    private void flush() {
        Future<Boolean> unused = ask(ReferenceFile::flush); // A full queue is flushed a second later.
    }

    /** One thing to do with the file, on its thread. */
    interface Question<T> {
        T ask(ReferenceFile file) throws SQLException;
    }

    <T> Future<T> ask(Question<T> question) {
        Context context = vertx.getOrCreateContext();
        Promise<T> promise = Promise.promise();
        try {
            thread.execute(() -> {
                try {
                    T answer = answer(question);
                    context.runOnContext(ignored -> promise.complete(answer));
                } catch (ReferenceStoreException e) {
                    context.runOnContext(ignored -> promise.fail(e));
                }
            });
        } catch (RejectedExecutionException e) {
            promise.fail(
                    isClosed
                            ? new ReferenceStoreException(Reason.CLOSED, "the store of references is closed")
                            : new ReferenceStoreException(Reason.FULL, QUEUE_MAX + " questions wait for " + path));
        }
        return promise.future();
    }

    private <T> T answer(Question<T> question) throws ReferenceStoreException {
        try {
            ReferenceFile current = file;
            if (current == null) {
                current = ReferenceFile.open(path);
                file = current;
            }
            T answer = question.ask(current);
            failures.ended();
            return answer;
        } catch (SQLException | IOException | RuntimeException e) {
            giveUpFile(e);
            ReferenceStoreException failure = new ReferenceStoreException(Reason.FAILED, path + ": " + e.getMessage());
            failures.happened(failure);
            throw failure;
        }
    }

    /** What a failure leaves behind, an open transaction or a dead statement, is gone with the connection. */
    private void giveUpFile(Exception cause) {
        ReferenceFile failing = file;
        file = null;
        if (failing != null) {
            try {
                failing.close();
            } catch (SQLException again) {
                cause.addSuppressed(again);
            }
        }
    }

    @Override
    public Future<Void> close() {
        if (isClosed) {
            return Future.succeededFuture();
        }
        boolean unused = vertx.cancelTimer(flushTimer);
        Future<Boolean> closed = ask(current -> {
            file = null;
            current.close();
            return true;
        });
        isClosed = true;
        thread.shutdown(); // What waits is done first.
        return closed.mapEmpty();
    }
}
