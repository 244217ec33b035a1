package com.barnebys.analytics.session;

import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.hit.SecretRing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the session cookie. One thread; made anew when keys or options change.
 *
 * <pre>
 * value = base64url( u8 version 1 | u32 issued at, Unix seconds | u8 n | kind, n bytes | program, UTF-8 | mac, 16 bytes )
 * mac   = the first 16 bytes of HMAC-SHA256 over the cookie's name and all before the mac
 * key   = HMAC-SHA256(secret, label): a cookie never says anything about the key that signs links
 * </pre>
 *
 * The current secret signs, all secrets are accepted. A cookie that is too old, from the future, of another name, or
 * not signed by us is no session; there is no error a visitor could see. The age counts from the hit that issued it:
 * clicking the same affiliate link again issues none ({@link LeadRule}).
 */
public final class SessionCookie {
    private static final byte VERSION = 1;
    private static final int MAC_BYTES = 16;
    private static final int HEAD_BYTES = 6;
    /** Browsers keep at least 4096 bytes of name and value (RFC 6265, 6.1) and drop more without a word. */
    private static final int COOKIE_BYTES_MAX = 4000;
    /** Replicas' clocks differ a little. */
    private static final long CLOCK_SKEW_SECONDS_MAX = 60;
    /** A foreign site can plant cookies of our name beside ours; so many are tried. */
    private static final int CANDIDATES_MAX = 4;

    private static final byte[] LABEL = "barnebys-analytics session cookie 1".getBytes(StandardCharsets.US_ASCII);
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final List<Mac> macs = new ArrayList<>();
    private final SessionOptions options;
    private final byte[] name;
    private final String prefix;
    private Instant lastInstant = Instant.EPOCH;
    private String lastDate = HTTP_DATE.format(Instant.EPOCH);

    public SessionCookie(SecretRing secrets, SessionOptions options) {
        this.options = options;
        this.name = options.cookieName().getBytes(StandardCharsets.US_ASCII);
        this.prefix = options.cookieName() + "=";
        for (Secret secret : secrets.secrets()) {
            macs.add(hmac(hmac(secret.bytes()).doFinal(LABEL)));
        }
    }

    private static Mac hmac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
        }
    }

    /**
     * The session of that kind a {@code Cookie} header carries, if it is ours and young enough. One of another kind leads to
     * nothing, so its signature is not even checked: that is the larger part of reading a cookie.
     */
    public @Nullable Session read(@Nullable String cookieHeader, String kind, long nowSeconds) {
        if (cookieHeader == null) {
            return null;
        }
        int from = 0;
        for (int tried = 0; tried < CANDIDATES_MAX; ) {
            int start = cookieHeader.indexOf(prefix, from);
            if (start < 0) {
                return null;
            }
            from = start + prefix.length();
            if (!isAtName(cookieHeader, start)) {
                continue;
            }
            tried++;
            int end = cookieHeader.indexOf(';', from);
            String value = cookieHeader.substring(from, end < 0 ? cookieHeader.length() : end);
            Session session = decode(value.strip(), kind);
            if (session != null && isCurrent(session, nowSeconds)) {
                return session;
            }
        }
        return null;
    }

    private static boolean isAtName(String cookieHeader, int start) {
        for (int i = start - 1; i >= 0; i--) {
            char c = cookieHeader.charAt(i);
            if (c != ' ' && c != '\t') {
                return c == ';';
            }
        }
        return true;
    }

    private boolean isCurrent(Session session, long nowSeconds) {
        long age = nowSeconds - session.issuedAtSeconds();
        return age >= -CLOCK_SKEW_SECONDS_MAX && age <= options.maxAge().toSeconds();
    }

    private @Nullable Session decode(String value, String wantedKind) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int signed = bytes.length - MAC_BYTES;
        if (signed < HEAD_BYTES || bytes[0] != VERSION) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, signed - 1);
        long issuedAt = buffer.getInt() & 0xFFFF_FFFFL;
        int kindEnd = HEAD_BYTES + (buffer.get() & 0xFF);
        if (kindEnd > signed) {
            return null;
        }
        String kind = new String(bytes, HEAD_BYTES, kindEnd - HEAD_BYTES, StandardCharsets.US_ASCII);
        if (!kind.equals(wantedKind) || !isSigned(bytes, signed)) {
            return null;
        }
        return new Session(kind, new String(bytes, kindEnd, signed - kindEnd, StandardCharsets.UTF_8), issuedAt);
    }

    private boolean isSigned(byte[] bytes, int signed) {
        byte[] given = new byte[MAC_BYTES];
        System.arraycopy(bytes, signed, given, 0, MAC_BYTES);
        for (Mac mac : macs) {
            if (MessageDigest.isEqual(given, macOf(mac, bytes, signed))) {
                return true;
            }
        }
        return false;
    }

    private byte[] macOf(Mac mac, byte[] bytes, int length) {
        mac.update(name);
        mac.update(bytes, 0, length);
        byte[] first = new byte[MAC_BYTES];
        System.arraycopy(mac.doFinal(), 0, first, 0, MAC_BYTES);
        return first;
    }

    /**
     * A {@code Set-Cookie} value that starts the session.
     *
     * @param isHttps whether the visitor's request came by https
     * @return null when a browser would not keep it: the program's name is too long
     */
    public @Nullable String issue(Session session, boolean isHttps) {
        byte[] kind = session.kind().getBytes(StandardCharsets.US_ASCII);
        byte[] program = session.programId().getBytes(StandardCharsets.UTF_8);
        int signed = HEAD_BYTES + kind.length + program.length;
        ByteBuffer buffer = ByteBuffer.allocate(signed + MAC_BYTES);
        buffer.put(VERSION).putInt((int) session.issuedAtSeconds()).put((byte) kind.length);
        buffer.put(kind).put(program);
        buffer.put(macOf(macs.get(0), buffer.array(), signed));
        String value = ENCODER.encodeToString(buffer.array());
        if (prefix.length() + value.length() > COOKIE_BYTES_MAX) {
            return null;
        }
        Instant expires = Instant.ofEpochSecond(session.issuedAtSeconds()).plus(options.maxAge());
        return setCookie(value, options.maxAge().toSeconds(), expires, isHttps);
    }

    /** A {@code Set-Cookie} value that ends the session. */
    public String clear(boolean isHttps) {
        return setCookie("", 0, Instant.EPOCH, isHttps);
    }

    /** Formatting a date costs more than the rest of the cookie, and a second brings many cookies. */
    private String httpDate(Instant instant) {
        if (!instant.equals(lastInstant)) {
            lastInstant = instant;
            lastDate = HTTP_DATE.format(instant);
        }
        return lastDate;
    }

    private String setCookie(String value, long maxAgeSeconds, Instant expires, boolean isHttps) {
        SameSite sameSite = options.sameSite();
        boolean isNone = sameSite == SameSite.NONE || (sameSite == SameSite.AUTO && isHttps);
        StringBuilder cookie = new StringBuilder(prefix)
                .append(value)
                .append("; Path=/; HttpOnly; Max-Age=")
                .append(maxAgeSeconds)
                .append("; Expires=")
                .append(httpDate(expires));
        if (options.domain() != null) {
            cookie.append("; Domain=").append(options.domain());
        }
        cookie.append("; SameSite=").append(isNone ? "None; Secure" : sameSite == SameSite.STRICT ? "Strict" : "Lax");
        return cookie.toString();
    }
}
