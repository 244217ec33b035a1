package com.barnebys.analytics;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection that sends exactly the bytes it is given: HTTP clients would mend what these tests are about. */
public final class RawHttp implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream in;

    public RawHttp(int port) throws IOException {
        socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** An answer; header names in lower case. */
    public record Answer(int status, Map<String, List<String>> headers, byte[] body) {
        public String header(String name) {
            List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
            return values == null ? null : values.get(0);
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /**
     * One request over a connection of its own.
     *
     * @throws EOFException when the other side has closed instead of answering, as one that is just stopping may
     */
    public static Answer once(int port, String method, String target, String... headerLines) throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            Answer answer = http.request(method, target, headerLines);
            if (answer == null) {
                throw new EOFException("closed without an answer to " + method + " " + target);
            }
            return answer;
        }
    }

    public static Answer get(int port, String target, String... headerLines) throws IOException {
        return once(port, "GET", target, headerLines);
    }

    public Answer request(String method, String target, String... headerLines) throws IOException {
        send(head(method, target, "HTTP/1.1", headerLines));
        return answer(method.equals("HEAD"));
    }

    public static String head(String method, String target, String version, String... headerLines) {
        StringBuilder head = new StringBuilder(method + " " + target + " " + version + "\r\nHost: localhost\r\n");
        for (String line : headerLines) {
            head.append(line).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    public void send(String latin1) throws IOException {
        send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Reads one answer; null when the other side has closed instead. */
    public Answer answer(boolean isHead) throws IOException {
        String statusLine = line();
        if (statusLine == null) {
            return null;
        }
        Map<String, List<String>> headers = new TreeMap<>();
        for (String line = line(); line != null && !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), n -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        int status = Integer.parseInt(statusLine.split(" ")[1]);
        List<String> length = headers.get("content-length");
        byte[] body = isHead || status == 204 || length == null
                ? new byte[0]
                : in.readNBytes(Integer.parseInt(length.get(0)));
        return new Answer(status, headers, body);
    }

    /** Whether the other side has closed, waiting for it at most so long. */
    public boolean isClosed(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException stillOpen) {
            return false;
        } catch (java.net.SocketException reset) {
            return true;
        } finally {
            socket.setSoTimeout(TIMEOUT_MILLIS);
        }
    }

    /** Says that nothing more will be sent; answers can still be read. */
    public void closeOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Reads a line as it stands; null at the end. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
