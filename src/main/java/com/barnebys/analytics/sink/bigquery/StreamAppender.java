package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import com.google.api.core.ApiFuture;
import com.google.api.core.ApiFutureCallback;
import com.google.api.core.ApiFutures;
import com.google.api.gax.batching.FlowController.LimitExceededBehavior;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.cloud.bigquery.storage.v1.AppendRowsResponse;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteClient;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteSettings;
import com.google.cloud.bigquery.storage.v1.StreamWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends blocks of rows through Google's {@code StreamWriter}: to a stream of our own at given offsets, or to a table's
 * default stream without.
 *
 * <p>What the writer does by itself is kept small, so that the lane alone decides what is sent again. It reconnects and
 * sends again what is in flight when a connection breaks, for at most {@link #RECONNECT_MAX}: harmless at an offset,
 * where the second one is "already there"; on the default stream that is how a block is stored twice. Errors in an
 * answer are not retried, as long as no retry settings are given.
 *
 * <p>{@code StreamWriter.append} does not block below its limits: it takes a lock nobody holds while sending, and puts the
 * request into a queue (read in 3.35.0; seen against a server that does not read). At its limits it would block for up to
 * five minutes, so it is told to throw instead; the limits are far above what a lane has in flight.
 */
final class StreamAppender implements Appender {
    /** A lane has at most 4 requests and 16 MB in flight. */
    private static final int INFLIGHT_REQUESTS_MAX = 64;

    private static final long INFLIGHT_BYTES_MAX = 64L << 20;

    /** Less than the limit of a result, so that the reason is known by then. */
    private static final Duration RECONNECT_MAX = Duration.ofSeconds(30);

    /** More than the limit of a result, so that only a writer given up long ago ends that way. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private static final long AT_THE_END = -1;

    private static final Logger LOG = LoggerFactory.getLogger(StreamAppender.class);

    static {
        StreamWriter.setMaxRequestCallbackWaitTime(ANSWER_MAX); // one setting for the whole process
    }

    private final RowConverter converter;
    private final StreamWriter writer;
    private final boolean hasOffsets;
    private final AppendCalls calls;
    private final OwedResults results;
    private final AppenderCounts counts;
    private final boolean lacksColumns;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private volatile boolean isOutdated;

    private StreamAppender(
            TableShape shape,
            RowConverter converter,
            StreamWriter writer,
            boolean hasOffsets,
            AppendCalls calls,
            OwedResults results,
            AppenderCounts counts) {
        lacksColumns = shape.lacksColumns();
        this.converter = converter;
        this.writer = writer;
        this.hasOffsets = hasOffsets;
        this.calls = calls;
        this.results = results;
        this.counts = counts;
    }

    /**
     * Makes the writer; the connection itself is made by the first append.
     *
     * @param stream {@code projects/../datasets/../tables/../streams/..}
     * @param hasOffsets false for the default stream
     * @param settings with the routing header of that stream, which the writer forgets on AppendRows
     * @param traceId {@code application:instance}, for Google's support
     * @param limit of time for each result
     */
    static StreamAppender open(
            TableShape shape,
            String stream,
            boolean hasOffsets,
            BigQueryWriteSettings settings,
            String traceId,
            Duration limit,
            AppenderCounts counts)
            throws ServiceException {
        RowConverter converter = new RowConverter(shape);
        AppendCalls calls = new AppendCalls();
        // The writer makes a client of its own with the settings of this one, and only reads them from it.
        try (BigQueryWriteClient client = BigQueryWriteClient.create(cuttable(settings, calls))) {
            StreamWriter writer = WriterCalls.setWriterSchema(
                            StreamWriter.newBuilder(stream, client), RowDescriptors.schema(shape))
                    .setMaxInflightRequests(INFLIGHT_REQUESTS_MAX)
                    .setMaxInflightBytes(INFLIGHT_BYTES_MAX)
                    .setLimitExceededBehavior(LimitExceededBehavior.ThrowException)
                    .setMaxRetryDuration(RECONNECT_MAX)
                    .setTraceId(traceId)
                    .build();
            return new StreamAppender(shape, converter, writer, hasOffsets, calls, new OwedResults(limit), counts);
        } catch (IOException | RuntimeException e) {
            throw Failures.exception("cannot open " + stream, e);
        }
    }

    /** The settings are ours, and have no other interceptor. */
    private static BigQueryWriteSettings cuttable(BigQueryWriteSettings settings, AppendCalls calls)
            throws IOException {
        InstantiatingGrpcChannelProvider channel =
                (InstantiatingGrpcChannelProvider) settings.getTransportChannelProvider();
        return settings.toBuilder()
                .setTransportChannelProvider(channel.toBuilder()
                        .setInterceptorProvider(() -> List.of(calls))
                        .build())
                .build();
    }

    @Override
    public CompletableFuture<AppendResult> append(RowBatch rows, long offset) {
        RowConverter.Converted block = converter.convert(rows);
        if (!block.malformed().isEmpty()) {
            return CompletableFuture.completedFuture(new RowsRefused(block.malformed()));
        }
        CompletableFuture<AppendResult> result = results.add();
        int callsSoFar = Math.max(1, calls.started()); // The first request makes the first call.
        try {
            ApiFuture<AppendRowsResponse> answer =
                    WriterCalls.append(writer, block.rows(), hasOffsets ? offset : AT_THE_END);
            ApiFutures.addCallback(answer, new Answer(result, callsSoFar, block.dropped()), Runnable::run);
        } catch (RuntimeException e) {
            result.complete(Failures.result(e));
        }
        return result;
    }

    /** The client takes each answer without an error for "stored". Only what the service says to be stored is. */
    private static AppendResult said(AppendRowsResponse response) {
        if (response.hasAppendResult()) {
            boolean hasOffset = response.getAppendResult().hasOffset();
            return new Stored(hasOffset ? response.getAppendResult().getOffset().getValue() : -1);
        }
        if (response.getRowErrorsCount() > 0) {
            return new RowsRefused(response.getRowErrorsList().stream()
                    .collect(Collectors.toMap(
                            error -> (int) Math.min(error.getIndex(), Integer.MAX_VALUE),
                            error -> Failures.shown(error.getMessage()),
                            (first, second) -> first)));
        }
        return new Failed(Failure.CONNECTION, "an answer without a word on the rows", null);
    }

    /** Passes on what the service said; where the lane has the result already, nobody hears it. */
    private final class Answer implements ApiFutureCallback<AppendRowsResponse> {
        private final CompletableFuture<AppendResult> result;
        private final int callsSoFar;
        private final long dropped;

        Answer(CompletableFuture<AppendResult> result, int callsSoFar, long dropped) {
            this.result = result;
            this.callsSoFar = callsSoFar;
            this.dropped = dropped;
        }

        @Override
        public void onSuccess(AppendRowsResponse response) {
            if (response.hasUpdatedSchema() && lacksColumns) {
                isOutdated = true;
            }
            counts.complete(result, said(response), dropped);
        }

        @Override
        public void onFailure(Throwable error) {
            AppendResult failed = Failures.result(error);
            AppendResult said = failed instanceof AlreadyExists exists
                    ? new AlreadyExists(exists.expectedOffset(), calls.started() > callsSoFar)
                    : failed;
            counts.complete(result, said, dropped);
        }
    }

    /** Whether the table has changed since, and lacked columns of ours when this was opened. */
    @Override
    public boolean isOutdated() {
        return isOutdated;
    }

    @Override
    public boolean lacksColumns() {
        return lacksColumns;
    }

    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            counts.closing.incrementAndGet();
            Thread thread = new Thread(this::end, "bigquery-close");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** On a thread of its own: even cut off, the writer waits for its threads one after the other. */
    private void end() {
        try {
            calls.cut();
            results.failAll("the appender was closed");
            writer.close();
        } catch (RuntimeException e) {
            LOG.warn("A writer did not close, its threads may stay. stream={}", writer.getStreamName(), e);
        } finally {
            counts.closing.decrementAndGet();
        }
    }
}
