package com.barnebys.analytics.sink.bigquery.fake;

import com.google.cloud.bigquery.storage.v1.AppendRowsRequest;
import com.google.cloud.bigquery.storage.v1.AppendRowsResponse;
import com.google.cloud.bigquery.storage.v1.RowError;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.Int64Value;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One AppendRows call: a connection to one stream. Requests are worked off as they come, answers leave in their order,
 * late ones by the clock's thread.
 */
final class AppendCall implements StreamObserver<AppendRowsRequest> {
    private final ServerCallStreamObserver<AppendRowsResponse> responses;
    private final String requestParams;
    private final Warehouse warehouse;
    private final Faults faults;
    private final Ledger ledger;
    private final ScheduledExecutorService clock;
    private final Consumer<AppendCall> whenEnded;
    private final Deque<Due> outbox = new ArrayDeque<>();

    private @Nullable Target target;
    private long lastDueNanos = System.nanoTime();
    private boolean isSilent;
    private boolean isDeaf;
    private boolean isHalfClosed;
    private boolean isEnded;

    private record Due(long nanos, AppendRowsResponse response) {}

    /** What the first request fixed for the others. */
    private static final class Target {
        private final String givenName;
        private final ResourceName name;
        private final FakeTable table;
        private final String traceId;
        private List<FakeColumn> columnsSeen;
        private @Nullable RowDecoder decoder;

        /** What each request gets because the writer schema did not fit; then there is no decoder. */
        private @Nullable Refusal refusal;

        private Target(AppendRowsRequest first, ResourceName name, FakeTable table) {
            this.givenName = first.getWriteStream();
            this.name = name;
            this.table = table;
            this.traceId = first.getTraceId();
            this.columnsSeen = table.columnsKnown();
            DescriptorProto writer = first.getProtoRows().getWriterSchema().getProtoDescriptor();
            try {
                this.decoder = RowDecoder.of(writer, name.toString(), columnsSeen);
            } catch (Refusal e) {
                this.refusal = e;
            }
        }
    }

    AppendCall(
            StreamObserver<AppendRowsResponse> responses,
            String requestParams,
            Warehouse warehouse,
            Faults faults,
            Ledger ledger,
            ScheduledExecutorService clock,
            Consumer<AppendCall> whenEnded) {
        this.responses = (ServerCallStreamObserver<AppendRowsResponse>) responses;
        this.requestParams = requestParams;
        this.warehouse = warehouse;
        this.faults = faults;
        this.ledger = ledger;
        this.clock = clock;
        this.whenEnded = whenEnded;
        ledger.callOpened();
        this.responses.setOnCancelHandler(this::end);
    }

    @Override
    public synchronized void onNext(AppendRowsRequest request) {
        if (isEnded || isDeaf) {
            return;
        }
        try {
            if (target == null) {
                target = open(request);
            }
            take(request, target);
        } catch (Refusal e) {
            cut(e.asEnd());
        }
    }

    private Target open(AppendRowsRequest first) throws Refusal {
        ResourceName name = ResourceName.ofStream(first.getWriteStream());
        faults.check(Faults.Call.OPEN_APPEND, name.table());
        if (!first.getProtoRows().hasWriterSchema()) {
            throw Refusal.invalid("The first request of a connection must have proto rows and a writer schema.");
        }
        FakeTable table = warehouse.streaming(name);
        if (!name.isDefaultStream() && !table.hasStream(name.toString())) {
            throw Refusal.streamMissing(name.toString());
        }
        return new Target(first, name, table);
    }

    /** A refusal it throws ends the call. */
    private void take(AppendRowsRequest request, Target to) throws Refusal {
        String stream = request.getWriteStream();
        if (!stream.isEmpty() && !stream.equals(to.givenName)) {
            throw Refusal.invalid("The stream of a connection cannot change from " + to.givenName + " to " + stream);
        }
        AppendFault fault = faults.nextAppend(to.name.table());
        ledger.appended(new AppendFacts(
                to.givenName,
                request.hasOffset() ? request.getOffset().getValue() : -1,
                request.getProtoRows().getRows().getSerializedRowsCount(),
                request.getSerializedSize(),
                requestParams,
                to.traceId));
        if (fault.effect() == AppendFault.Effect.FINALIZE && !to.name.isDefaultStream()) {
            to.table.finalizeStream(to.name.toString());
        }
        AppendRowsResponse response = AppendRowsResponse.getDefaultInstance();
        if (fault.isStored()) {
            response = work(request, to);
        }
        switch (fault.effect()) {
            case NONE, FINALIZE -> send(response, fault.delay());
            case TWICE -> {
                send(response, fault.delay());
                send(response, fault.delay());
            }
            case ROWS_ONLY ->
                send(
                        AppendRowsResponse.newBuilder()
                                .addRowErrors(RowError.newBuilder().setIndex(0).setMessage("bad"))
                                .build(),
                        fault.delay());
            case ANSWER -> send(error(Refusal.of(fault.status()), to), fault.delay());
            case CUT -> cut(Refusal.of(fault.status()).asEnd());
            case SILENCE -> {
                isSilent = true;
                isDeaf = !fault.isStored();
            }
        }
    }

    private AppendRowsResponse work(AppendRowsRequest request, Target to) throws Refusal {
        if (to.refusal != null) {
            to.table.countRefusedForLag();
            if (faults.schemaErrorsEndCall()) {
                throw to.refusal;
            }
            return error(to.refusal, to);
        }
        long offset;
        try {
            offset = store(request, to);
        } catch (Refusal e) {
            return error(e, to);
        }
        AppendRowsResponse.AppendResult.Builder result = AppendRowsResponse.AppendResult.newBuilder();
        if (offset >= 0) {
            result.setOffset(Int64Value.of(offset));
        }
        AppendRowsResponse.Builder response =
                AppendRowsResponse.newBuilder().setAppendResult(result).setWriteStream(to.name.toString());
        List<FakeColumn> columns = to.table.columnsKnown();
        if (!columns.equals(to.columnsSeen)) {
            to.columnsSeen = columns;
            response.setUpdatedSchema(WriteService.schemaOf(columns));
        }
        return response.build();
    }

    private long store(AppendRowsRequest request, Target to) throws Refusal {
        int size = request.getSerializedSize();
        if (size > faults.requestBytesMax()) {
            throw Refusal.invalid("AppendRows request too large: " + size + " limit " + faults.requestBytesMax());
        }
        if (request.getProtoRows().getRows().getSerializedRowsCount() == 0) {
            throw Refusal.invalid("Rows must be specified.");
        }
        if (request.hasOffset()
                && (to.name.isDefaultStream() || request.getOffset().getValue() < 0)) {
            throw Refusal.invalid("Offset " + request.getOffset().getValue() + " is not allowed on " + to.name);
        }
        return to.table.append(
                to.name.isDefaultStream() ? null : to.name.toString(),
                request.hasOffset() ? request.getOffset().getValue() : null,
                request.getProtoRows().getRows().getSerializedRowsList(),
                Objects.requireNonNull(to.decoder));
    }

    private static AppendRowsResponse error(Refusal refusal, Target to) {
        return AppendRowsResponse.newBuilder()
                .setError(refusal.status())
                .addAllRowErrors(refusal.rowErrors())
                .setWriteStream(to.name.toString())
                .build();
    }

    private void send(AppendRowsResponse response, Duration late) {
        long now = System.nanoTime();
        long due = now + faults.ackDelay().plus(late).toNanos();
        lastDueNanos = due - lastDueNanos > 0 ? due : lastDueNanos;
        if (isSilent) {
            return;
        }
        if (outbox.isEmpty() && lastDueNanos - now <= 0) {
            responses.onNext(response);
            return;
        }
        outbox.add(new Due(lastDueNanos, response));
        if (outbox.size() == 1) {
            flushAt(lastDueNanos);
        }
    }

    private void flushAt(long nanos) {
        clock.schedule(this::flush, nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private synchronized void flush() {
        long now = System.nanoTime();
        while (!outbox.isEmpty() && outbox.peek().nanos() - now <= 0) {
            responses.onNext(outbox.remove().response());
        }
        if (!outbox.isEmpty()) {
            flushAt(outbox.peek().nanos());
        } else {
            completeIfDone();
        }
    }

    @Override
    public synchronized void onCompleted() {
        isHalfClosed = true;
        completeIfDone();
    }

    private void completeIfDone() {
        if (isHalfClosed && outbox.isEmpty() && !isSilent && !isEnded) {
            end();
            responses.onCompleted();
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        end();
    }

    synchronized void cut(Status status) {
        cut(Refusal.of(status).asEnd());
    }

    private void cut(RuntimeException status) {
        if (!isEnded) {
            end();
            responses.onError(status);
        }
    }

    private synchronized void end() {
        if (!isEnded) {
            isEnded = true;
            outbox.clear();
            ledger.callEnded();
            whenEnded.accept(this);
        }
    }
}
