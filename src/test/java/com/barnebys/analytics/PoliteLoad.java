package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.HitLoad.Hit;
import com.barnebys.analytics.RawHttp.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients as RFC 9112 wants them: they keep their connections, open new ones when an answer says {@code Connection:
 * close}, and know that what they sent behind such a request was not looked at. Some send bursts of requests at once.
 * Every request that is not answered and should have been is noted.
 */
final class PoliteLoad {
    private static final int BURST = 16;
    private static final long JOIN_MILLIS_MAX = 90_000;

    private final int port;
    private final AtomicLong lastNumber = new AtomicLong();
    private final Queue<Hit> answered = new ConcurrentLinkedQueue<>();
    private final Queue<Hit> notLookedAt = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong connections = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isEnding;

    PoliteLoad(int port) {
        this.port = port;
    }

    /** Until {@link #end}, or until no connection can be had any more. */
    void begin(int clients, int pipelining) {
        for (int i = 0; i < clients + pipelining; i++) {
            int burst = i < clients ? 1 : BURST;
            Thread thread = new Thread(() -> run(burst), "client");
            threads.add(thread);
            thread.start();
        }
    }

    void end() throws InterruptedException {
        isEnding = true;
        for (Thread thread : threads) {
            thread.join(JOIN_MILLIS_MAX);
            assertThat(thread.isAlive()).isFalse();
        }
        threads.clear();
    }

    private void run(int burst) {
        while (!isEnding) {
            try (RawHttp http = new RawHttp(port)) {
                connections.incrementAndGet();
                use(http, burst);
            } catch (IOException refused) {
                return;
            }
        }
    }

    /** Returns when another connection should be opened; throws when a new one was of no use. */
    private void use(RawHttp http, int burst) throws IOException {
        boolean isNew = true;
        boolean isOpen = true;
        while (isOpen && !isEnding) {
            List<Hit> hits = new ArrayList<>();
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < burst; i++) {
                Hit hit = new Hit(i % 3 == 0 ? "click" : "view", "id-" + lastNumber.incrementAndGet());
                hits.add(hit);
                requests.append(RawHttp.head("GET", hit.target(), "HTTP/1.1"));
            }
            int done = 0;
            try {
                http.send(requests.toString());
                while (done < burst && isOpen) {
                    Answer answer = http.answer(false);
                    if (answer == null) {
                        throw new IOException("closed");
                    }
                    if (answer.status() != 200) {
                        failures.add("status " + answer.status() + " for " + hits.get(done));
                    }
                    answered.add(hits.get(done));
                    done++;
                    isOpen = !"close".equals(answer.header("connection"));
                }
            } catch (IOException e) {
                if (isNew && done == 0) {
                    // It was in the queue of a port that was closed: as good as refused.
                    throw e;
                }
                failures.add(e + " behind " + done + " of " + burst + " answers to " + hits);
                return;
            }
            notLookedAt.addAll(hits.subList(done, burst));
            isNew = false;
        }
    }

    List<Hit> answered() {
        return List.copyOf(answered);
    }

    /** Sent behind a request whose answer said that the connection ends. */
    List<Hit> notLookedAt() {
        return List.copyOf(notLookedAt);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    long connections() {
        return connections.get();
    }

    /** Waits for so many answers more. */
    void awaitAnswers(int more) throws InterruptedException {
        int before = answered.size();
        long deadline = System.nanoTime() + JOIN_MILLIS_MAX * 1_000_000;
        while (answered.size() < before + more) {
            assertThat(System.nanoTime() - deadline).as("answers come").isNegative();
            Thread.sleep(5);
        }
    }
}
