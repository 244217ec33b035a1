package com.barnebys.analytics.config;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings in force, and how they change while the process runs. Any thread.
 *
 * <p>All layers are read anew each CONFIG_SCAN. What differs from the last reading counts only when a second one, a moment
 * later, says the same: files that belong together are read one after the other, and a mounted directory may be swapped,
 * or a file be half written, in between. It is then checked as a whole, as at start. If it is good, what can change without
 * a restart is swapped at once; if not, nothing changes, and it is said once.
 */
public final class LiveSettings {
    /** Between two readings that have to agree; less when CONFIG_SCAN is. */
    private static final Duration SETTLING = Duration.ofMillis(200);
    /** A network volume that hangs is said to after so long, and read on when it answers. */
    private static final Duration READING_MAX = Duration.ofSeconds(30);
    /** A broken file can make very many. */
    private static final int MISTAKES_SAID_MAX = 20;

    private static final Logger LOG = LoggerFactory.getLogger(LiveSettings.class);

    private final ReloadMetrics metrics;
    private final Clock clock;
    private final Duration readingMax;
    private final List<Consumer<Settings>> takers = new CopyOnWriteArrayList<>();

    private volatile Settings inForce;
    private volatile State state = new State(List.of(), Map.of());
    private Settings lastRead;
    private @Nullable List<Part> candidate;
    private @Nullable List<Part> decided;
    private @Nullable Scan scan;

    private record State(List<Mistake> mistakes, Map<String, String> waiting) {}

    /** @param start what is in force until something else is taken */
    public LiveSettings(Settings start, ReloadMetrics metrics, Clock clock) {
        this(start, metrics, clock, READING_MAX);
    }

    LiveSettings(Settings start, ReloadMetrics metrics, Clock clock, Duration readingMax) {
        this.readingMax = readingMax;
        this.inForce = start;
        this.lastRead = start;
        this.metrics = metrics;
        this.clock = clock;
    }

    public Settings inForce() {
        return inForce;
    }

    /** What is wrong with what is on the disk; empty when it is good. Masked. */
    public List<Mistake> mistakes() {
        return state.mistakes();
    }

    /** Names of settings of which the files say something else than is in force, and which need a restart. */
    public List<String> waiting() {
        return List.copyOf(state.waiting().keySet());
    }

    /** Hands over settings that are taken from now on, before they are counted as such; one call at a time. */
    public void onTaken(Consumer<Settings> taker) {
        takers.add(taker);
    }

    /** Looks at the files from now on, unless CONFIG_SCAN is 0. To be called once. */
    public void follow(Vertx vertx, SettingsLoader loader) {
        follow(vertx, loader::read, loader::close);
    }

    synchronized void follow(Vertx vertx, Supplier<Future<List<Part>>> reading, Supplier<Future<Void>> closing) {
        long millis = inForce.configScan().toMillis();
        if (millis > 0) {
            scan = new Scan(vertx, reading, closing, millis);
            scan.next(millis);
        }
    }

    /** Nothing is taken any more when this returns. */
    public synchronized void close() {
        if (scan != null) {
            scan.close();
            scan = null;
        }
    }

    /**
     * One reading of all layers.
     *
     * @return whether another one should follow soon: it says something new, and has to be confirmed
     */
    synchronized boolean see(List<Part> parts) {
        if (parts.equals(decided)) {
            candidate = null;
            return false;
        }
        if (!parts.equals(candidate)) {
            candidate = parts;
            return true;
        }
        candidate = null;
        decided = parts;
        try {
            Settings read = Settings.of(parts);
            SettingsChange change = SettingsChange.of(inForce, lastRead, read);
            lastRead = read;
            take(change);
        } catch (InvalidSettingsException e) {
            refuse(e.mistakes());
        }
        return false;
    }

    private void take(SettingsChange change) {
        if (!state.mistakes().isEmpty()) {
            LOG.info("The settings on the disk are good again.");
        }
        if (!change.waiting().isEmpty() && !change.waiting().equals(state.waiting())) {
            LOG.warn(
                    "Settings have changed that need a restart. names={}",
                    change.waiting().keySet());
        }
        change.covered().forEach(hidden -> LOG.info("Setting {}; its change does nothing.", hidden));
        state = new State(List.of(), change.waiting());
        metrics.good(change.waiting().size());
        if (change.changed().isEmpty()) {
            return;
        }
        change.changed().forEach(difference -> LOG.info("Setting {}.", difference));
        List<String> warned = inForce.warnings();
        inForce = change.taken();
        takers.forEach(taker -> taker.accept(change.taken()));
        metrics.taken(clock.instant());
        change.taken().warnings().stream()
                .filter(warning -> !warned.contains(warning))
                .forEach(warning -> LOG.warn("{}", warning));
    }

    private void refuse(List<Mistake> mistakes) {
        if (mistakes.equals(state.mistakes())) {
            return;
        }
        List<Mistake> said = mistakes.subList(0, Math.min(mistakes.size(), MISTAKES_SAID_MAX));
        state = new State(List.copyOf(said), state.waiting());
        metrics.refused();
        LOG.warn("The settings on the disk are refused, those in force stay. mistakes={}", mistakes.size());
        said.forEach(mistake -> LOG.warn("{}", mistake));
    }

    /** The files could not be looked at, as opposed to: are wrong. */
    private synchronized void unreadable(String why) {
        candidate = null;
        decided = null;
        refuse(List.of(new Mistake("settings", "not readable", "", why)));
    }

    /** One look after the other, each when the one before is done. */
    private final class Scan {
        private final Vertx vertx;
        private final Supplier<Future<List<Part>>> reading;
        private final Supplier<Future<Void>> closing;
        private final long millis;
        private long timer;
        private boolean isClosed;

        Scan(Vertx vertx, Supplier<Future<List<Part>>> reading, Supplier<Future<Void>> closing, long millis) {
            this.vertx = vertx;
            this.reading = reading;
            this.closing = closing;
            this.millis = millis;
        }

        private void next(long delayMillis) {
            synchronized (LiveSettings.this) {
                if (!isClosed) {
                    timer = vertx.setTimer(delayMillis, id -> look());
                }
            }
        }

        private void look() {
            Future<List<Part>> read = reading.get();
            Future<List<Part>> unusedLate = read.timeout(readingMax.toMillis(), TimeUnit.MILLISECONDS)
                    .onFailure(e -> {
                        if (!read.isComplete()) {
                            unreadable("takes longer than " + readingMax.toMillis() + " ms");
                        }
                    });
            // What a very broken file means takes seconds to say, and the event loop has visitors.
            Future<Boolean> unused = read.compose(
                            parts -> vertx.executeBlocking(() -> seen(parts)).map(Objects::requireNonNull))
                    .onFailure(e -> failed(e))
                    .onComplete(isNew ->
                            next(Boolean.TRUE.equals(isNew.result()) ? Math.min(millis, SETTLING.toMillis()) : millis));
        }

        private boolean seen(List<Part> parts) {
            synchronized (LiveSettings.this) {
                return !isClosed && see(parts);
            }
        }

        private void failed(Throwable cause) {
            synchronized (LiveSettings.this) {
                if (!isClosed) {
                    unreadable(cause.toString());
                }
            }
        }

        void close() {
            isClosed = true;
            boolean unused = vertx.cancelTimer(timer);
            Future<Void> unusedClosing = closing.get();
        }
    }
}
