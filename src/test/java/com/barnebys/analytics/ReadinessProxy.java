package com.barnebys.analytics;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a Service of Kubernetes does for connections: a new one goes to the next backend whose {@code /readyz} says 200,
 * looked at now and then; one that is open stays where it is.
 */
final class ReadinessProxy implements AutoCloseable {
    private static final int LOOK_MILLIS = 20;

    private final ServerSocket listener;
    private final List<Backend> backends = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final Thread accepting = new Thread(this::accept, "proxy");
    private final Thread looking = new Thread(this::look, "proxy-probe");
    private volatile boolean isClosed;

    /** One process; ready from the first good probe to the first bad one. */
    static final class Backend {
        private final TrackerProcess tracker;
        private final AtomicInteger connections = new AtomicInteger();
        private volatile boolean isReady;

        Backend(TrackerProcess tracker) {
            this.tracker = tracker;
        }

        boolean isReady() {
            return isReady;
        }

        int connections() {
            return connections.get();
        }
    }

    ReadinessProxy() throws IOException {
        listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        accepting.start();
        looking.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    Backend add(TrackerProcess tracker) {
        Backend backend = new Backend(tracker);
        backends.add(backend);
        return backend;
    }

    void remove(Backend backend) {
        backends.remove(backend);
    }

    private void look() {
        while (!isClosed) {
            for (Backend backend : backends) {
                try {
                    backend.isReady = RawHttp.get(backend.tracker.managementPort(), "/readyz")
                                    .status()
                            == 200;
                } catch (IOException gone) {
                    backend.isReady = false;
                }
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void accept() {
        while (!isClosed) {
            try {
                Socket client = listener.accept();
                client.setTcpNoDelay(true);
                connect(client);
            } catch (IOException closed) {
                return;
            }
        }
    }

    /** A client for whom there is nobody is hung up on, and notes it. */
    private void connect(Socket client) throws IOException {
        int first = turn.getAndIncrement();
        for (int i = 0; i < backends.size(); i++) {
            Backend backend = backends.get(Math.floorMod(first + i, backends.size()));
            if (backend.isReady) {
                Socket server = new Socket();
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), backend.tracker.port()), 5000);
                server.setTcpNoDelay(true);
                backend.connections.incrementAndGet();
                pump(client, server);
                pump(server, client);
                return;
            }
        }
        client.close();
    }

    private static void pump(Socket from, Socket to) {
        Thread thread = new Thread(
                () -> {
                    byte[] buffer = new byte[16 * 1024];
                    try {
                        InputStream in = from.getInputStream();
                        OutputStream out = to.getOutputStream();
                        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                            out.write(buffer, 0, length);
                        }
                        to.shutdownOutput();
                    } catch (IOException ended) {
                        closeQuietly(from);
                        closeQuietly(to);
                    }
                },
                "proxy-pump");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It was to be closed.
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        isClosed = true;
        listener.close();
        looking.interrupt();
        accepting.join(5000);
        looking.join(5000);
    }
}
