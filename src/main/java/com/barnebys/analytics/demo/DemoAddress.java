package com.barnebys.analytics.demo;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Under which origins the browser in front of us reaches the demo and the tracker.
 *
 * <p>Only this machine's own addresses are taken: localhost, loopback, and the address the connection came to. The demo
 * signs a redirect to wherever it is, and shows stored rows; with any name taken, a site that lets its name point here
 * (DNS rebinding) could read them, and a forged Host would buy a signed redirect to anywhere.
 *
 * @param demo origin of the management port
 * @param tracker origin of the public port
 */
record DemoAddress(String demo, String tracker) {
    private static final Pattern HOST = Pattern.compile("([a-z0-9.]{1,63}|\\[[0-9a-f:.]{2,45}])(?::([0-9]{1,5}))?");
    private static final int PORT_MAX = 65_535;

    /**
     * Reads the Host header.
     *
     * @param local the address the connection came to
     * @return null when it is none of ours
     */
    static @Nullable DemoAddress of(@Nullable String hostHeader, String local, int publicPort) {
        Matcher host = HOST.matcher(hostHeader == null ? "" : hostHeader.toLowerCase(Locale.ROOT));
        if (!host.matches() || !isPort(host.group(2)) || !isOurs(host.group(1), local)) {
            return null;
        }
        return new DemoAddress("http://" + host.group(), "http://" + host.group(1) + ":" + publicPort);
    }

    private static boolean isPort(@Nullable String digits) {
        return digits == null || Integer.parseInt(digits) <= PORT_MAX;
    }

    private static boolean isOurs(String host, String local) {
        if (host.equals("localhost")) {
            return true;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        return address != null
                && (isLoopback(address) || Arrays.equals(address, NetUtil.createByteArrayFromIpAddressString(local)));
    }

    private static boolean isLoopback(byte[] address) {
        return address.length == 4 ? address[0] == 127 : Arrays.equals(address, NetUtil.LOCALHOST6.getAddress());
    }
}
