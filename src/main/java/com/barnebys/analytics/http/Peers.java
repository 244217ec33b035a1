package com.barnebys.analytics.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the peers whose requests came last. An address does not change while its connection lives, and making
 * its text costs more than all that is done with it. One event loop; holds {@value #SLOTS} at most.
 */
final class Peers {
    private static final int SLOTS = 1024;
    private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
    private static final CharSequence FORWARDED_PROTO = HttpHeaders.createOptimized("x-forwarded-proto");

    private final TrustedProxies trusted;
    private final @Nullable Peer[] slots = new Peer[SLOTS];

    Peers(TrustedProxies trusted) {
        this.trusted = trusted;
    }

    /**
     * One end of a connection.
     *
     * @param isTrusted whether its {@code X-Forwarded-*} headers count
     * @param masked as stored; null when it is no address of the Internet
     */
    record Peer(
            SocketAddress address,
            boolean isTrusted,
            @Nullable String masked) {}

    /** Whose request it is, masked; null when it has no address of the Internet. */
    @Nullable String maskedAddress(HttpServerRequest request) {
        Peer peer = of(request.connection().remoteAddress());
        String forwarded =
                peer.isTrusted() ? ClientAddress.forwardedFor(request.headers().getAll(FORWARDED_FOR), trusted) : null;
        return forwarded == null ? peer.masked() : ClientAddress.mask(forwarded);
    }

    /** BA speaks plain HTTP; https is what a trusted proxy says the visitor used (the first of a list). */
    boolean isHttps(HttpServerRequest request) {
        String proto = request.headers().get(FORWARDED_PROTO);
        return proto != null
                && proto.regionMatches(true, 0, "https", 0, 5)
                && of(request.connection().remoteAddress()).isTrusted();
    }

    /** @param address the same object for all requests of a connection, as Vert.x has it */
    @SuppressWarnings("ReferenceEquality") // an equal address that is another object is only slower
    Peer of(SocketAddress address) {
        int slot = System.identityHashCode(address) & (SLOTS - 1);
        Peer peer = slots[slot];
        if (peer == null || peer.address() != address) {
            String host = address.hostAddress();
            peer = new Peer(address, trusted.contain(host), ClientAddress.maskPeer(host));
            slots[slot] = peer;
        }
        return peer;
    }
}
