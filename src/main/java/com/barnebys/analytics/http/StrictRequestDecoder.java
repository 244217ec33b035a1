package com.barnebys.analytics.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.util.List;

/**
 * The decoder of Vert.x, made to refuse what Netty 4.2 still takes, and to know how far each connection's request has
 * come. It stands in the pipeline in place of its parent, so it costs no further hop.
 *
 * <p>Netty refuses by itself: both Content-Length and Transfer-Encoding, two Content-Length, Transfer-Encoding that does
 * not end in chunked or comes with HTTP/1.0, space around header names, bare LF. It still joins folded header lines
 * (RFC 9112, 5.2, which a server should refuse), so those are looked for in the bytes, and headers without a name.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    private final ConnectionSweeper sweeper;

    /** Sweep at which the first byte of the open request came; 0 when none is open. */
    int requestSince;
    /** Sweep at which the last byte came. */
    int lastRead;

    private boolean isInBody;
    private byte lastByte;

    StrictRequestDecoder(HttpServerOptions options, ConnectionSweeper sweeper) {
        super(options);
        this.sweeper = sweeper;
        this.lastRead = sweeper.now();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        lastRead = sweeper.now();
        if (requestSince == 0) {
            requestSince = lastRead;
        }
        if (message instanceof ByteBuf bytes) {
            if (!isInBody && hasFoldedLine(bytes)) {
                bytes.release();
                sweeper.refuseMalformed(ctx);
                return;
            }
            if (!ctx.channel().isWritable() && sweeper.isDeaf(ctx.channel())) {
                bytes.release();
                return;
            }
        }
        super.channelRead(ctx, message);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        int before = out.size();
        super.decode(ctx, in, out);
        int after = out.size();
        if (after > before) {
            isInBody = !(out.get(after - 1) instanceof LastHttpContent);
            if (!isInBody) {
                requestSince = 0;
            }
        }
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (length == 0) {
            throw new IllegalArgumentException("a header without a name");
        }
        return super.splitHeaderName(line, start, length);
    }

    /**
     * Whether a header line in these bytes begins with a space. A head ends at an empty line; what follows is another
     * head when the method was GET. Behind any other method it may be a body, which is not ours to judge.
     */
    private boolean hasFoldedLine(ByteBuf bytes) {
        int end = bytes.writerIndex();
        int lineStart = bytes.readerIndex();
        if (lineStart == end) {
            return false;
        }
        if (lastByte == '\n' && isBlank(bytes.getByte(lineStart))) {
            return true;
        }
        int headStart = lineStart;
        while (true) {
            int newline = bytes.indexOf(lineStart, end, (byte) '\n');
            if (newline < 0 || newline + 1 == end) {
                // A line break at the very end is remembered, unless it ended the head.
                boolean endsHead = newline - lineStart <= 1 && newline >= 0;
                lastByte = endsHead || newline < 0 ? 0 : (byte) '\n';
                return false;
            }
            if (newline - lineStart <= 1 && newline > headStart + 1) {
                if (bytes.getByte(headStart) != 'G') {
                    lastByte = 0;
                    return false;
                }
                headStart = newline + 1;
            } else if (isBlank(bytes.getByte(newline + 1))) {
                return true;
            }
            lineStart = newline + 1;
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
