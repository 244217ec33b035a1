package com.barnebys.analytics.browser;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * Stands for the tracker, and for the sites of its customers: serves the script as the tracker does, writes down what the
 * browser sends, and has pages. The tracker is 127.0.0.1, a shop is localhost: another site, as browsers see it.
 */
final class Collector implements AutoCloseable {
    static final String OWN_PATH = "/assets/stats.js";
    private static final byte[] PIXEL =
            Base64.getDecoder().decode("R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==");

    private final Vertx vertx = Vertx.vertx();
    private final BrowserScript script = BrowserScript.load(Optional.of(OWN_PATH));
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    /** What /r/create says to the refs it is asked to keep; 0: nothing, ever. */
    private volatile Function<String, Integer> create = refs -> 200;

    /** What the browser sent to one of the tracker's routes. */
    record Sent(String method, String path, Map<String, String> values, String target, MultiMap headers) {
        String value(String name) {
            return values.get(name);
        }
    }

    private record Page(String html, String csp) {}

    Collector() {
        // As the tracker: long addresses are in use.
        server = vertx.createHttpServer(new HttpServerOptions().setMaxInitialLineLength(16 * 1024))
                .requestHandler(this::handle)
                .listen(0, "127.0.0.1")
                .await();
    }

    String tracker() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    String shop() {
        return "http://localhost:" + server.actualPort();
    }

    /** Puts up a page of the shop, and says where. */
    String page(String path, String html) {
        return page(path, html, "");
    }

    String page(String path, String html, String csp) {
        pages.put(path, new Page("<!DOCTYPE html><meta charset=utf-8><title>Shop</title>" + html, csp));
        return shop() + path;
    }

    void answerCreate(Function<String, Integer> status) {
        create = status;
    }

    void clear() {
        sent.clear();
        create = refs -> 200;
    }

    List<Sent> events() {
        return sent.stream()
                .filter(request -> request.path().endsWith("/r/collect"))
                .toList();
    }

    List<Sent> references() {
        return sent.stream()
                .filter(request -> request.path().endsWith("/r/create"))
                .toList();
    }

    private void handle(HttpServerRequest request) {
        Page page = pages.get(request.path());
        if (page != null) {
            request.response()
                    .putHeader("Content-Type", "text/html; charset=utf-8")
                    .putHeader("Cache-Control", "no-store");
            if (!page.csp().isEmpty()) {
                request.response().putHeader("Content-Security-Policy", page.csp());
            }
            request.response().end(page.html());
        } else if (script.paths().contains(request.path()) || request.path().equals("/behind/proxy/bite.v1.js")) {
            script.answer(request);
        } else if (request.path().endsWith("/r/collect") || request.path().endsWith("/r/create")) {
            collect(request);
        } else {
            request.response().setStatusCode(204).end();
        }
    }

    private void collect(HttpServerRequest request) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String piece : request.query().split("&", -1)) {
            String[] pair = piece.split("=", 2);
            values.putIfAbsent(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        sent.add(new Sent(request.method().name(), request.path(), values, request.uri(), request.headers()));
        request.response().putHeader("Access-Control-Allow-Origin", "*");
        if (request.path().endsWith("/r/create")) {
            int status = create.apply(values.get("refs"));
            if (status != 0) {
                request.response().setStatusCode(status).end(status == 200 ? "done" : "already created");
            }
        } else if (request.method().name().equals("GET")) {
            request.response().putHeader("Content-Type", "image/gif").end(Buffer.buffer(PIXEL));
        } else {
            request.response().setStatusCode(204).end();
        }
    }

    /** The values of one name in the events, in the order in which they came. */
    List<String> events(String name) {
        List<String> values = new ArrayList<>();
        events().forEach(event -> values.add(event.value(name)));
        return values;
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
