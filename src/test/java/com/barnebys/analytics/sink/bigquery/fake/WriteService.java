package com.barnebys.analytics.sink.bigquery.fake;

import com.google.cloud.bigquery.storage.v1.AppendRowsRequest;
import com.google.cloud.bigquery.storage.v1.AppendRowsResponse;
import com.google.cloud.bigquery.storage.v1.BigQueryWriteGrpc;
import com.google.cloud.bigquery.storage.v1.CreateWriteStreamRequest;
import com.google.cloud.bigquery.storage.v1.FinalizeWriteStreamRequest;
import com.google.cloud.bigquery.storage.v1.FinalizeWriteStreamResponse;
import com.google.cloud.bigquery.storage.v1.GetWriteStreamRequest;
import com.google.cloud.bigquery.storage.v1.TableSchema;
import com.google.cloud.bigquery.storage.v1.WriteStream;
import com.google.cloud.bigquery.storage.v1.WriteStreamView;
import com.google.protobuf.util.Timestamps;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/** The Storage Write API, for COMMITTED and default streams. */
final class WriteService extends BigQueryWriteGrpc.BigQueryWriteImplBase {
    private static final Metadata.Key<String> REQUEST_PARAMS =
            Metadata.Key.of("x-goog-request-params", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<String> REQUEST_PARAMS_OF_CALL = Context.keyWithDefault("requestParams", "");

    /** Makes the routing header of a call known to it. */
    static final ServerInterceptor HEADERS = new ServerInterceptor() {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String value = headers.get(REQUEST_PARAMS);
            Context context = Context.current().withValue(REQUEST_PARAMS_OF_CALL, value == null ? "" : value);
            return Contexts.interceptCall(context, call, headers, next);
        }
    };

    private final Warehouse warehouse;
    private final Faults faults;
    private final Ledger ledger;
    private final ScheduledExecutorService clock;
    private final Set<AppendCall> openCalls = ConcurrentHashMap.newKeySet();

    WriteService(Warehouse warehouse, Faults faults, Ledger ledger, ScheduledExecutorService clock) {
        this.warehouse = warehouse;
        this.faults = faults;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Ends all AppendRows calls. */
    void cutCalls(Status status) {
        openCalls.forEach(call -> call.cut(status));
    }

    @Override
    public void createWriteStream(CreateWriteStreamRequest request, StreamObserver<WriteStream> response) {
        ledger.createStreamCalled();
        answer(response, () -> {
            ResourceName parent = ResourceName.ofTable(request.getParent());
            faults.check(Faults.Call.CREATE_STREAM, parent.table());
            if (request.getWriteStream().getType() != WriteStream.Type.COMMITTED) {
                throw Refusal.invalid("The fake has COMMITTED streams only, not "
                        + request.getWriteStream().getType());
            }
            FakeTable table = warehouse.streaming(parent);
            String name = parent + "/streams/" + UUID.randomUUID();
            table.addStream(name);
            return describe(name, schemaOf(table.columnsKnown()));
        });
    }

    @Override
    public void getWriteStream(GetWriteStreamRequest request, StreamObserver<WriteStream> response) {
        answer(response, () -> {
            ResourceName name = ResourceName.ofStream(request.getName());
            faults.check(Faults.Call.GET_STREAM, name.table());
            FakeTable table = warehouse.streaming(name);
            if (!name.isDefaultStream() && !table.hasStream(name.toString())) {
                throw Refusal.streamMissing(name.toString());
            }
            boolean isFull = request.getView() == WriteStreamView.FULL && !faults.tellsNoColumns();
            return describe(
                    name.toString(), isFull ? schemaOf(table.columnsKnown()) : TableSchema.getDefaultInstance());
        });
    }

    @Override
    public void finalizeWriteStream(
            FinalizeWriteStreamRequest request, StreamObserver<FinalizeWriteStreamResponse> response) {
        ledger.finalizeStreamCalled();
        answer(response, () -> {
            ResourceName name = ResourceName.ofStream(request.getName());
            faults.check(Faults.Call.FINALIZE_STREAM, name.table());
            if (name.isDefaultStream()) {
                throw Refusal.invalid("The default stream cannot be finalized. Entity: " + name);
            }
            FakeTable table = warehouse.table(name.dataset(), name.table());
            if (table == null) {
                throw Refusal.streamMissing(name.toString());
            }
            return FinalizeWriteStreamResponse.newBuilder()
                    .setRowCount(table.finalizeStream(name.toString()))
                    .build();
        });
    }

    @Override
    public StreamObserver<AppendRowsRequest> appendRows(StreamObserver<AppendRowsResponse> responses) {
        AppendCall call = new AppendCall(
                responses, REQUEST_PARAMS_OF_CALL.get(), warehouse, faults, ledger, clock, openCalls::remove);
        openCalls.add(call);
        return call;
    }

    static TableSchema schemaOf(List<FakeColumn> columns) {
        return TableSchema.newBuilder()
                .addAllFields(columns.stream().map(FakeColumn::storage).toList())
                .build();
    }

    private static WriteStream describe(String name, TableSchema schema) {
        WriteStream.Builder stream = WriteStream.newBuilder()
                .setName(name)
                .setType(WriteStream.Type.COMMITTED)
                .setCreateTime(Timestamps.now())
                .setWriteMode(WriteStream.WriteMode.INSERT)
                .setLocation("us");
        if (schema.getFieldsCount() > 0) {
            stream.setTableSchema(schema);
        }
        return stream.build();
    }

    private interface Answer<T> {
        T get() throws Refusal;
    }

    private static <T> void answer(StreamObserver<T> response, Answer<T> answer) {
        T value;
        try {
            value = answer.get();
        } catch (Refusal e) {
            response.onError(e.asEnd());
            return;
        }
        response.onNext(value);
        response.onCompleted();
    }
}
