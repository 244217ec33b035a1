package com.barnebys.analytics.sink.bigquery.fake;

import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The two listeners, which can be stopped and started again on the same ports. */
final class FakeServers implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final int GRPC_MESSAGE_BYTES_MAX = 64 * 1024 * 1024;
    private static final int TRIES_TO_BIND = 100;
    private static final long RETRY_MILLIS = 100;

    private final RestService restService;
    private final WriteService writeService;
    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));

    private int restPort;
    private int grpcPort;
    private @Nullable HttpServer rest;
    private @Nullable Server grpc;

    /** Ports may be 0: any, and from then on that. */
    FakeServers(int restPort, int grpcPort, RestService restService, WriteService writeService) {
        this.restPort = restPort;
        this.grpcPort = grpcPort;
        this.restService = restService;
        this.writeService = writeService;
    }

    synchronized void start() {
        if (rest != null || grpc != null) {
            throw new IllegalStateException("the servers run");
        }
        HttpServer startedRest = bind(this::startRest);
        rest = startedRest;
        restPort = startedRest.actualPort();
        Server startedGrpc = bind(this::startGrpc);
        grpc = startedGrpc;
        grpcPort = startedGrpc.getPort();
    }

    private HttpServer startRest() throws IOException {
        HttpServerOptions options = new HttpServerOptions().setDecompressionSupported(true);
        return await(vertx.createHttpServer(options)
                .requestHandler(restService::handle)
                .listen(restPort, HOST));
    }

    private Server startGrpc() throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(HOST, grpcPort))
                .directExecutor()
                .maxInboundMessageSize(GRPC_MESSAGE_BYTES_MAX)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(ServerInterceptors.intercept(writeService, WriteService.HEADERS))
                .build()
                .start();
    }

    private interface Start<T> {
        T start() throws IOException;
    }

    /** During an outage somebody's client socket may have got the port for a moment. */
    private static <T> T bind(Start<T> start) {
        for (int tries = TRIES_TO_BIND; ; tries--) {
            try {
                return start.start();
            } catch (IOException e) {
                if (tries == 0) {
                    throw new UncheckedIOException(e);
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts whatever is open. */
    synchronized void stop() {
        Server openGrpc = grpc;
        if (openGrpc != null) {
            openGrpc.shutdownNow();
            try {
                openGrpc.awaitTermination(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            grpc = null;
        }
        HttpServer openRest = rest;
        if (openRest != null) {
            close(openRest::close);
            rest = null;
        }
    }

    @Override
    public void close() {
        stop();
        close(vertx::close);
    }

    private static void close(Supplier<Future<Void>> closing) {
        try {
            await(closing.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T await(Future<T> future) throws IOException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    synchronized String restUrl() {
        return "http://" + HOST + ":" + restPort;
    }

    synchronized String grpcAddress() {
        return HOST + ":" + grpcPort;
    }
}
