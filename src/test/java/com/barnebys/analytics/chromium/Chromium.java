package com.barnebys.analytics.chromium;

import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real headless Chromium, driven over its own DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/tot/) with what the JDK and Vert.x have anyway. Knows only as much of
 * it as the tests need; each page is in a context of its own, with storage and cookies of its own.
 */
public final class Chromium implements AutoCloseable {
    /** Why a test is skipped. */
    public static final String MISSING = "no Chromium: install Debian's package chromium, or name one in CHROMIUM";

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Duration START_MAX = Duration.ofSeconds(120);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final Duration END_MAX = Duration.ofSeconds(10);

    private final Process process;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> calls = new ConcurrentHashMap<>();
    private final Map<String, ChromiumPage> pages = new ConcurrentHashMap<>();
    private WebSocket socket;

    private Chromium(Process process) {
        this.process = process;
    }

    /** Empty where there is none. */
    public static Optional<Path> executable() {
        String named = System.getenv("CHROMIUM");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named)).filter(Files::isExecutable);
        }
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return NAMES.stream()
                .flatMap(name -> Stream.of(path.split(File.pathSeparator)).map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    public static boolean isHere() {
        return executable().isPresent();
    }

    /**
     * With a profile that nobody has used.
     *
     * @param flags beside those every test needs
     */
    public static Chromium start(String... flags) throws IOException, InterruptedException {
        return start(new JsonObject(), flags);
    }

    /** @param preferences what a user has chosen in the settings, as the profile has it */
    public static Chromium start(JsonObject preferences, String... flags) throws IOException, InterruptedException {
        // Not a directory that JUnit deletes: the browser's last process may write there after the first has ended.
        Path profile = Files.createTempDirectory(
                Files.createDirectories(Path.of("target")).toAbsolutePath(), "chromium-");
        Files.writeString(
                Files.createDirectory(profile.resolve("Default")).resolve("Preferences"), preferences.encode());
        List<String> command = new ArrayList<>(List.of(
                executable().orElseThrow(() -> new IOException(MISSING)).toString(),
                "--headless",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--no-first-run",
                // Root has no sandbox, containers often no /dev/shm, and nothing here wants the network.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync"));
        command.addAll(List.of(flags));
        command.add("about:blank");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Chromium chromium = new Chromium(process);
        try {
            chromium.connect(chromium.address(profile.resolve("DevToolsActivePort")));
            return chromium;
        } catch (IOException | InterruptedException | RuntimeException e) {
            chromium.close();
            throw e;
        }
    }

    /** Its port, and the path of its socket, in a file it writes once both are there. */
    private URI address(Path file) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (System.nanoTime() - deadline < 0 && process.isAlive()) {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (lines.size() >= 2) {
                return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
            }
            Thread.sleep(20);
        }
        throw new IOException("Chromium has not started; alive: " + process.isAlive());
    }

    private void connect(URI address) {
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Listener())
                .join();
    }

    /** A page in a new context. */
    public ChromiumPage open() {
        String context =
                call(null, "Target.createBrowserContext", new JsonObject()).getString("browserContextId");
        String target = call(
                        null,
                        "Target.createTarget",
                        new JsonObject().put("url", "about:blank").put("browserContextId", context))
                .getString("targetId");
        String session = call(
                        null,
                        "Target.attachToTarget",
                        new JsonObject().put("targetId", target).put("flatten", true))
                .getString("sessionId");
        ChromiumPage page = new ChromiumPage(this, session, context);
        pages.put(session, page);
        page.enable();
        return page;
    }

    /** Asks and waits for the answer. @param session null: the browser itself */
    JsonObject call(String session, String method, JsonObject parameters) {
        int id = ids.incrementAndGet();
        JsonObject message =
                new JsonObject().put("id", id).put("method", method).put("params", parameters);
        if (session != null) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        calls.put(id, answer);
        try {
            synchronized (this) {
                socket.sendText(message.encode(), true).join();
            }
            return answer.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(method + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            calls.remove(id);
        }
    }

    private void received(JsonObject message) {
        Integer id = message.getInteger("id");
        if (id != null) {
            CompletableFuture<JsonObject> answer = calls.get(id);
            if (answer != null && message.containsKey("error")) {
                answer.completeExceptionally(
                        new IllegalStateException(message.getJsonObject("error").encode()));
            } else if (answer != null) {
                answer.complete(message.getJsonObject("result", new JsonObject()));
            }
            return;
        }
        ChromiumPage page = pages.get(message.getString("sessionId", ""));
        if (page != null) {
            page.happened(message.getString("method"), message.getJsonObject("params", new JsonObject()));
        }
    }

    void closed(ChromiumPage page, String context) {
        pages.values().remove(page);
        call(null, "Target.disposeBrowserContext", new JsonObject().put("browserContextId", context));
    }

    @Override
    public void close() {
        try {
            if (socket != null) {
                socket.sendText("{\"id\":0,\"method\":\"Browser.close\"}", true).join();
            }
            if (socket == null || !process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Puts the pieces of messages together. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                JsonObject message = new JsonObject(text.toString());
                text.setLength(0);
                received(message);
            }
            webSocket.request(1);
            return null;
        }
    }
}
