package com.barnebys.analytics.http;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The peers whose {@code X-Forwarded-*} headers count, as CIDR ranges. Immutable, any thread. */
public final class TrustedProxies {
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private final List<Range> ranges;

    private TrustedProxies(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single address each.
     *
     * @throws IllegalArgumentException naming the first text that is neither
     */
    public static TrustedProxies parse(List<String> cidrs) {
        List<Range> ranges = new ArrayList<>();
        for (String cidr : cidrs) {
            ranges.add(Range.parse(cidr));
        }
        return ranges.isEmpty() ? NONE : new TrustedProxies(ranges);
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** Whether this address (text, not a name) is in one of the ranges; a mapped IPv4 address counts as IPv4. */
    boolean contain(String address) {
        if (ranges.isEmpty()) {
            return false;
        }
        byte[] bytes = ClientAddress.bytes(address);
        if (bytes == null) {
            return false;
        }
        for (Range range : ranges) {
            if (range.contains(bytes)) {
                return true;
            }
        }
        return false;
    }

    private static final class Range {
        private final byte[] network;
        private final int prefixBits;

        Range(byte[] network, int prefixBits) {
            this.network = network;
            this.prefixBits = prefixBits;
        }

        static Range parse(String cidr) {
            int slash = cidr.indexOf('/');
            byte @Nullable [] network =
                    NetUtil.createByteArrayFromIpAddressString(slash < 0 ? cidr : cidr.substring(0, slash));
            int bits = network == null ? -1 : network.length * 8;
            int prefix = bits;
            try {
                prefix = slash < 0 ? bits : Integer.parseInt(cidr.substring(slash + 1));
            } catch (NumberFormatException e) {
                prefix = -1;
            }
            if (network == null || prefix < 0 || prefix > bits) {
                throw new IllegalArgumentException(cidr + " (expected: an address or a CIDR range like 10.0.0.0/8)");
            }
            return new Range(network, prefix);
        }

        boolean contains(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            for (int bit = 0; bit < prefixBits; bit += 8) {
                int mask = prefixBits - bit >= 8 ? 0xFF : (0xFF << (8 - (prefixBits - bit))) & 0xFF;
                if (((address[bit / 8] ^ network[bit / 8]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
