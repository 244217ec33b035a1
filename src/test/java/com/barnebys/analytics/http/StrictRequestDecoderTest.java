package com.barnebys.analytics.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that come in pieces; what comes whole, and over a socket, is in {@code HostileInputIT}. */
class StrictRequestDecoderTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServerOptions options = new HttpServerOptions();
    private final ConnectionSweeper sweeper = new ConnectionSweeper(vertx, options, () -> false, EdgeMetrics.NONE);
    private final HttpConnection connection = (HttpConnection) Proxy.newProxyInstance(
            HttpConnection.class.getClassLoader(),
            new Class<?>[] {HttpConnection.class},
            (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
            });

    @AfterEach
    void end() throws Exception {
        sweeper.close();
        vertx.close().await();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
                "GET / HTTP/1.1\r\nA: b\r\n\tc\r\nD: e\r\n\r\n",
                "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n \r\n\r\n",
                "GET / HTTP/1.1\r\n A: b\r\nC: d\r\n\r\n",
                " GET / HTTP/1.1\r\nA: b\r\n\r\n",
                "\r\n\tGET / HTTP/1.1\r\nA: b\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 2\r\n b\r\n\r\nxy",
            })
    void foldedLineIsSeenWhereverTheHeadIsCut(String head) {
        for (int cut = 0; cut <= head.length(); cut++) {
            assertThat(isTaken(head.substring(0, cut), head.substring(cut)))
                    .as("cut at %s", cut)
                    .containsExactly(false);
        }
        assertThat(isTaken(head.split(""))).containsExactly(false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nA: b c\td \r\nE: f\r\n\r\n",
                "\r\nGET / HTTP/1.1\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n x",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\r\n \r\n0\r\n\r\n",
            })
    void blanksElsewhereAreNoFoldedLinesWhereverTheRequestsAreCut(String request) {
        String two = request + request;
        for (int cut = 0; cut <= two.length(); cut++) {
            assertThat(isTaken(two.substring(0, cut), two.substring(cut)))
                    .as("cut at %s", cut)
                    .containsExactly(true, true);
        }
        assertThat(isTaken(two.split(""))).containsExactly(true, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nhOST:a\r\n\r\n",
                "GET / HTTP/1.0\r\nHost:\r\nHost:\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: , chunked\r\n\r\n0\r\n\r\n",
            })
    void headThatSaysTwoThingsIsRefusedWhereverItIsCut(String head) {
        for (int cut = 0; cut <= head.length(); cut++) {
            assertThat(isTaken(head.substring(0, cut), head.substring(cut)))
                    .as("cut at %s", cut)
                    .containsExactly(false);
        }
    }

    @Test
    void eachRequestHasAHostOfItsOwnAndTrailersHaveNone() {
        String get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        String post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\nHost: b\r\nHost: c\r\n\r\n";

        assertThat(isTaken(get + get, post + post + get)).containsExactly(true, true, true, true, true);
    }

    @Test
    void nothingIsReadBehindARefusedHead() {
        assertThat(isTaken("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"))
                .containsExactly(false);
    }

    /** Of each request in these packets, whether it was taken. */
    private List<Boolean> isTaken(String... packets) {
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(options, sweeper, connection));
        for (String packet : packets) {
            boolean unused = channel.writeInbound(Unpooled.copiedBuffer(packet, StandardCharsets.US_ASCII));
        }
        List<Boolean> taken = new ArrayList<>();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            if (message instanceof HttpRequest request) {
                taken.add(request.decoderResult().isSuccess());
            }
            ReferenceCountUtil.release(message);
        }
        boolean unused = channel.finishAndReleaseAll();
        return taken;
    }
}
