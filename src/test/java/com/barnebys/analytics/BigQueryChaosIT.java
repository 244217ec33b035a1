package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.ChaosCampaign.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promises 1 and 2 with BigQuery as the store: whatever fails, and whenever the process is killed, an answered hit is in
 * its table once or parked. {@code bin/chaos} runs other and longer seeds.
 */
class BigQueryChaosIT {
    /** One seed, for a longer life; else a few short ones. */
    private static final Long SEED = Long.getLong("chaos.seed");

    @TempDir
    Path data;

    static LongStream seeds() {
        return SEED == null ? LongStream.of(1, 2, 3) : LongStream.of(SEED);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void everyAnsweredHitIsStoredOnceOrParked(long seed) throws Exception {
        Findings found = run(new Plan(seed, "exactly-once", SEED == null ? 5 : 12, true, SEED != null));

        found.assertNothingIsLost(ChaosCampaign::isToBeParked);
        found.assertNothingIsTwice();
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void insertAllStoresOnceWithinTheMinuteThatIdsAreRemembered() throws Exception {
        Findings found = run(new Plan(21, "insert-all", 3, true, false));

        found.assertNothingIsLost(ChaosCampaign::isToBeParked);
        found.assertNothingIsTwice();
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void atLeastOnceLosesNothing() throws Exception {
        Findings found = run(new Plan(31, "at-least-once", 3, true, false));

        found.assertNothingIsLost(ChaosCampaign::isToBeParked);
    }

    /** One life: stopping before all is drained loses answers, too. */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void atLeastOnceStoresOnceWhereNoAnswerIsLost() throws Exception {
        Findings found = run(new Plan(32, "at-least-once", 1, false, false));

        found.assertNothingIsLost(ChaosCampaign::isToBeParked);
        found.assertNothingIsTwice();
    }

    private Findings run(Plan plan) throws Exception {
        try (ChaosCampaign campaign = new ChaosCampaign(plan, data)) {
            Findings found = campaign.run();
            Path report = Files.createDirectories(Path.of("target", "chaos"));
            Files.writeString(report.resolve("seed-" + plan.seed() + ".txt"), found + System.lineSeparator());
            assertThat(found.answered()).as(found.toString()).hasSizeGreaterThan(plan.rounds() * 50);
            return found;
        }
    }
}
