package com.barnebys.analytics;

import com.barnebys.analytics.HitLoad.Hit;
import com.barnebys.analytics.sink.bigquery.fake.AppendFault;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import com.barnebys.analytics.sink.bigquery.fake.Faults;
import com.barnebys.analytics.sink.bigquery.fake.Faults.Call;
import com.barnebys.analytics.sink.bigquery.fake.Faults.Rest;
import com.barnebys.analytics.sink.bigquery.fake.RandomFaults;
import com.barnebys.analytics.sink.bigquery.fake.RestFault;
import io.grpc.Status;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One seed's life of a tracker: under load, against a fake BigQuery that fails in every way it knows, killed again and
 * again on one DATA_DIR. What it draws is the seed's; when it strikes is the machine's, so the same seed finds the same
 * kinds of trouble, not the same bug each time.
 */
final class ChaosCampaign implements AutoCloseable {
    static final String DATASET = "chaos";

    /** {@code click} and {@code view} are there when it begins, the second one without most columns. */
    static final List<String> KINDS = List.of("click", "view", "offer", "search");

    private static final int CLIENTS = 3;
    private static final Duration DELIVERY_MAX = Duration.ofMinutes(3);

    private final Plan plan;
    private final Path data;
    private Random random = new Random();
    private final FakeBigQuery fake = FakeBigQuery.start();
    private final HitLoad load;
    private int kills;
    private int outages;
    private int troubles;

    /**
     * @param mode a value of BIGQUERY_MODE
     * @param rounds lives of the process; each but the last ends with a kill or, now and then, with SIGTERM
     * @param hasLostAnswers whether rows may be stored and look as if they were not: by faults, outages and kills
     * @param isPatient whether to sit out what takes the tracker a minute: silence, a quota of streams
     */
    record Plan(long seed, String mode, int rounds, boolean hasLostAnswers, boolean isPatient) {}

    private enum Trouble {
        OUTAGE,
        STREAMS_FINALIZED,
        CALLS_CUT,
        REST,
        CALLS_FAIL,
        SILENCE,
        SLOW
    }

    ChaosCampaign(Plan plan, Path data) {
        this.plan = plan;
        this.data = data;
        this.load = new HitLoad(CLIENTS, Duration.ofMillis(1), ChaosCampaign::hit);
        fake.createTrackTable(DATASET, "click");
        fake.createTable(DATASET, "view", "programId STRING", "dimension1 STRING", "timestamp DATETIME");
    }

    /** Every 101st is a row the table refuses, every 707th one that is refused without being named. */
    private static Hit hit(long n) {
        String kind = KINDS.get((int) (n % KINDS.size()));
        String sort = n % 707 == 303 ? "spoiler" : n % 101 == 50 ? "bad" : "good";
        return new Hit(kind, kind + "-" + sort + "-" + n);
    }

    static boolean isToBeParked(String id) {
        return id.contains("-bad-") || id.contains("-spoiler-");
    }

    /** Runs it; returns what was found at the end, when nothing waits any more and the process has stopped. */
    Findings run() throws Exception {
        for (int round = 1; round < plan.rounds(); round++) {
            draw(round);
            boolean isKilled = plan.hasLostAnswers() && random.nextInt(6) > 0;
            try (TrackerProcess tracker = start()) {
                misbehave();
                load.begin(tracker.port());
                if (random.nextInt(4) > 0) {
                    awaitRows();
                }
                trouble(500 + random.nextInt(1500));
                end(tracker, isKilled);
                load.end();
            }
        }
        draw(plan.rounds());
        try (TrackerProcess tracker = start()) {
            misbehave();
            load.begin(tracker.port());
            awaitRows();
            trouble(1500);
            load.end();
            behave();
            JsonObject ready = tracker.awaitDelivered(DELIVERY_MAX);
            tracker.stop();
            return Findings.of(fake, load.answered(), data, ready, summary());
        }
    }

    /** Each life has its own numbers: how many the one before has used is a matter of time. */
    private void draw(int round) {
        random = new Random(1000 * plan.seed() + round);
    }

    /** A process needs a second or two before its first row arrives; what fails before that is another story. */
    private void awaitRows() throws InterruptedException {
        long before = requests();
        for (int i = 0; i < 80 && requests() - before < 10; i++) {
            Thread.sleep(50);
        }
    }

    private long requests() {
        return fake.counters().appendRequests() + fake.counters().insertAllRequests();
    }

    private TrackerProcess start() throws Exception {
        Map<String, String> settings = new HashMap<>(settings(fake));
        settings.put("BIGQUERY_MODE", plan.mode());
        settings.put("BATCH_ROWS", Integer.toString(20 + random.nextInt(100)));
        settings.put("BATCH_WAIT", (5 + random.nextInt(40)) + "ms");
        settings.put("DRAIN", "1s");
        return TrackerProcess.start(data, settings);
    }

    static Map<String, String> settings(FakeBigQuery fake) {
        return Map.of(
                "BIGQUERY_DATASET_ID",
                DATASET,
                "GCP_PROJECT_ID",
                "fake",
                "BIGQUERY_EMULATOR_HOST",
                fake.restUrl(),
                "BIGQUERY_STORAGE_EMULATOR_HOST",
                fake.grpcAddress());
    }

    private void end(TrackerProcess tracker, boolean isKilled) throws Exception {
        if (isKilled) {
            tracker.kill();
            kills++;
        } else {
            load.end();
            tracker.stop();
        }
    }

    /** Faults that strike by themselves. */
    private void misbehave() {
        Faults faults = fake.faults();
        RandomFaults drawn = new RandomFaults(random.nextLong(), 20 + random.nextInt(80));
        if (plan.mode().equals("exactly-once")) {
            drawn.withMisleadingAnswers(); // Without places nobody can tell whose an answer is.
        }
        if (!plan.hasLostAnswers()) {
            drawn.without(AppendFault::isStored);
        }
        if (!plan.isPatient()) {
            // Ten seconds each; a few come as trouble.
            drawn.without(fault -> fault.status().getCode() == Status.Code.RESOURCE_EXHAUSTED);
        }
        faults.random(drawn);
        refuseRows();
    }

    private void refuseRows() {
        fake.faults()
                .refuseRows(row -> String.valueOf(row.get("dimension1")).contains("-bad-"), 1 + random.nextInt(3))
                .refuseRequestsWith(row -> String.valueOf(row.get("dimension1")).contains("-spoiler-"));
    }

    private void behave() {
        fake.faults().clear();
        refuseRows();
        if (!plan.isPatient()) {
            fake.cutCalls(Status.UNAVAILABLE); // ends silence
        }
    }

    private void trouble(int millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000L;
        while (System.nanoTime() < end) {
            Thread.sleep(50 + random.nextInt(250));
            make(Trouble.values()[random.nextInt(Trouble.values().length)]);
            troubles++;
        }
    }

    private void make(Trouble trouble) throws InterruptedException {
        Faults faults = fake.faults();
        switch (trouble) {
            case OUTAGE -> {
                if (plan.hasLostAnswers() && random.nextInt(2) == 0) {
                    fake.stopServers();
                    Thread.sleep(random.nextInt(400));
                    fake.startServers();
                    outages++;
                }
            }
            case STREAMS_FINALIZED ->
                fake.tables().stream().filter(table -> random.nextBoolean()).forEach(fake::finalizeStreams);
            case CALLS_CUT -> {
                if (plan.hasLostAnswers()) {
                    fake.cutCalls(random.nextBoolean() ? Status.UNAVAILABLE : Status.ABORTED);
                }
            }
            case REST -> {
                RestFault fault = restFault();
                faults.rest(restKind(), plan.hasLostAnswers() && random.nextBoolean() ? fault.afterDoing() : fault, 1);
            }
            case CALLS_FAIL -> {
                Call[] calls = Call.values();
                faults.call(calls[random.nextInt(calls.length)], Status.UNAVAILABLE, 1 + random.nextInt(3));
                faults.call(calls[random.nextInt(calls.length)], Status.INTERNAL, 1);
                faults.call(
                        random.nextBoolean() ? Call.FINALIZE_STREAM : Call.OPEN_APPEND,
                        Status.NOT_FOUND.withDescription("Requested entity was not found."),
                        1);
                if (random.nextInt(10) == 0) {
                    faults.append(AppendFault.answer(AppendFault.THROUGHPUT_QUOTA));
                }
                if (plan.isPatient() && random.nextInt(8) == 0) {
                    faults.createStreamQuota(1);
                }
            }
            case SILENCE -> {
                if (plan.hasLostAnswers() && random.nextInt(3) == 0) {
                    faults.append(random.nextBoolean() ? AppendFault.SILENCE : AppendFault.SILENCE.afterStoring());
                }
            }
            case SLOW -> {
                // An answer that is late is lost when the call is cut.
                if (plan.hasLostAnswers()) {
                    faults.ackDelay(Duration.ofMillis(random.nextInt(3) == 0 ? random.nextInt(80) : 0));
                }
            }
        }
    }

    private RestFault restFault() {
        List<RestFault> faults = List.of(
                RestFault.BAD_GATEWAY,
                RestFault.CLOSED,
                RestFault.error(503, "backendError", "Error encountered during execution. Retrying may solve."),
                RestFault.error(500, "internalError", "An internal error occurred."),
                RestFault.error(403, "rateLimitExceeded", "Exceeded rate limits"));
        // The last one makes a lane wait for ten seconds.
        return faults.get(random.nextInt(random.nextInt(5) == 0 ? faults.size() : faults.size() - 1));
    }

    private Rest restKind() {
        return List.of(Rest.TABLE_GET, Rest.TABLE_INSERT, Rest.TABLE_PATCH, Rest.INSERT_ALL)
                .get(random.nextInt(4));
    }

    /** What was done, in one line. */
    private String summary() {
        return "seed " + plan.seed() + " " + plan.mode() + ": " + plan.rounds() + " lives, " + kills + " kills, "
                + outages + " outages, " + troubles + " troubles, "
                + fake.counters().appendRequests() + " appends and "
                + fake.counters().insertAllRequests() + " insertAlls, "
                + fake.streams().size() + " streams";
    }

    FakeBigQuery fake() {
        return fake;
    }

    @Override
    public void close() throws InterruptedException {
        fake.close();
        load.end();
    }
}
