package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.Parking;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** What the lanes of one sink share. */
interface LaneWorld {
    LaneOptions options();

    LaneMetrics metrics();

    LaneStore store();

    Connector connector();

    Parking parking();

    /** The spool the rows come from. */
    UUID spoolId();

    RandomGenerator random();

    long nanos();

    /** How much a lane may hold in memory now. */
    long laneBytesMax();

    /** Runs what blocks on a thread that may, and wakes the delivering thread when it is done. */
    <T> CompletableFuture<T> blocking(Callable<T> task);

    /** Something has changed: the lanes should be asked for their next step. */
    void wake();
}
