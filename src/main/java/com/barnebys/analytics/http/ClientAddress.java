package com.barnebys.analytics.http;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose request this is, masked before anybody sees it: IPv4 keeps 24 bits ({@code 1.2.3.0}), IPv6 keeps 24 bits
 * ({@code 2001:db8:...} becomes {@code 2001:d00::}), a mapped IPv4 address stays mapped ({@code ::ffff:1.2.3.0}).
 */
final class ClientAddress {
    private static final String MAPPED = "::ffff:";
    private static final int KEPT_BYTES = 3;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;

    private ClientAddress() {}

    /**
     * The address a chain of trusted proxies reports: read from the right, skipping trusted hops and what is no
     * address. When all are trusted, the leftmost; null when no entry is an address.
     *
     * @param forwarded the {@code X-Forwarded-For} headers in order
     */
    static @Nullable String forwardedFor(List<String> forwarded, TrustedProxies trusted) {
        String leftmost = null;
        for (int line = forwarded.size() - 1; line >= 0; line--) {
            String header = forwarded.get(line);
            int end = header.length();
            while (end >= 0) {
                int comma = header.lastIndexOf(',', end - 1);
                String address = withoutPort(header.substring(comma + 1, end).strip());
                if (bytes(address) != null) {
                    leftmost = address;
                    if (!trusted.contain(address)) {
                        return address;
                    }
                }
                end = comma;
            }
        }
        return leftmost;
    }

    /** {@code 1.2.3.4:567} and {@code [2001:db8::1]:567} lose port and brackets. */
    private static String withoutPort(String entry) {
        if (entry.startsWith("[")) {
            int close = entry.indexOf(']');
            return close < 0 ? entry : entry.substring(1, close);
        }
        int colon = entry.indexOf(':');
        boolean isPort = colon > 0 && colon == entry.lastIndexOf(':');
        return isPort ? entry.substring(0, colon) : entry;
    }

    /** The 4 or 16 bytes of an address in text, IPv4 mapped into IPv6 in any spelling as 4; null when it is none. */
    static byte @Nullable [] bytes(String address) {
        // A zone (fe80::1%eth0) is not part of the address, and never comes from a proxy.
        if (address.indexOf('%') >= 0 || hasOctalLook(address)) {
            return null;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(withoutDottedEnd(address));
        return bytes != null && isMapped(bytes) ? Arrays.copyOfRange(bytes, V6_BYTES - V4_BYTES, V6_BYTES) : bytes;
    }

    /** Whether a number between dots has a zero in front: 010 is 10 to some readers and 8 to others. */
    private static boolean hasOctalLook(String address) {
        int dotted = address.lastIndexOf(':') + 1;
        boolean isDotted = address.indexOf('.', dotted) >= 0;
        for (int i = dotted; isDotted && i + 1 < address.length(); i++) {
            boolean isFirst = i == dotted || address.charAt(i - 1) == '.';
            if (isFirst && address.charAt(i) == '0' && address.charAt(i + 1) != '.') {
                return true;
            }
        }
        return false;
    }

    /** {@code 64:ff9b::1.2.3.4} with its end in hex, as the rest: Netty reads that spelling of few addresses only. */
    private static String withoutDottedEnd(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 0 || address.indexOf('.', colon) < 0) {
            return address;
        }
        byte[] v4 = NetUtil.createByteArrayFromIpAddressString(address.substring(colon + 1));
        return v4 == null ? address : address.substring(0, colon + 1) + hexPair(v4, 0) + ":" + hexPair(v4, 2);
    }

    private static String hexPair(byte[] bytes, int at) {
        return Integer.toHexString((bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF));
    }

    /** Ten zeros and two 0xFF in front of an IPv4 address. */
    private static boolean isMapped(byte[] bytes) {
        for (int i = 0; i < bytes.length - V4_BYTES; i++) {
            if (bytes[i] != (i < V6_BYTES - V4_BYTES - 2 ? 0 : (byte) 0xFF)) {
                return false;
            }
        }
        return bytes.length == V6_BYTES;
    }

    /** The masked address of a peer, as the kernel names it; null when it is no address of the Internet. */
    static @Nullable String maskPeer(String address) {
        int lastDot = address.lastIndexOf('.');
        boolean isPlainV4 = lastDot > 0 && address.indexOf(':') < 0;
        return isPlainV4 ? address.substring(0, lastDot + 1).concat("0") : mask(address);
    }

    /** The masked address, or null when the text is no address. */
    static @Nullable String mask(String address) {
        byte[] bytes = bytes(address);
        if (bytes == null) {
            return null;
        }
        if (bytes.length == 4) {
            String masked = (bytes[0] & 0xFF) + "." + (bytes[1] & 0xFF) + "." + (bytes[2] & 0xFF) + ".0";
            return address.indexOf(':') >= 0 ? MAPPED + masked : masked;
        }
        int first = (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
        int second = (bytes[KEPT_BYTES - 1] & 0xFF) << 8;
        String head = first == 0 && second == 0 ? "" : Integer.toHexString(first);
        return second == 0 ? head + "::" : head + ":" + Integer.toHexString(second) + "::";
    }
}
