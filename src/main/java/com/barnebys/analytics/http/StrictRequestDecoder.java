package com.barnebys.analytics.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ShutdownEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The decoder of Vert.x, made to refuse what Netty 4.2 still takes, and to know how far each connection's request has
 * come. It stands in the pipeline in place of its parent, so it costs no further hop.
 *
 * <p>Netty refuses by itself: both Content-Length and Transfer-Encoding, two Content-Length, Transfer-Encoding that does
 * not end in chunked or comes with HTTP/1.0, space around header names, bare LF. It still takes, and this does not:
 *
 * <ul>
 *   <li>folded header lines (RFC 9112, 5.2: a server should refuse them), also one in front of the first header;
 *   <li>headers without a name, and two Host (RFC 9112, 3.2);
 *   <li>transfer codings in front of chunked (RFC 9112, 6.1): the body would be read as if they were not there;
 *   <li>tabs, CR and several spaces between the words of the request line (RFC 9112, 3, allows to be that lenient, and
 *       names smuggling as the price);
 *   <li>versions other than HTTP/1.0 and HTTP/1.1: the answer would repeat whatever word stood there;
 *   <li>a body nobody announced: the 8 bytes behind the head of the draft that became WebSocket.
 * </ul>
 *
 * A refused head is handed on as Netty hands on its own: in its turn, behind the answers to what came before it, and with
 * nothing read after it.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    /** How long the answer may take to a client that has closed its side in the middle of a body. */
    private static final int HALF_CLOSED_SECONDS_MAX = 5;

    private final ConnectionSweeper sweeper;
    private final HttpConnection connection;

    /** Sweep at which the first byte of the open request came; 0 when none is open. */
    int requestSince;
    /** Sweep at which the last byte came. */
    int lastRead;

    private boolean isInBody;
    /** Whether nothing of the request has come yet, not even its first word. */
    private boolean isBeforeRequestLine = true;
    /** What the parent is reading from: when it hands on a line, it stands at the beginning of the next one. */
    private @Nullable ByteBuf reading;
    /** Whether the beginning of a line was not there yet when it was to be looked at. */
    private boolean isLineToCome;

    private boolean isFolded;
    /** How many Host headers the head has so far. */
    private int hosts;
    /** Whether nothing more is read: what came cannot be read as requests, or the connection is to end. */
    private boolean isRefused;

    private boolean isToEnd;
    /** Where the previous word of the request line ended. */
    private int wordEnd;

    StrictRequestDecoder(HttpServerOptions options, ConnectionSweeper sweeper, HttpConnection connection) {
        super(options);
        this.sweeper = sweeper;
        this.connection = connection;
        this.lastRead = sweeper.now();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        lastRead = sweeper.now();
        if (requestSince == 0) {
            requestSince = lastRead;
        }
        if (message instanceof ByteBuf bytes && !ctx.channel().isWritable() && sweeper.isDeaf(ctx.channel())) {
            bytes.release();
            return;
        }
        super.channelRead(ctx, message);
    }

    /** Each call of the parent reads whole lines of one head, or of the body behind it, and never of both. */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (isRefused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int before = out.size();
        boolean isHead = !isInBody;
        reading = in;
        if (isBeforeRequestLine) {
            lookBeforeRequestLine(in);
        } else if (isLineToCome) {
            lookAtNextLine();
        }
        super.decode(ctx, in, out);
        int after = out.size();
        if (after == before) {
            return;
        }
        isInBody = !(out.get(after - 1) instanceof LastHttpContent);
        isBeforeRequestLine = !isInBody;
        isLineToCome = false;
        if (isHead && out.get(before) instanceof HttpRequest request) {
            judge(request, in, out);
        }
        if (!isInBody) {
            // What is left in the packet has begun the next request.
            requestSince = in.isReadable() ? lastRead : 0;
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (isToEnd) {
            end(ctx);
        }
        super.channelReadComplete(ctx);
    }

    /**
     * Ends the connection behind the answers to all it has asked for, and behind the request that is half here. Vert.x's
     * own way drops requests that wait for their turn; this hands on one more that asks for the end, and waits for its turn
     * as well.
     */
    void end(ChannelHandlerContext ctx) {
        isToEnd = true;
        if (!isRefused && requestSince == 0) {
            isRefused = true;
            HttpRequest last = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
            last.setDecoderResult(DecoderResult.failure(new EndException()));
            ctx.fireChannelRead(last);
            ctx.fireChannelReadComplete();
        }
    }

    /** The parent passes over blanks and ends of lines there, and a line that begins with a blank is a folded one. */
    private void lookBeforeRequestLine(ByteBuf in) {
        for (int i = in.readerIndex(); i < in.writerIndex() && (in.getByte(i) & 0xFF) <= ' '; i++) {
            isFolded |= isBlank(in.getByte(i));
        }
    }

    /**
     * Whether the line behind the one just read goes on with it. Asked once a line, while the parent is there: looking
     * through the whole head for it costs six times as much.
     */
    private void lookAtNextLine() {
        ByteBuf in = reading;
        isLineToCome = in == null || !in.isReadable();
        if (in != null && !isLineToCome) {
            isFolded |= isBlank(in.getByte(in.readerIndex()));
        }
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private void judge(HttpRequest request, ByteBuf in, List<Object> out) {
        if (!request.decoderResult().isSuccess()) {
            isRefused = true;
            return;
        }
        HttpHeaders headers = request.headers();
        String fault = isFolded
                ? "a folded header line"
                : hosts > 1 ? "two Host headers" : isInBody ? faultOfBody(headers) : null;
        if (fault != null) {
            refuse(request, fault, in, out);
            return;
        }
        // Vert.x only knows a Connection header that says close and nothing else.
        String connection = headers.get(HttpHeaderNames.CONNECTION);
        if (connection != null
                && connection.indexOf(',') >= 0
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        if (sweeper.isStopping() && (isInBody || !in.isReadable())) {
            // As if the client had asked for it: the answer says so, and the connection ends behind it. Not while more
            // requests are here already, for behind this one nothing is read.
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private static @Nullable String faultOfBody(HttpHeaders headers) {
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (codings.isEmpty()) {
            return headers.contains(HttpHeaderNames.CONTENT_LENGTH) ? null : "a body without length or coding";
        }
        boolean isChunked = codings.size() == 1 && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0));
        return isChunked ? null : "a transfer coding that is not chunked";
    }

    /** As Netty does it: the request says that it failed, has no end, and the rest of the connection is not read. */
    private void refuse(HttpRequest request, String fault, ByteBuf in, List<Object> out) {
        isRefused = true;
        request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(fault)));
        if (!isInBody) {
            out.remove(out.size() - 1);
            isInBody = true;
        }
        in.skipBytes(in.readableBytes());
    }

    /**
     * Nothing more comes: the connection ends with the answers that are due, now if none is. And when the server stops, the
     * sweeper says when the connection ends: Vert.x would cut off one that is idle at once, and a request on its way to it.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ShutdownEvent) {
            return;
        }
        super.userEventTriggered(ctx, event);
        if (event != ChannelInputShutdownEvent.INSTANCE) {
            return;
        }
        if (isInBody) {
            Future<Void> unused = connection.shutdown(HALF_CLOSED_SECONDS_MAX, TimeUnit.SECONDS);
        } else {
            requestSince = 0;
            ctx.pipeline().addFirst(new ReadsNothing());
            end(ctx);
        }
    }

    /** Half a head is no request, so nothing is owed for it when its client goes away. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (isInBody) {
            super.decodeLast(ctx, in, out);
        }
    }

    /** A reset ends the connection, and that is all: Vert.x 5.0.10 trips over it when a request waits for its turn. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (cause instanceof IOException || cause instanceof UncheckedIOException) {
            ChannelFuture unused = ctx.close();
        } else {
            super.exceptionCaught(ctx, cause);
        }
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (length == 0) {
            throw new IllegalArgumentException("a header without a name");
        }
        AsciiString name = super.splitHeaderName(line, start, length);
        if (!isInBody) {
            lookAtNextLine();
            if (HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
                hosts++;
            }
        }
        return name;
    }

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        isBeforeRequestLine = false;
        hosts = 0;
        wordEnd = start + length;
        return super.splitFirstWordInitialLine(line, start, length);
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        requireOneSpaceBefore(line, start);
        wordEnd = start + length;
        return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        requireOneSpaceBefore(line, start);
        lookAtNextLine();
        String version = super.splitThirdWordInitialLine(line, start, length);
        if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
            throw new IllegalArgumentException("request line: expected HTTP/1.1 or HTTP/1.0");
        }
        return version;
    }

    private void requireOneSpaceBefore(byte[] line, int start) {
        if (start != wordEnd + 1 || line[wordEnd] != ' ') {
            throw new IllegalArgumentException("request line: expected one space between its words");
        }
    }

    /** What is wrong with the request that {@link #end} makes. */
    static final class EndException extends Exception {
        private static final long serialVersionUID = 1;

        private EndException() {
            super("the connection is to end", null, false, false);
        }
    }

    /**
     * Nothing is asked to be read any more. Where the client has closed its side while reading was paused, Netty 4.2.18 has
     * taken the socket from epoll, and asking makes it close the channel with the answers that are due.
     */
    private static final class ReadsNothing extends ChannelOutboundHandlerAdapter {
        @Override
        public void read(ChannelHandlerContext ctx) {
            // Vert.x asks when it goes on with requests that wait.
        }
    }
}
