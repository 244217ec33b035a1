package com.barnebys.analytics.sink.bigquery;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The gRPC calls of one appender, so that they can be cut off. Any thread.
 *
 * <p>{@code StreamWriter} has no way to give up. Its {@code close()} first sends what is waiting, then waits minutes for
 * the server to end the call (330 s measured); until then a request we have written off may still be stored. Cut, the
 * server gets a reset at once, nothing more leaves this process, and the close takes a fraction of a second.
 */
final class AppendCalls implements ClientInterceptor {
    private final Set<Call<?, ?>> calls = ConcurrentHashMap.newKeySet();
    private final AtomicInteger started = new AtomicInteger();
    private volatile boolean isCut;

    @Override
    public <Q, S> ClientCall<Q, S> interceptCall(MethodDescriptor<Q, S> method, CallOptions options, Channel channel) {
        return new Call<>(channel.newCall(method, options));
    }

    /** How many there were: the writer connects again by itself when a call ends, and sends again what is in flight. */
    int started() {
        return started.get();
    }

    /** Ends the calls under way, and every later one as soon as it begins. */
    void cut() {
        isCut = true;
        calls.forEach(Call::cut);
    }

    /** The lock keeps the cut from falling between another thread's look and its use of the call, which would throw. */
    private final class Call<Q, S> extends SimpleForwardingClientCall<Q, S> {
        Call(ClientCall<Q, S> call) {
            super(call);
        }

        @Override
        public synchronized void start(Listener<S> listener, Metadata headers) {
            calls.add(this);
            int unused = started.incrementAndGet();
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            calls.remove(Call.this);
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
            if (isCut) {
                cut();
            }
        }

        @Override
        public synchronized void sendMessage(Q message) {
            if (!isCut) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void halfClose() {
            if (!isCut) {
                super.halfClose();
            }
        }

        private synchronized void cut() {
            cancel("the appender was closed", null);
        }
    }
}
