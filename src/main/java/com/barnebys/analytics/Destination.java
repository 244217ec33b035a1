package com.barnebys.analytics;

import com.barnebys.analytics.cli.LocalStorePath;
import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.delivery.Delivery;
import com.barnebys.analytics.delivery.DeliveryOptions;
import com.barnebys.analytics.metrics.DeliveryMeters;
import com.barnebys.analytics.sink.DiscardingSink;
import com.barnebys.analytics.sink.ForeignSpoolException;
import com.barnebys.analytics.sink.LaneStatus;
import com.barnebys.analytics.sink.Parking;
import com.barnebys.analytics.sink.Sink;
import com.barnebys.analytics.sink.SinkException;
import com.barnebys.analytics.sink.bigquery.BigQuerySink;
import com.barnebys.analytics.sink.bigquery.LaneOptions;
import com.barnebys.analytics.sink.local.LocalStore;
import com.barnebys.analytics.sink.local.LocalStoreOptions;
import com.barnebys.analytics.spool.Spool;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where the rows go, by the settings: a sink with one position, or one with lanes. */
interface Destination {
    /** The spool must not give out numbers below. */
    long firstUnused();

    /** How many of the spool's numbers are done with. */
    long settled();

    /** The spool it counts in; null as long as there is none. */
    @Nullable UUID spoolId();

    /** Whether a row is stored or parked; the table is empty when the row names none. */
    boolean isSettled(String table, long sequence);

    /** Tables it has met. */
    Set<String> tables();

    /** How each lane does, if there are lanes, and what they count together. */
    JsonObject details();

    /** How each lane does, if there are lanes. */
    List<LaneStatus> lanes();

    /** Values left out for want of a column. */
    long droppedValues();

    /** Prepares delivery; nothing runs before it is started. */
    Delivery delivery(Spool spool, boolean acceptSpool, Consumer<Throwable> fatal)
            throws IOException, ForeignSpoolException;

    void close() throws IOException;

    /** Opens what STORE says; needs the local disk only. */
    static Destination open(Settings settings, Path data, Parking deadLetters, DeliveryMeters meters)
            throws IOException {
        if (settings.store() == Settings.Store.BIGQUERY) {
            LaneOptions lanes = new LaneOptions(
                    settings.bigQuery().mode(), settings.batchRows(), backlogRows(settings), settings.batchWait());
            return new Lanes(
                    BigQuerySink.open(data, settings.bigQuery(), lanes, instance(), deadLetters, meters),
                    backlogRows(settings));
        }
        DeliveryOptions options =
                new DeliveryOptions(settings.batchRows(), backlogRows(settings), settings.batchWait());
        return new OnePosition(openSink(settings, data), deadLetters, options, meters);
    }

    /**
     * Without the settings of the tracker whose DATA_DIR it was, its rows would go to another store, and be gone for theirs.
     *
     * @throws IOException when what is there was written by another store only
     */
    static void requireItsState(Settings settings) throws IOException {
        if (Files.exists(state(settings, settings.store()))) {
            return;
        }
        for (Settings.Store store : Settings.Store.values()) {
            Path state = state(settings, store);
            if (Files.exists(state)) {
                throw new IOException("STORE: " + settings.store().name().toLowerCase(Locale.ROOT)
                        + ", but the rows here are for another store, whose state is " + state
                        + " (expected: the settings of the tracker that wrote them)");
            }
        }
    }

    /** Where a store keeps what it has of the rows. */
    private static Path state(Settings settings, Settings.Store store) {
        return switch (store) {
            case LOCAL -> LocalStorePath.of(settings);
            case BIGQUERY -> settings.dataDir().resolve(BigQuerySink.STATE_FILE);
            case NONE -> settings.dataDir().resolve(DiscardingSink.STATE_FILE);
        };
    }

    private static int backlogRows(Settings settings) {
        return Math.max(settings.batchRows(), DeliveryOptions.DEFAULT.backlogRows());
    }

    private static Sink openSink(Settings settings, Path data) throws IOException {
        if (settings.store() == Settings.Store.NONE) {
            return DiscardingSink.open(data);
        }
        try {
            return LocalStore.open(new LocalStoreOptions(LocalStorePath.of(settings), settings.retentionDays()));
        } catch (SinkException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static String instance() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unnamed";
        }
    }

    /** A sink that stores batches and its position in one step. */
    record OnePosition(Sink sink, Parking deadLetters, DeliveryOptions options, DeliveryMeters meters)
            implements Destination {
        @Override
        public long firstUnused() {
            return sink.position();
        }

        @Override
        public long settled() {
            return sink.position();
        }

        @Override
        public @Nullable UUID spoolId() {
            return sink.spoolId();
        }

        @Override
        public boolean isSettled(String table, long sequence) {
            return sequence < sink.position();
        }

        @Override
        public Set<String> tables() {
            return sink.tables();
        }

        @Override
        public JsonObject details() {
            return new JsonObject();
        }

        @Override
        public List<LaneStatus> lanes() {
            return List.of();
        }

        @Override
        public long droppedValues() {
            return 0;
        }

        @Override
        public Delivery delivery(Spool spool, boolean acceptSpool, Consumer<Throwable> fatal)
                throws ForeignSpoolException {
            return Delivery.of(spool, sink, deadLetters, options, meters, acceptSpool, fatal);
        }

        @Override
        public void close() throws IOException {
            sink.close();
        }
    }

    /** A sink with a lane for each table. */
    record Lanes(BigQuerySink sink, int backlogRows) implements Destination {
        @Override
        public long firstUnused() {
            return sink.firstUnused();
        }

        @Override
        public long settled() {
            return sink.countedFrom() + sink.settledRows();
        }

        @Override
        public @Nullable UUID spoolId() {
            return sink.spoolId();
        }

        @Override
        public boolean isSettled(String table, long sequence) {
            return sink.isSettled(table, sequence);
        }

        @Override
        public Set<String> tables() {
            return sink.tables();
        }

        @Override
        public JsonObject details() {
            JsonArray lanes = new JsonArray();
            sink.statuses().forEach(status -> lanes.add(new JsonObject(status.toMap())));
            return new JsonObject().put("lanes", lanes).put("droppedValues", sink.droppedValues());
        }

        @Override
        public List<LaneStatus> lanes() {
            return sink.statuses();
        }

        @Override
        public long droppedValues() {
            return sink.droppedValues();
        }

        @Override
        public Delivery delivery(Spool spool, boolean acceptSpool, Consumer<Throwable> fatal)
                throws IOException, ForeignSpoolException {
            return Delivery.ofLanes(spool, sink, backlogRows, acceptSpool, fatal);
        }

        @Override
        public void close() throws IOException {
            sink.close();
        }
    }
}
