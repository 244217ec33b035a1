package com.barnebys.analytics.metrics;

import com.barnebys.analytics.bus.Receipt;
import com.barnebys.analytics.http.HitRoute;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** What counting costs a hit, in nanoseconds of one thread's CPU; run by hand. */
final class MetersBenchmark {
    private static final int HITS = 5_000_000;
    private static final int ROUNDS = 15;

    private MetersBenchmark() {}

    public static void main(String[] arguments) {
        Meters meters = new Meters();
        double[] counting = new double[ROUNDS];
        double[] timing = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            counting[round] = nanosPerHit(() -> meters.answered(HitRoute.COLLECT, false, Receipt.STORED));
            timing[round] = nanosPerHit(() -> meters.handled(HitRoute.COLLECT, System.nanoTime()));
        }
        Arrays.sort(counting);
        Arrays.sort(timing);
        System.out.printf(
                "outcome: %.1f ns (least %.1f), handling time: %.1f ns (least %.1f)%n",
                counting[ROUNDS / 2], counting[0], timing[ROUNDS / 2], timing[0]);
    }

    private static double nanosPerHit(Runnable hit) {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < HITS; i++) {
            hit.run();
        }
        return (double) (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / HITS;
    }
}
