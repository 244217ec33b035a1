package com.barnebys.analytics.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.http.Peers.Peer;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeersTest {
    private final Peers peers = new Peers(TrustedProxies.parse(List.of("10.0.0.0/8")));

    @Test
    void peerIsMaskedAndTrustedByItsAddress() {
        Peer proxy = peers.of(SocketAddress.inetSocketAddress(4711, "10.1.2.3"));
        Peer visitor = peers.of(SocketAddress.inetSocketAddress(4711, "192.0.2.77"));

        assertThat(proxy.isTrusted()).isTrue();
        assertThat(visitor.isTrusted()).isFalse();
        assertThat(visitor.masked()).isEqualTo("192.0.2.0");
    }

    @Test
    void eachOfMorePeersThanAreKeptGetsItsOwn() {
        List<SocketAddress> addresses = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            addresses.add(SocketAddress.inetSocketAddress(i, "192.0." + i % 256 + ".1"));
        }

        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < addresses.size(); i++) {
                assertThat(peers.of(addresses.get(i)).masked()).isEqualTo("192.0." + i % 256 + ".0");
            }
        }
    }

    @Test
    void peerIsLookedAtOnce() {
        SocketAddress address = SocketAddress.inetSocketAddress(4711, "192.0.2.77");

        assertThat(peers.of(address)).isSameAs(peers.of(address));
    }
}
