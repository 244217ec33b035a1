package com.barnebys.analytics.http;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The peers whose {@code X-Forwarded-*} headers count, as CIDR ranges. Immutable, any thread. */
public final class TrustedProxies {
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private final List<Range> ranges;

    private TrustedProxies(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single address each. IPv4 mapped into IPv6 is IPv4:
     * {@code ::ffff:10.0.0.0/104} is {@code 10.0.0.0/8}.
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

    /** Whether every IPv4 or every IPv6 address is in one of the ranges. */
    public boolean areEverybody() {
        return ranges.stream().anyMatch(range -> range.prefixBits == 0);
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
        private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");
        private static final int V4_BITS = 32;
        private static final int V6_BITS = 128;

        private final byte[] network;
        private final int prefixBits;

        Range(byte[] network, int prefixBits) {
            this.network = network;
            this.prefixBits = prefixBits;
        }

        static Range parse(String cidr) {
            int slash = cidr.indexOf('/');
            String address = slash < 0 ? cidr : cidr.substring(0, slash);
            byte[] network = ClientAddress.bytes(address);
            if (network == null) {
                throw mistake(cidr);
            }
            int bits = network.length * 8;
            // The first 96 bits of ::ffff:10.0.0.0/104 say that it is IPv4.
            boolean isMapped = bits == V4_BITS && address.indexOf(':') >= 0;
            int prefix = slash < 0 ? bits : prefixOf(cidr.substring(slash + 1)) - (isMapped ? V6_BITS - V4_BITS : 0);
            if (prefix < 0 || prefix > bits) {
                throw mistake(cidr);
            }
            return new Range(network, prefix);
        }

        private static int prefixOf(String digits) {
            return PREFIX.matcher(digits).matches() ? Integer.parseInt(digits) : -1;
        }

        private static IllegalArgumentException mistake(String cidr) {
            return new IllegalArgumentException(cidr + " (expected: an address or a CIDR range like 10.0.0.0/8)");
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
