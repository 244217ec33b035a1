package com.barnebys.analytics.reference;

import static com.barnebys.analytics.reference.Futures.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;

/** Stands before a server and can fall silent: then it accepts and takes bytes, and passes nothing on, either way. */
final class Relay implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final NetServer listener;
    private volatile boolean isSilent;

    private Relay(int port) throws Exception {
        listener = vertx.createNetServer().connectHandler(client -> {
            if (!isSilent) {
                join(client, port);
            }
        });
        NetServer listening = await(listener.listen(0, "127.0.0.1"));
    }

    static Relay to(int port) throws Exception {
        return new Relay(port);
    }

    private void join(NetSocket client, int port) {
        client.pause();
        Future<NetSocket> unused = vertx.createNetClient()
                .connect(port, "127.0.0.1")
                .onFailure(e -> client.close())
                .onSuccess(server -> {
                    pass(client, server);
                    pass(server, client);
                    client.resume();
                });
    }

    private void pass(NetSocket from, NetSocket to) {
        from.handler(bytes -> {
            if (!isSilent) {
                Future<Void> unused = to.write(bytes);
            }
        });
        from.closeHandler(ignored -> to.close());
    }

    int port() {
        return listener.actualPort();
    }

    void fallSilent() {
        isSilent = true;
    }

    void speakAgain() {
        isSilent = false;
    }

    @Override
    public void close() throws Exception {
        Void closed = await(vertx.close());
    }
}
