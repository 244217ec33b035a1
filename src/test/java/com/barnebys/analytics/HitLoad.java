package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Clients that send one process after another signed hits, each with a {@code d1} of its own, and note which were
 * answered. For a tracker with the SECRET {@code test}.
 */
final class HitLoad {
    private static final long JOIN_MILLIS_MAX = 90_000;

    private final int clients;
    private final Duration pause;
    private final LongFunction<Hit> hits;
    private final AtomicLong lastNumber = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    /** Answered with 200, and so promised. */
    private final Queue<Hit> answered = new ConcurrentLinkedQueue<>();

    private final Queue<Integer> unexpected = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isEnding;

    /** What becomes a row of the table {@code kind} with {@code id} in dimension1. */
    record Hit(String kind, String id) {
        String target() {
            String target = "/r/collect?p=load&k=" + kind + "&d1=" + id;
            return target + "&s=" + TestTracker.md5("test" + target);
        }
    }

    /** @param hits makes the n-th hit, n counting from 1; called by all clients */
    HitLoad(int clients, Duration pause, LongFunction<Hit> hits) {
        this.clients = clients;
        this.pause = pause;
        this.hits = hits;
    }

    /** Until {@link #end}, or until the process is gone. */
    void begin(int port) {
        isEnding = false;
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(() -> send(port), "client");
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
        assertThat(unexpected).as("answers that are neither 200 nor 503").isEmpty();
    }

    /** Sends a few hits over a connection of their own; all must be answered. */
    void send(int port, int count) throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            for (int i = 0; i < count; i++) {
                Hit hit = hits.apply(lastNumber.incrementAndGet());
                assertThat(http.request("GET", hit.target()).status()).isEqualTo(200);
                answered.add(hit);
            }
        }
    }

    /** Waits until so many were answered. */
    void awaitAnswered(int count) throws InterruptedException {
        long deadline = System.nanoTime() + JOIN_MILLIS_MAX * 1_000_000;
        while (answered.size() < count) {
            assertThat(System.nanoTime() - deadline).as("answers come").isNegative();
            Thread.sleep(5);
        }
    }

    List<Hit> answered() {
        return List.copyOf(answered);
    }

    /** How many were answered with 503. */
    long refused() {
        return refused.get();
    }

    private void send(int port) {
        try (RawHttp http = new RawHttp(port)) {
            while (!isEnding) {
                Hit hit = hits.apply(lastNumber.incrementAndGet());
                Answer answer = http.request("GET", hit.target());
                if (answer == null) {
                    return;
                }
                if (answer.status() == 200) {
                    answered.add(hit);
                } else if (answer.status() == 503) {
                    refused.incrementAndGet();
                } else {
                    unexpected.add(answer.status());
                }
                if (!pause.isZero()) {
                    Thread.sleep(pause.toMillis());
                }
            }
        } catch (IOException killed) {
            // What was not answered was not promised.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
