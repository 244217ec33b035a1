package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The service behind {@link Connector}, in memory: streams with offsets that are checked, blocks that are stored whole or
 * not at all, streams that end with a count. A row is known by its sequence number, which is also its text.
 *
 * <p>Answers come at once, or, with {@link #isHeld}, when {@link #answer} is called. What becomes of a request can be
 * decided by {@link #fate}; what is to hit the service after the client has given it up goes into {@link #late}.
 */
final class MemoryService implements Connector {
    static final String TABLE = "click";

    /** What the service has, in the order it came; a row that is there twice is there twice. */
    final List<Long> stored = new ArrayList<>();

    final Map<String, Stream> streams = new LinkedHashMap<>();
    final List<Request> requests = new ArrayList<>();
    final ArrayDeque<Request> held = new ArrayDeque<>();
    final ArrayDeque<Request> late = new ArrayDeque<>();

    /** Named by the service, as far as it names rows at all. */
    final Set<Long> refusedRows = new HashSet<>();

    /** Refused without a name. */
    final Set<Long> poisonRows = new HashSet<>();

    /** Whether refusing those ends the call, instead of being an answer. */
    boolean poisonEndsCalls;

    int rowsNamedMax = Integer.MAX_VALUE;
    int bytesMax = 10 << 20;
    boolean isHeld;

    /** Decides about a request before the service does; null lets it. */
    Function<Request, @Nullable AppendResult> fate = request -> null;

    /** Makes calls that block fail, by name of the call; checked before the call does anything. */
    final Map<String, ServiceException> broken = new HashMap<>();

    /** Asked after a blocking call has had its effect. */
    Runnable afterCall = () -> {};

    /** Of other tables. */
    final Set<String> foreignStreams = new HashSet<>();

    int refusedLogins;
    int streamsMade;
    int finalizeCalls;
    int appendersOpen;
    int opens;

    /** So many of the appenders, from the first on, say that they know fewer columns than the table has. */
    int outdated;

    /** Whether the table lacks columns that may not be added. */
    boolean isNarrow;

    boolean isClosed;

    static final class Stream {
        long rows;
        boolean isFinal;
    }

    static final class Request {
        final List<Long> rows = new ArrayList<>();
        final long offset;
        final int bytes;
        final @Nullable String stream;
        final CompletableFuture<AppendResult> result = new CompletableFuture<>();

        Request(RowBatch batch, long offset, String table, @Nullable String stream) {
            for (int i = 0; i < batch.rows(); i++) {
                long row = rowOf(batch.buffer(), batch.offset(i), batch.length(i));
                if (row != batch.sequence(i) || !table.equals(batch.table(i))) {
                    throw new AssertionError("row " + row + " of " + batch.table(i) + " under number "
                            + batch.sequence(i) + " in " + table);
                }
                rows.add(row);
            }
            this.offset = offset;
            this.bytes = batch.size();
            this.stream = stream;
        }

        long first() {
            return rows.get(0);
        }

        @Override
        public String toString() {
            return rows.size() + " rows from " + first() + " to " + stream + "@" + offset;
        }
    }

    /** A row as the spool hands it out, of at least that many bytes. */
    static byte[] record(String table, long sequence, int bytes) {
        String row = (char) table.length() + table + sequence;
        return (row + " ".repeat(Math.max(0, bytes - row.length()))).getBytes(StandardCharsets.US_ASCII);
    }

    /** The number of a row, by its text. */
    static long rowOf(byte[] buffer, int offset, int length) {
        int name = 1 + buffer[offset];
        return Long.parseLong(new String(buffer, offset + name, length - name, StandardCharsets.US_ASCII).strip());
    }

    static Failed failed(Failure failure) {
        return new Failed(failure, failure + " (made up)", null);
    }

    static Failed ended(Failure failure) {
        return new Failed(failure, failure + " (made up, ends the call)", null, true);
    }

    static ServiceException exception(Failure failure) {
        return new ServiceException(failure, failure + " (made up)", null);
    }

    /** Next request gets that result without having reached the service; those behind it are the service's again. */
    void failOnce(AppendResult result) {
        Function<Request, @Nullable AppendResult> before = fate;
        fate = request -> {
            fate = before;
            return result;
        };
    }

    /** Next request is done, and its answer gets lost. */
    void loseAnswerOnce(Failure how) {
        Function<Request, @Nullable AppendResult> before = fate;
        fate = request -> {
            fate = before;
            AppendResult unused = execute(request);
            return failed(how);
        };
    }

    AppendResult execute(Request request) {
        String name = request.stream;
        Stream stream = name == null ? null : streams.get(name);
        if (name != null) {
            if (stream == null) {
                return failed(Failure.NOT_FOUND);
            }
            if (stream.isFinal) {
                return failed(Failure.STREAM_FINALIZED);
            }
            if (request.offset > stream.rows) {
                return failed(Failure.OFFSET_OUT_OF_RANGE);
            }
            if (request.offset < stream.rows) {
                return new AlreadyExists(stream.rows);
            }
        }
        if (request.bytes > bytesMax) {
            return failed(Failure.TOO_LARGE);
        }
        if (request.rows.stream().anyMatch(poisonRows::contains)) {
            return poisonEndsCalls ? ended(Failure.INVALID) : failed(Failure.INVALID);
        }
        Map<Integer, String> errors = new TreeMap<>();
        for (int i = 0; i < request.rows.size() && errors.size() < rowsNamedMax; i++) {
            if (refusedRows.contains(request.rows.get(i))) {
                errors.put(i, "refused " + request.rows.get(i));
            }
        }
        if (!errors.isEmpty()) {
            return new RowsRefused(errors);
        }
        stored.addAll(request.rows);
        if (stream != null) {
            stream.rows += request.rows.size();
        }
        return new Stored(stream == null ? -1 : request.offset);
    }

    /** Executes and answers the oldest held request. */
    void answer() {
        Request request = held.remove();
        boolean unused = request.result.complete(resultOf(request));
    }

    void answerAll() {
        while (!held.isEmpty()) {
            answer();
        }
    }

    /** Answers the oldest held request that way, whatever the service would say. */
    void answer(AppendResult result) {
        boolean unused = held.remove().result.complete(result);
    }

    private AppendResult resultOf(Request request) {
        AppendResult decided = fate.apply(request);
        return decided == null ? execute(request) : decided;
    }

    /** What a client gave up long ago reaches the service now. */
    void deliverLate() {
        while (!late.isEmpty()) {
            AppendResult unused = execute(late.remove());
        }
    }

    private static boolean hasEndedTheCall(Request request) {
        return request.result.isDone() && request.result.join() instanceof Failed failed && failed.endsCall();
    }

    private void check(String call) throws ServiceException {
        ServiceException failure = broken.get(call);
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public TableShape prepare(String table) throws ServiceException {
        check("prepare");
        return Shapes.whole(table);
    }

    @Override
    public String createStream(String table) throws ServiceException {
        check("create");
        String name = "s" + ++streamsMade;
        streams.put(name, new Stream());
        afterCall.run();
        return name;
    }

    @Override
    public long finalizeStream(String name) throws ServiceException {
        finalizeCalls++;
        check("finalize");
        Stream stream = streams.get(name);
        if (stream == null) {
            throw exception(Failure.NOT_FOUND);
        }
        stream.isFinal = true;
        ServiceException lost = broken.get("finalizeAnswer");
        if (lost != null) {
            throw lost;
        }
        afterCall.run();
        return stream.rows;
    }

    @Override
    public Appender open(TableShape shape, @Nullable String stream) throws ServiceException {
        check("open");
        if (stream != null && foreignStreams.contains(stream)) {
            throw exception(Failure.NOT_FOUND);
        }
        appendersOpen++;
        opens++;
        int number = opens;
        return new Appender() {
            private boolean isOpen = true;
            private final boolean lacksColumns = isNarrow;
            private final List<Request> own = new ArrayList<>();

            @Override
            public CompletableFuture<AppendResult> append(RowBatch rows, long offset) {
                Request request = new Request(rows, offset, shape.table(), stream);
                if (!isOpen) {
                    throw new AssertionError("sent to an appender that was closed: " + request);
                }
                requests.add(request);
                own.add(request);
                if (own.stream().anyMatch(MemoryService::hasEndedTheCall)) {
                    boolean unused = request.result.complete(failed(Failure.CONNECTION)); // The client is dead.
                } else if (isHeld) {
                    held.add(request);
                } else {
                    boolean unused = request.result.complete(resultOf(request));
                }
                return request.result;
            }

            @Override
            public boolean isOutdated() {
                return number <= outdated;
            }

            @Override
            public boolean lacksColumns() {
                return lacksColumns;
            }

            @Override
            public void close() {
                if (isOpen) {
                    isOpen = false;
                    appendersOpen--;
                    for (Request request : own) {
                        boolean unused = held.remove(request);
                        boolean unusedToo = request.result.complete(failed(Failure.CONNECTION));
                    }
                }
            }
        };
    }

    @Override
    public void credentialsRefused() {
        refusedLogins++;
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
