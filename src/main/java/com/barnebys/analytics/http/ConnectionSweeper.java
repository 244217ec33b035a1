package com.barnebys.analytics.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Ends connections that take too long or do not read. One for each event loop, used on it only.
 *
 * <p>Looks at all connections of its loop once a second. A timer for each request, or Netty's IdleStateHandler in each
 * pipeline, would cost every request something; this costs a request two field writes. Limits are exact to a second.
 */
final class ConnectionSweeper {
    /** From the first byte of a request to the last of its head and body. */
    static final int REQUEST_SECONDS_MAX = 10;
    /** Between requests. */
    static final int IDLE_SECONDS_MAX = 60;
    /** Answers a client has asked for and does not read: some 4,000 pixels. */
    static final int UNREAD_BYTES_MAX = 1024 * 1024;

    private final HttpServerOptions options;
    private final BooleanSupplier isStopping;
    private final EdgeMetrics metrics;
    private final Map<Channel, StrictRequestDecoder> connections = new HashMap<>();
    private final Vertx vertx;
    private final long timer;
    private int now = 1;

    /** @param isStopping whether each connection is to end with its next answer; asked for each request */
    ConnectionSweeper(Vertx vertx, HttpServerOptions options, BooleanSupplier isStopping, EdgeMetrics metrics) {
        this.vertx = vertx;
        this.options = options;
        this.isStopping = isStopping;
        this.metrics = metrics;
        this.timer = vertx.setPeriodic(1000, id -> sweep());
    }

    /** Seconds since the start, from 1 on: a coarse clock that costs nothing to read. */
    int now() {
        return now;
    }

    boolean isStopping() {
        return isStopping.getAsBoolean();
    }

    /** Puts the strict decoder into a new connection, before its first byte is read. */
    void watch(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        // A client that has sent all it will send and says so still waits for its answer.
        boolean unused = channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        StrictRequestDecoder decoder = new StrictRequestDecoder(options, this, connection);
        channel.pipeline().replace("httpDecoder", "httpDecoder", decoder);
        connections.put(channel, decoder);
        connection.closeHandler(closed -> connections.remove(channel));
    }

    /** Ends all connections, each behind what it has asked for. */
    void endAll() {
        for (Map.Entry<Channel, StrictRequestDecoder> entry : List.copyOf(connections.entrySet())) {
            ChannelHandlerContext context = entry.getKey().pipeline().context(entry.getValue());
            if (context != null) {
                entry.getValue().end(context);
            }
        }
    }

    private void sweep() {
        now++;
        for (Iterator<Map.Entry<Channel, StrictRequestDecoder>> all =
                        connections.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<Channel, StrictRequestDecoder> entry = all.next();
            StrictRequestDecoder decoder = entry.getValue();
            boolean isSlow = decoder.requestSince != 0 && now - decoder.requestSince > REQUEST_SECONDS_MAX;
            boolean isIdle = now - decoder.lastRead > IDLE_SECONDS_MAX;
            if (isSlow || isIdle) {
                all.remove();
                metrics.closed(isSlow ? CloseReason.SLOW : CloseReason.IDLE);
                ChannelFuture unused = entry.getKey().close();
            }
        }
    }

    /** Ends a connection whose unread answers pass the limit; true when it did. */
    boolean isDeaf(Channel channel) {
        ChannelOutboundBuffer unread = channel.unsafe().outboundBuffer();
        if (unread == null || unread.totalPendingWriteBytes() <= UNREAD_BYTES_MAX) {
            return false;
        }
        metrics.closed(CloseReason.DEAF);
        ChannelFuture unused = channel.close();
        return true;
    }

    void close() {
        vertx.cancelTimer(timer);
    }
}
