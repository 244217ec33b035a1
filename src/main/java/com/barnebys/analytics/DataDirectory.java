package com.barnebys.analytics;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.delivery.DeadLetters;
import com.barnebys.analytics.delivery.Delivery;
import com.barnebys.analytics.delivery.Replay;
import com.barnebys.analytics.health.Readiness;
import com.barnebys.analytics.metrics.Bookkeeper;
import com.barnebys.analytics.metrics.Books;
import com.barnebys.analytics.metrics.DeliveryMeters;
import com.barnebys.analytics.metrics.LaneGauges;
import com.barnebys.analytics.metrics.Meters;
import com.barnebys.analytics.metrics.MetricSource;
import com.barnebys.analytics.metrics.SpoolGauges;
import com.barnebys.analytics.metrics.SpoolTimes;
import com.barnebys.analytics.metrics.SpoolWatch;
import com.barnebys.analytics.sink.ForeignSpoolException;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolOptions;
import com.barnebys.analytics.spool.SyncPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open DATA_DIR: its spool, and what brings rows from there to the store. With a server in front of it, or alone, to
 * send what another process has left behind.
 */
record DataDirectory(Spool spool, Destination sink, Delivery delivery, Replay replay, Bookkeeper bookkeeper) {
    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

    private static final Duration DELIVERY_STOP_MAX = Duration.ofSeconds(5);
    /** A segment is the step in which room is given back, so a small spool has small ones. */
    private static final int SEGMENT_BYTES_MAX = 64 * 1024 * 1024;

    private static final int SEGMENTS_MIN = 8;

    /** What counts, for the books. */
    record Counters(Meters meters, DeliveryMeters delivery, SpoolWatch spool, SpoolTimes times) {
        Counters() {
            this(new Meters(), new DeliveryMeters(), new SpoolTimes());
        }

        private Counters(Meters meters, DeliveryMeters delivery, SpoolTimes times) {
            this(meters, delivery, new SpoolWatch(times), times);
        }
    }

    /**
     * Opens it; nothing is delivered before {@link #start}.
     *
     * @param step told what is begun
     * @param undo told how to close what was opened, also when this fails
     * @throws IOException with what cannot be used, such as a spool that another process has
     */
    static DataDirectory open(
            Settings settings, boolean acceptSpool, Counters counters, Consumer<Readiness.Step> step, Undo undo)
            throws IOException {
        Path data = settings.dataDir();
        step.accept(Readiness.Step.STORE);
        DeadLetters deadLetters = DeadLetters.open(data);
        undo.push(deadLetters::close);
        Destination sink = Destination.open(settings, data, deadLetters, counters.delivery());
        undo.push(sink::close);
        step.accept(Readiness.Step.SPOOL);
        Spool spool = Spool.open(spoolOptions(settings), sink.firstUnused(), counters.spool());
        undo.push(spool::close);
        counters.times().recoveredFrom(spool);
        Delivery delivery = delivery(spool, sink, acceptSpool);
        step.accept(Readiness.Step.REPLAY);
        Replay replay = DeadLetterReplays.open(settings, spool, sink, counters.meters());
        undo.push(replay::close);
        replay.recover();
        Bookkeeper bookkeeper =
                new Bookkeeper(counters.meters(), counters.delivery(), counters.spool(), spool, sink::settled);
        return new DataDirectory(spool, sink, delivery, replay, bookkeeper);
    }

    static SpoolOptions spoolOptions(Settings settings) {
        long segment = Math.min(SEGMENT_BYTES_MAX, settings.spoolMaxBytes() / SEGMENTS_MIN);
        return new SpoolOptions(
                settings.dataDir().resolve("spool"),
                settings.spoolMaxBytes(),
                settings.spoolMinFreeBytes(),
                SyncPolicy.valueOf(settings.spoolSync().name()),
                settings.spoolSyncInterval(),
                (int) segment);
    }

    private static Delivery delivery(Spool spool, Destination sink, boolean acceptSpool) throws IOException {
        try {
            return sink.delivery(spool, acceptSpool, DataDirectory::endProcess);
        } catch (ForeignSpoolException e) {
            throw new IOException(e.getMessage() + "; to go on with it nevertheless: serve --accept-spool", e);
        }
    }

    /** An Error on the delivery thread: no memory, a broken class path. Whatever else still runs must not go on. */
    private static void endProcess(Throwable error) {
        LOG.error("Delivery ended by an error; ending the process. The spool has what is not delivered.", error);
        Runtime.getRuntime().halt(1);
    }

    /**
     * Delivers from now on; stopping waits for it.
     *
     * @param drain how long stopping may take to deliver what is there by then
     */
    void start(Duration drain, Undo undo) {
        delivery.start();
        undo.push(() -> {
            if (!delivery.drain(drain)) {
                LOG.warn("Stopping with rows in the spool; the next start delivers them. {}", books());
            }
            if (!delivery.stop(DELIVERY_STOP_MAX)) {
                // It may be writing: closing spool and store under it is worse than leaving them to the end of the
                // process.
                undo.abandon();
                LOG.error("Delivery hangs in the store; leaving it. What is not stored is in the spool.");
            }
        });
    }

    /** What it has to show at {@code /metrics}. */
    List<MetricSource> metrics(long spoolBytesMax, Counters counters) {
        return List.of(
                new SpoolGauges(spool, spoolBytesMax, bookkeeper, counters.spool(), counters.times(), delivery::oldest),
                new LaneGauges(sink::lanes, sink::droppedValues, counters.times(), counters.delivery()));
    }

    Books books() {
        return bookkeeper.books();
    }
}
