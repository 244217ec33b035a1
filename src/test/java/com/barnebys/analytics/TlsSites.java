package com.barnebys.analytics;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A proxy with TLS in front of the tracker, as production has it, and sites of others beside it: browsers send cookies from
 * site to site only over https. Hosts whose names begin with {@code t.} are the tracker's; every other one has the pages
 * it was given. The browser is told to look for all of them here, see {@link #browserFlags}.
 */
final class TlsSites implements AutoCloseable {
    private static final String PASSWORD = "not-secret";
    private static final int KEYTOOL_SECONDS_MAX = 120;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final int trackerPort;
    private final HttpServer server;

    private record Page(String html, String csp) {}

    TlsSites(Path directory, int trackerPort) throws IOException, InterruptedException {
        this.trackerPort = trackerPort;
        PfxOptions certificate =
                new PfxOptions().setPath(certificate(directory).toString()).setPassword(PASSWORD);
        server = vertx.createHttpServer(
                        new HttpServerOptions().setSsl(true).setUseAlpn(false).setKeyCertOptions(certificate))
                .requestHandler(this::handle)
                .listen(0, "127.0.0.1")
                .await();
    }

    /** Made anew by the JDK's own tool: one that is checked in would expire one day. */
    private static Path certificate(Path directory) throws IOException, InterruptedException {
        Path file = directory.resolve("sites.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "sites",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=sites",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!keytool.waitFor(KEYTOOL_SECONDS_MAX, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            keytool.destroyForcibly();
            throw new IOException("keytool has made no certificate");
        }
        return file;
    }

    String[] browserFlags() {
        return new String[] {
            "--ignore-certificate-errors", "--host-resolver-rules=MAP *.example 127.0.0.1:" + server.actualPort()
        };
    }

    /** Puts up a page, and says where. */
    String page(String address, String html) {
        return page(address, html, "");
    }

    String page(String address, String html, String csp) {
        pages.put(address, new Page("<!DOCTYPE html><meta charset=utf-8><title>Site</title>" + html, csp));
        return "https://" + address;
    }

    private void handle(HttpServerRequest request) {
        String host = request.authority() == null ? "" : request.authority().host();
        if (host.startsWith("t.")) {
            forward(request);
            return;
        }
        Page page = pages.get(host + request.path());
        HttpServerResponse response = request.response();
        if (page == null) {
            response.setStatusCode(204).end();
            return;
        }
        response.putHeader("Content-Type", "text/html; charset=utf-8").putHeader("Cache-Control", "no-store");
        if (!page.csp().isEmpty()) {
            response.putHeader("Content-Security-Policy", page.csp());
        }
        response.end(page.html());
    }

    private void forward(HttpServerRequest request) {
        RequestOptions options = new RequestOptions()
                .setHost("127.0.0.1")
                .setPort(trackerPort)
                .setMethod(request.method())
                .setURI(request.uri());
        request.headers().forEach(options::addHeader);
        options.putHeader("X-Forwarded-Proto", List.of("https"));
        options.putHeader("X-Forwarded-For", List.of("192.0.2.7"));
        client.request(options)
                .compose(out -> out.send())
                .compose(in -> in.body().onSuccess(body -> {
                    HttpServerResponse response = request.response().setStatusCode(in.statusCode());
                    response.headers().setAll(in.headers());
                    response.end(body);
                }))
                .onFailure(e -> request.response().setStatusCode(502).end());
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
