package com.barnebys.analytics.cli;

import com.barnebys.analytics.cli.DemoTraffic.DemoHit;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends hits through the public port the way browsers do: several at once, each visitor's in order, with cookies. */
final class DemoClient {
    private static final int BROWSERS = 16;
    private static final List<String> AGENTS = List.of(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0");

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final Map<Integer, String> cookies = new ConcurrentHashMap<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Queue<IOException> failures = new ConcurrentLinkedQueue<>();

    /**
     * Sends all of them.
     *
     * @return how many were not taken
     * @throws IOException when the tracker cannot be reached
     */
    long send(List<DemoHit> hits, Terminal terminal) throws IOException, InterruptedException {
        ExecutorService browsers = Executors.newFixedThreadPool(BROWSERS);
        try {
            for (int i = 0; i < BROWSERS; i++) {
                int browser = i;
                browsers.execute(() -> browse(hits, browser));
            }
            browsers.shutdown();
            while (!browsers.awaitTermination(100, TimeUnit.MILLISECONDS)) {
                terminal.progress("sending", Math.min(done.get(), hits.size() - 1), hits.size());
            }
        } finally {
            browsers.shutdownNow();
        }
        IOException failure = failures.peek();
        if (failure != null) {
            throw failure;
        }
        terminal.progress("sending", hits.size(), hits.size());
        return refused.get();
    }

    /** One browser takes the hits of its visitors, so that each visitor's come in order. */
    private void browse(List<DemoHit> hits, int browser) {
        try {
            for (DemoHit hit : hits) {
                if (hit.visitor() % BROWSERS == browser && failures.isEmpty()) {
                    send(hit);
                    done.incrementAndGet();
                }
            }
        } catch (IOException e) {
            failures.add(e);
        } catch (InterruptedException e) {
            failures.add(new IOException("interrupted", e));
        }
    }

    private void send(DemoHit hit) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(hit.url()))
                .timeout(Duration.ofSeconds(10))
                .header("User-Agent", AGENTS.get(hit.visitor() % AGENTS.size()));
        String cookie = cookies.get(hit.visitor());
        if (cookie != null) {
            request.header("Cookie", cookie);
        }
        HttpResponse<Void> answer = http.send(request.build(), HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() != 200 && answer.statusCode() != 307) {
            refused.incrementAndGet();
        }
        answer.headers().firstValue("Set-Cookie").ifPresent(set -> keep(hit.visitor(), set));
    }

    private void keep(int visitor, String setCookie) {
        String cookie = setCookie.substring(0, setCookie.indexOf(';'));
        if (cookie.endsWith("=")) {
            cookies.remove(visitor);
        } else {
            cookies.put(visitor, cookie);
        }
    }
}
