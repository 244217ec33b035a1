package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.RawHttp.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real jar, a mounted Secret and links signed with the keys of before and of after, all the while: what operations.md
 * says of changing the secret refuses none of them.
 */
class KeyRotationIT {
    private static final Duration CHANGE_MAX = Duration.ofSeconds(60);
    private static final int ROTATIONS = 3;
    private static final int CLIENTS = 2;

    @TempDir
    Path directory;

    private final List<Thread> clients = new ArrayList<>();
    private final AtomicLongArray answered = new AtomicLongArray(CLIENTS);
    private final Queue<String> refused = new ConcurrentLinkedQueue<>();
    /** Whoever makes links signs with these, in turn. */
    private volatile List<String> signing = List.of("key-0");

    private volatile boolean isEnding;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void noLinkIsRefusedWhileTheKeyChanges() throws Exception {
        MountedVolume secrets = new MountedVolume(directory.resolve("secrets"));
        secrets.become(Map.of("secret", "key-0", "previous", ""));
        MountedVolume config = new MountedVolume(directory.resolve("config"));
        config.become(Map.of("analytics.yaml", "CONFIG_SCAN: 100ms"));
        Map<String, String> environment = Map.of(
                "SECRET", "",
                "SECRET_FILE", secrets.file("secret").toString(),
                "SECRETS_PREVIOUS_FILE", secrets.file("previous").toString(),
                "CONFIG_DIR", config.path().toString());
        try (TrackerProcess tracker = TrackerProcess.start(directory.resolve("data"), environment)) {
            String cookie = affiliateCookie(tracker, "key-0");
            begin(tracker.port());

            for (int n = 1; n <= ROTATIONS; n++) {
                String before = "key-" + (n - 1);
                String after = "key-" + n;
                take(tracker, secrets, before, after);
                signing = List.of(before, after);
                awaitAnswers(50);
                take(tracker, secrets, after, before);
                awaitAnswers(50);
                if (n == 1) {
                    assertThat(pixel(tracker.port(), after, "&lead=1", cookie).header("Set-Cookie"))
                            .as("the session of before has made its lead, and ends")
                            .startsWith("_ba=;");
                }
                if (n == 2) {
                    refuse(tracker, secrets, Map.of("secret", "", "previous", before));
                    refuse(tracker, secrets, Map.of("previous", before));
                    awaitAnswers(50);
                }
                signing = List.of(after);
                awaitAnswers(2); // What is under way with the key of before is answered then.
            }
            end();

            assertThat(refused).isEmpty();
            JsonObject counters = tracker.ready().getJsonObject("counters");
            assertThat(counters.getJsonObject("rejected").getLong("invalid_signature"))
                    .isZero();
            JsonObject uses = counters.getJsonObject("verifiedByKeyPosition");
            JsonObject lastUses = counters.getJsonObject("lastUsedByKeyPosition");
            assertThat(uses.getLong("0")).isPositive();
            assertThat(uses.getLong("1")).isPositive();
            assertThat(lastUses.getLong("0")).isGreaterThanOrEqualTo(lastUses.getLong("1"));

            take(tracker, secrets, "key-" + ROTATIONS, "");
            assertThat(pixel(tracker.port(), "key-" + ROTATIONS, "").status()).isEqualTo(200);
            assertThat(pixel(tracker.port(), "key-" + (ROTATIONS - 1), "").status())
                    .isEqualTo(400);
            assertThat(tracker.ready().getJsonObject("counters").getJsonObject("lastUsedByKeyPosition"))
                    .hasSize(1);
            tracker.stop();
        }

        List<Map<String, Object>> rows = TestTracker.rows(directory.resolve("data"));
        assertThat(rows)
                .filteredOn(row -> row.get("lead").equals(true))
                .singleElement()
                .satisfies(row -> assertThat(row.get("programId")).isEqualTo("affiliate"));
        assertThat(rows).hasSizeGreaterThanOrEqualTo((int) (answered.get(0) + answered.get(1)));
    }

    private static void take(TrackerProcess tracker, MountedVolume secrets, String secret, String previous)
            throws Exception {
        long taken = reloads(tracker, "taken");
        secrets.become(Map.of("secret", secret, "previous", previous));
        await(tracker, () -> reloads(tracker, "taken") > taken);
    }

    /** A Secret that lacks the key it is about. */
    private static void refuse(TrackerProcess tracker, MountedVolume secrets, Map<String, String> files)
            throws Exception {
        long refused = reloads(tracker, "refused");
        secrets.become(files);
        await(tracker, () -> reloads(tracker, "refused") > refused);
    }

    private static long reloads(TrackerProcess tracker, String outcome) throws IOException {
        return tracker.ready().getJsonObject("config").getJsonObject("reloads").getLong(outcome);
    }

    private static void await(TrackerProcess tracker, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + CHANGE_MAX.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(tracker.log()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static String affiliateCookie(TrackerProcess tracker, String key) throws IOException {
        String target = "/r/collect?p=affiliate&k=click&a=1";
        Answer answer = RawHttp.get(tracker.port(), target + "&s=" + TestTracker.md5(key + target));
        return "Cookie: " + answer.header("Set-Cookie").split(";", 2)[0];
    }

    private static Answer pixel(int port, String key, String more, String... headers) throws IOException {
        String target = "/r/collect?p=p&k=click" + more;
        return RawHttp.get(port, target + "&s=" + TestTracker.md5(key + target), headers);
    }

    private void begin(int port) {
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            Thread client = new Thread(() -> send(port, number), "client");
            clients.add(client);
            client.start();
        }
    }

    private void send(int port, int number) {
        try (RawHttp http = new RawHttp(port)) {
            for (int n = 0; !isEnding; n++) {
                List<String> keys = signing;
                String key = keys.get(n % keys.size());
                String target = "/r/collect?p=p&k=view&d1=" + n;
                Answer answer = http.request("GET", target + "&s=" + TestTracker.md5(key + target));
                if (answer == null || answer.status() != 200) {
                    refused.add(key + ": " + (answer == null ? "closed" : answer.status() + " " + answer.text()));
                    return;
                }
                answered.incrementAndGet(number);
                Thread.sleep(1);
            }
        } catch (IOException e) {
            refused.add(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each client is answered so often from now on. */
    private void awaitAnswers(int more) throws InterruptedException {
        long deadline = System.nanoTime() + CHANGE_MAX.toNanos();
        for (int i = 0; i < CLIENTS; i++) {
            long enough = answered.get(i) + more;
            while (answered.get(i) < enough && refused.isEmpty()) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(5);
            }
        }
    }

    private void end() throws InterruptedException {
        isEnding = true;
        for (Thread client : clients) {
            client.join(CHANGE_MAX.toMillis());
            assertThat(client.isAlive()).isFalse();
        }
    }
}
