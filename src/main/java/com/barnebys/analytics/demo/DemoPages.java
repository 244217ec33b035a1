package com.barnebys.analytics.demo;

import com.barnebys.analytics.hit.Secret;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /demo} and what belongs to it. Knows no secret longer than it takes to sign a page's links. Any thread. */
public final class DemoPages {
    static final String SHOP = "/demo/shop";
    private static final String MAGAZINE = "/demo";
    private static final String ROWS = "/demo/rows";

    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final Map<String, String> FILES = Map.of(
            "demo.css", "text/css; charset=utf-8",
            "icon.svg", "image/svg+xml",
            "snippet.js", SCRIPT,
            "rows.js", SCRIPT,
            "magazine.js", SCRIPT,
            "shop.js", SCRIPT);

    private final Parts parts;

    /**
     * What the demo shows and signs with.
     *
     * @param publicPort 0 as long as nobody listens
     * @param secret signs the links
     * @param storeName what STORE says
     * @param localStore file of the embedded store; null when rows go elsewhere
     * @param books counters of this process, shown when there is no file to read; must not block
     */
    public record Parts(
            IntSupplier publicPort,
            Supplier<Secret> secret,
            String storeName,
            @Nullable Path localStore,
            Supplier<JsonObject> books) {}

    public DemoPages(Parts parts) {
        this.parts = parts;
    }

    /** Adds the routes. */
    public void addTo(Router router) {
        page(router, MAGAZINE, Page.load("magazine.html"));
        page(router, SHOP, Page.load("shop.html"));
        FILES.forEach((name, type) -> {
            String text = Page.load(name).text();
            router.get("/demo/" + name).handler(context -> answer(context, 200, type, text));
        });
        router.get(ROWS).handler(context -> {
            if (address(context) != null) {
                rows(context);
            }
        });
    }

    private void page(Router router, String path, Page page) {
        router.get(path).handler(context -> {
            DemoAddress address = address(context);
            if (address != null) {
                context.response().putHeader("Content-Security-Policy", policy(address));
                answer(context, 200, HTML, page.with(values(address)));
            }
        });
    }

    /** Null when the request is answered already. */
    private @Nullable DemoAddress address(RoutingContext context) {
        HttpServerRequest request = context.request();
        int port = parts.publicPort().getAsInt();
        List<String> hosts = request.headers().getAll(HttpHeaders.HOST);
        DemoAddress address = DemoAddress.of(
                hosts.size() == 1 ? hosts.get(0) : null, request.localAddress().hostAddress(), port);
        if (address == null) {
            answer(context, 421, "text/plain", "The demo is for this machine: open it as http://localhost:PORT/demo\n");
        } else if (port == 0) {
            answer(context, 503, "text/plain", "Still starting\n");
            return null;
        }
        return address;
    }

    private Map<String, String> values(DemoAddress address) {
        byte[] random = new byte[4];
        ThreadLocalRandom.current().nextBytes(random);
        DemoLinks links = DemoLinks.sign(
                parts.secret().get(), address, "visit-" + HexFormat.of().formatHex(random));
        return Map.of(
                "tracker", address.tracker(),
                "pixel", links.pixel(),
                "affiliate", links.affiliate(),
                "arrival", links.arrival(),
                "magazine", DemoLinks.MAGAZINE,
                "shop", DemoLinks.SHOP);
    }

    /** No inline script, nothing of strangers: ourselves and the tracker, for its script, its pixels and its beacons. */
    private static String policy(DemoAddress address) {
        String both = "'self' " + address.tracker();
        return "default-src 'self'; script-src " + both + "; connect-src " + both + "; img-src " + both
                + "; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    /** The file is read on a worker, one after the other. */
    private void rows(RoutingContext context) {
        Path store = parts.localStore();
        JsonObject json = new JsonObject().put("store", parts.storeName());
        if (store == null) {
            answer(
                    context,
                    200,
                    "application/json",
                    json.put("books", parts.books().get()).encode());
            return;
        }
        context.vertx()
                .executeBlocking(() -> StoredRows.read(store))
                .onComplete(
                        rows -> answer(
                                context,
                                200,
                                "application/json",
                                json.put("rows", rows).encode()),
                        e -> answer(context, 503, "text/plain", "The store cannot be read now: " + e.getMessage()));
    }

    private static void answer(RoutingContext context, int status, String type, String text) {
        HttpServerResponse response = context.response();
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(text);
    }
}
