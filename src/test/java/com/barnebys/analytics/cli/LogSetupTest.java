package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogSetupTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void end() throws InterruptedException {
        LogLevel.apply(Level.INFO);
        end(loops);
    }

    /** As Vert.x does it in the moment in which the port is closed: it was accepted, and nobody is left to serve it. */
    @Test
    void connectionThatNobodyServesLeavesNoVisitorsAddress() throws Exception {
        EventLoopGroup nobody = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()) {
            @Override
            public ChannelFuture register(Channel channel) {
                throw new IllegalStateException("nobody");
            }
        };
        try {
            assertThat(saidOfVisitors(nobody, noHandlers())).isEmpty();
        } finally {
            end(nobody);
        }
    }

    @Test
    void connectionOfAThreadThatHasEndedLeavesNoVisitorsAddress() throws Exception {
        EventLoopGroup ended = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        end(ended);

        assertThat(saidOfVisitors(ended, noHandlers())).isEmpty();
    }

    @Test
    void connectionThatCannotBePreparedLeavesNoVisitorsAddress() throws Exception {
        ChannelInitializer<Channel> broken = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                throw new IllegalStateException("broken");
            }
        };

        assertThat(saidOfVisitors(loops, broken)).isEmpty();
    }

    private static void end(EventLoopGroup loops) throws InterruptedException {
        assertThat(loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS))
                .isTrue();
    }

    private static ChannelInitializer<Channel> noHandlers() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {}
        };
    }

    /** The lines that name the port of a client which is let in and thrown out again; with the most that can be logged. */
    private List<String> saidOfVisitors(EventLoopGroup serving, ChannelInitializer<Channel> handlers)
            throws IOException, InterruptedException {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(said);
        LogLevel.apply(Level.TRACE);
        ChannelFuture listening = new ServerBootstrap()
                .group(loops, serving)
                .channel(NioServerSocketChannel.class)
                .childHandler(handlers)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .await();
        InetSocketAddress address = (InetSocketAddress) listening.channel().localAddress();
        int port;
        try (Socket visitor = new Socket(address.getAddress(), address.getPort())) {
            port = visitor.getLocalPort();
            visitor.setSoTimeout(10_000);
            assertThat(readToEnd(visitor)).isTrue();
        } finally {
            assertThat(listening.channel().close().await(10, TimeUnit.SECONDS)).isTrue();
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).detachAppender(said);
        }
        return said.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(message -> message.contains(":" + port))
                .toList();
    }

    private static boolean readToEnd(Socket visitor) {
        try {
            return visitor.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }
}
