package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.RowBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A service for many threads, behind doors that can be shut: a call then hangs, and no interrupt helps, until they are
 * opened. There is one for each table and one for the end of all. Who delivers may not stand before one.
 */
final class Doors implements Connector {
    static final String END = "end";

    private final MemoryService service;
    private final Thread deliverer = Thread.currentThread();
    private final Map<String, CompletableFuture<Void>> shut = new ConcurrentHashMap<>();

    /** One for each call that stands, or stood, before a shut door. */
    final Semaphore arrived = new Semaphore(0);

    /** Thrown by the calls for a table, in place of what they do. */
    final Map<String, Throwable> broken = new ConcurrentHashMap<>();

    final List<String> calls = new ArrayList<>();

    /** Once no appender is open any more and the clients were given back. */
    final CompletableFuture<Void> allGivenBack = new CompletableFuture<>();

    private int inside;
    int insideMax;
    long droppedValues;

    Doors(MemoryService service) {
        this.service = service;
    }

    void shut(String door) {
        shut.put(door, new CompletableFuture<>());
    }

    boolean isShut(String door) {
        return shut.containsKey(door);
    }

    void open(String door) {
        CompletableFuture<Void> was = shut.remove(door);
        if (was != null) {
            was.complete(null);
        }
    }

    void openAll() {
        shut.keySet().forEach(this::open);
    }

    private void pass(String door) throws ServiceException {
        if (Thread.currentThread() == deliverer || !Thread.currentThread().isDaemon()) {
            throw new AssertionError("a call that blocks, by " + Thread.currentThread());
        }
        synchronized (service) {
            calls.add(door);
            insideMax = Math.max(insideMax, ++inside);
        }
        CompletableFuture<Void> closed = shut.get(door);
        if (closed != null) {
            arrived.release();
            closed.join();
        }
        synchronized (service) {
            inside--;
        }
        Throwable failure = broken.get(door);
        if (failure instanceof ServiceException expected) {
            throw expected;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException bug) {
            throw bug;
        }
    }

    @Override
    public TableShape prepare(String table) throws ServiceException {
        pass(table);
        synchronized (service) {
            return service.prepare(table);
        }
    }

    @Override
    public String createStream(String table) throws ServiceException {
        synchronized (service) {
            return service.createStream(table);
        }
    }

    @Override
    public long finalizeStream(String stream) throws ServiceException {
        synchronized (service) {
            return service.finalizeStream(stream);
        }
    }

    @Override
    public Appender open(TableShape shape, @Nullable String stream) throws ServiceException {
        Appender appender;
        synchronized (service) {
            appender = service.open(shape, stream);
        }
        return new Appender() {
            @Override
            public CompletableFuture<AppendResult> append(RowBatch rows, long offset) {
                synchronized (service) {
                    return appender.append(rows, offset);
                }
            }

            @Override
            public void close() {
                synchronized (service) {
                    appender.close();
                    noteEnd();
                }
            }
        };
    }

    private void noteEnd() {
        if (service.isClosed && service.appendersOpen == 0) {
            allGivenBack.complete(null);
        }
    }

    @Override
    public long droppedValues() {
        return droppedValues;
    }

    @Override
    public void close() {
        try {
            pass(END);
        } catch (ServiceException e) {
            throw new AssertionError(e);
        }
        synchronized (service) {
            service.close();
            noteEnd();
        }
    }
}
