package com.barnebys.analytics.browser;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Answers GET and HEAD with the browser library, plain or gzipped. Any thread; everything is made once, when it is
 * loaded, and an answer computes nothing but which of the two is wanted.
 *
 * <p>Each form has a strong ETag of its own (RFC 9110 section 8.8.3: they are different bytes) and either is taken back:
 * a cache that has one form has this version of the script.
 */
public final class BrowserScript {
    /** Both are on the pages of sites. */
    public static final Set<String> PATHS = Set.of("/bite.v1.js", "/v1/bite.js");

    /** How long a mended script takes to be everywhere, against a request a visitor and hour. */
    private static final CharSequence CACHE_CONTROL = HttpHeaders.createOptimized("public, max-age=3600");

    /** Of the SHA-256 of what is served. */
    private static final int ETAG_BYTES = 12;

    private final Set<String> paths;
    private final Form plain;
    private final Form gzipped;

    /** One way to send the script. */
    private record Form(Buffer body, String etag, MultiMap headers) {}

    private BrowserScript(Set<String> paths, String script) {
        this.paths = Set.copyOf(paths);
        byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
        String version = version(bytes);
        plain = form(bytes, '"' + version + '"', false);
        gzipped = form(gzip(bytes), '"' + version + "-gzip\"", true);
    }

    /**
     * Reads it out of the jar.
     *
     * @param path of the operator's choice, beside {@link #PATHS}
     */
    public static BrowserScript load(Optional<String> path) {
        Set<String> paths = new LinkedHashSet<>(PATHS);
        path.ifPresent(paths::add);
        return new BrowserScript(paths, ScriptText.served());
    }

    /** The exact paths it is to be served under. */
    public Set<String> paths() {
        return paths;
    }

    /** Ends the response of a GET or HEAD. */
    public void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        Form form = takesGzip(request.headers().getAll(HttpHeaders.ACCEPT_ENCODING)) ? gzipped : plain;
        response.headers().setAll(form.headers());
        if (isKnown(request.headers().getAll(HttpHeaders.IF_NONE_MATCH))) {
            response.headers().remove(HttpHeaders.CONTENT_ENCODING).remove(HttpHeaders.CONTENT_TYPE);
            response.setStatusCode(304).end();
        } else if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader(
                    HttpHeaders.CONTENT_LENGTH, Integer.toString(form.body().length()));
            response.end();
        } else {
            response.end(form.body());
        }
    }

    /** RFC 9110 section 12.5.3. Whoever says nothing, or only {@code *}, gets it plain, which everybody can read. */
    private static boolean takesGzip(Iterable<String> values) {
        for (String value : values) {
            for (String coding : value.toLowerCase(Locale.ROOT).split(",", -1)) {
                String[] parts = coding.strip().split("\\s*;\\s*", -1);
                if (parts[0].equals("gzip")) {
                    return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
                }
            }
        }
        return false;
    }

    /** RFC 9110 section 13.1.2: compared weakly. */
    private boolean isKnown(Iterable<String> values) {
        for (String value : values) {
            for (String given : value.split(",", -1)) {
                String etag = given.strip();
                if (etag.startsWith("W/")) {
                    etag = etag.substring(2);
                }
                if (etag.equals("*") || etag.equals(plain.etag()) || etag.equals(gzipped.etag())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Pages under cross-origin isolation load nothing that does not say it may be loaded from elsewhere. */
    private static Form form(byte[] body, String etag, boolean isGzipped) {
        MultiMap headers = HttpHeaders.headers()
                .add(HttpHeaders.CONTENT_TYPE, "text/javascript; charset=utf-8")
                .add(HttpHeaders.CACHE_CONTROL, CACHE_CONTROL)
                .add(HttpHeaders.ETAG, etag)
                .add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
                .add(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .add("cross-origin-resource-policy", "cross-origin")
                .add("x-content-type-options", "nosniff");
        if (isGzipped) {
            headers.add(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        return new Form(Buffer.buffer(body), etag, headers.copy(false));
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new BestGzip(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static String version(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, ETAG_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** It is compressed once and read millions of times. */
    private static final class BestGzip extends GZIPOutputStream {
        BestGzip(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
