package com.barnebys.analytics.chromium;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** One page, and what went wrong in it. One thread. */
public final class ChromiumPage implements AutoCloseable {
    private static final Duration WAIT_MAX = Duration.ofSeconds(60);

    private final Chromium chromium;
    private final String session;
    private final String context;
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String> console = new CopyOnWriteArrayList<>();
    private volatile int loads;

    ChromiumPage(Chromium chromium, String session, String context) {
        this.chromium = chromium;
        this.session = session;
        this.context = context;
    }

    void enable() {
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", new JsonObject());
        }
    }

    /** One command of the protocol. */
    public JsonObject call(String method, JsonObject parameters) {
        return chromium.call(session, method, parameters);
    }

    /** Goes there as a visitor would who types the address, and waits until it is loaded. */
    public void go(String url) {
        int before = loads;
        JsonObject answer = call("Page.navigate", new JsonObject().put("url", url));
        if (answer.containsKey("errorText")) {
            throw new IllegalStateException(url + ": " + answer.getString("errorText"));
        }
        await("a page has loaded", () -> loads > before);
        // Where the browser is slow that may have been the empty page of before.
        await("this one is complete", () -> evaluate("document.readyState").equals("complete"));
    }

    /** Runs a script that leaves the page, a click on a link say, and waits until the next one is loaded. */
    public void leaveBy(String script) {
        int before = loads;
        evaluate(script);
        await("the next page has loaded", () -> loads > before);
    }

    /** Runs a script in each page from now on, before anything of the page. */
    public void beforeEachPage(String script) {
        call("Page.addScriptToEvaluateOnNewDocument", new JsonObject().put("source", script));
    }

    /** The value of an expression, waited for when it is a promise; undefined is null. */
    public Object evaluate(String expression) {
        JsonObject answer = call(
                "Runtime.evaluate",
                new JsonObject()
                        .put("expression", expression)
                        .put("awaitPromise", true)
                        .put("returnByValue", true));
        if (answer.containsKey("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + answer.getJsonObject("exceptionDetails"));
        }
        Object value = answer.getJsonObject("result").getValue("value");
        return value instanceof JsonArray array ? array.getList() : value;
    }

    /** Looks until it is so. */
    public static void await(String what, BooleanSupplier isSo) {
        long deadline = System.nanoTime() + WAIT_MAX.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited in vain: " + what);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** What the page threw, logged as an error, or was refused; also what the browser itself complains of. */
    public List<String> errors() {
        return errors;
    }

    /** What the page logged. */
    public List<String> console() {
        return console;
    }

    /** A picture of what a visitor would see, as PNG. */
    public void screenshot(Path file) throws IOException {
        Files.write(
                file,
                Base64.getDecoder()
                        .decode(call("Page.captureScreenshot", new JsonObject()).getString("data")));
    }

    void happened(String method, JsonObject parameters) {
        switch (method) {
            case "Page.loadEventFired" -> loads++;
            case "Runtime.exceptionThrown" ->
                errors.add(parameters.getJsonObject("exceptionDetails").encode());
            case "Runtime.consoleAPICalled" -> logged(parameters);
            case "Log.entryAdded" -> {
                JsonObject entry = parameters.getJsonObject("entry");
                if (entry.getString("level").equals("error")) {
                    errors.add(entry.getString("text") + " " + entry.getString("url", ""));
                }
            }
            default -> {
                // Of the hundreds of events nothing else is looked at.
            }
        }
    }

    private void logged(JsonObject parameters) {
        String text = parameters.getJsonArray("args").stream()
                .map(argument -> ((JsonObject) argument).getValue("value", "{}"))
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
        console.add(text);
        if (parameters.getString("type").equals("error")) {
            errors.add(text);
        }
    }

    @Override
    public void close() {
        chromium.closed(this, context);
    }
}
