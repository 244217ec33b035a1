package com.barnebys.analytics.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop is really blocked; only the ten seconds are not waited for. */
@Timeout(60)
class PulseTest {
    private static final int LOOPS = 2;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
    private final AtomicLong nanos = new AtomicLong();
    private final Pulse pulse = new Pulse(nanos::get, 5);
    private final Readiness readiness = new Readiness();
    private final AtomicReference<Thread> asked = new AtomicReference<>();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void end() {
        release.countDown();
        vertx.close().await();
    }

    @Test
    void blockedLoopMakesTheProcessNotAliveUntilItTurnsAgain() throws Exception {
        ManagementVerticle management = new ManagementVerticle(
                "127.0.0.1", 0, readiness, pulse, this::details, parameters -> new JsonObject(), router -> {});
        vertx.deployVerticle(management).await();
        String pulses = pulse.deploy(vertx, LOOPS).await();
        assertThat(RawHttp.get(management.actualPort(), "/livez").status()).isEqualTo(200);

        String blocked = blockTheLoopThatIsNot(asked.get());
        nanos.addAndGet(Pulse.SILENCE_MAX.toNanos() + 1);
        await(() -> pulse.stuck().size() == 1);

        RawHttp.Answer dead = RawHttp.get(management.actualPort(), "/livez");
        assertThat(dead.status()).isEqualTo(503);
        JsonObject check = check(dead, "eventLoops");
        assertThat(check.getString("status")).isEqualTo("DOWN");
        assertThat(check.getJsonArray("data")).isEqualTo(new JsonArray().add(blocked));

        release.countDown();
        await(() -> pulse.stuck().isEmpty());
        assertThat(RawHttp.get(management.actualPort(), "/livez").status()).isEqualTo(200);

        vertx.undeploy(pulses).await();
        nanos.addAndGet(2 * Pulse.SILENCE_MAX.toNanos());
        assertThat(pulse.stuck()).as("a pulse that was ended").isEmpty();
    }

    @Test
    void eachProbeAsksItsOwnQuestion() throws Exception {
        ManagementVerticle management = new ManagementVerticle(
                "127.0.0.1", 0, readiness, pulse, JsonObject::new, parameters -> new JsonObject(), router -> {});
        vertx.deployVerticle(management).await();
        int port = management.actualPort();

        readiness.begin(Readiness.Step.SPOOL);
        assertThat(statuses(port)).isEqualTo("200 503 503");
        RawHttp.Answer starting = RawHttp.get(port, "/startupz");
        assertThat(check(starting, "phase").getString("data")).isEqualTo("STARTING");
        assertThat(check(starting, "start").getString("data")).isEqualTo("SPOOL");

        readiness.spoolIsOpen(() -> true);
        readiness.enter(Readiness.Phase.SERVING);
        assertThat(statuses(port)).isEqualTo("200 200 200");
        assertThat(check(RawHttp.get(port, "/readyz"), "start").getString("data"))
                .isEqualTo("DONE");

        readiness.spoolIsOpen(() -> false);
        assertThat(statuses(port)).as("no room").isEqualTo("200 200 503");
        readiness.spoolIsOpen(() -> true);

        readiness.enter(Readiness.Phase.STOPPING);
        assertThat(statuses(port)).isEqualTo("200 200 503");
    }

    /** Asked on the loop of the management port. */
    private JsonObject details() {
        asked.set(Thread.currentThread());
        return new JsonObject();
    }

    private static String statuses(int port) throws IOException {
        return RawHttp.get(port, "/livez").status() + " "
                + RawHttp.get(port, "/startupz").status() + " "
                + RawHttp.get(port, "/readyz").status();
    }

    private static JsonObject check(RawHttp.Answer answer, String id) {
        return new JsonObject(answer.text())
                .getJsonArray("checks").stream()
                        .map(JsonObject.class::cast)
                        .filter(check -> check.getString("id").equals(id))
                        .findFirst()
                        .orElseThrow();
    }

    /** Returns the name of its thread, once it does nothing else: no beat comes after that. */
    private String blockTheLoopThatIsNot(Thread management) {
        CompletableFuture<String> name = new CompletableFuture<>();
        Future<String> unused = vertx.deployVerticle(
                () -> new VerticleBase() {
                    @Override
                    public Future<?> start() {
                        if (Thread.currentThread() != management) {
                            vertx.runOnContext(v -> {
                                name.complete(Thread.currentThread().getName());
                                sleepUntilReleased();
                            });
                        }
                        return Future.succeededFuture();
                    }
                },
                new DeploymentOptions().setInstances(LOOPS));
        return name.join();
    }

    private void sleepUntilReleased() {
        try {
            assertThat(release.await(50, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(BooleanSupplier isSo) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!isSo.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).isNegative();
            Thread.sleep(5);
        }
    }
}
