package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.Lane;
import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.LaneStatus;
import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import com.barnebys.analytics.sink.bigquery.Finding.BlockThere;
import com.barnebys.analytics.sink.bigquery.Finding.Contradiction;
import com.barnebys.analytics.sink.bigquery.Finding.RowsThere;
import com.barnebys.analytics.sink.bigquery.Opening.Connection;
import com.barnebys.analytics.sink.bigquery.Refusals.ComeBack;
import com.barnebys.analytics.sink.bigquery.Refusals.EndStream;
import com.barnebys.analytics.sink.bigquery.Refusals.Remedy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * A machine of seven phases, moved by step(); nothing in it blocks longer than an fsync.
 *
 *   CLOSED ──work──► OPENING ──connected──► OPEN ──a block failed──► SETTLING ──┬─ in parts, or without rows ─► OPEN
 *                      ▲                     │ idle                             ├─ later ─► WAITING ─► OPENING
 *                      │                     ▼                                  └─ count the stream ─► RETIRING ─► OPENING
 *                      └──────────────── CLOSED                                     (does not add up ─► STOPPED)
 *
 * Why a row is stored exactly once: it is put into an intent, with its place in the stream, before it is sent (take());
 * the service stores at most one block at a place; an intent is dropped only when its rows are stored or parked; and it
 * is given another place only when nothing sent to the old place can still arrive: every request was answered, or the
 * stream was ended and counted, and that before the new places are written down (mayRenumber()).
 *
 * A lost connection makes the lane forget its rows (rewind()) and read them again from the spool, which is what a start
 * after a crash does, too. After each opening the intents that were left are sent one by one until none is left.
 *
 * Here it is decided what comes next. The rows and what is written down of them are in LaneRows, with take(), rewind() and
 * mayRenumber(); what the place where a stream ends says of them, in Finding; what becomes of a refused block, in
 * Refusals; how long a failure lasts and what is logged of it, in LaneTrouble.
 */

/** The lane of one table. One thread; what blocks is done by others, whose results are looked at in {@link #step}. */
final class TableLane implements Lane {
    static final int WINDOW_MAX = 4;
    static final long IDLE_CLOSE_NANOS = Duration.ofMinutes(9).toNanos();
    static final long IDLE_FORGET_NANOS = Duration.ofDays(3).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(TableLane.class);
    private static final long RENEW_NANOS_MIN = Duration.ofSeconds(10).toNanos();
    private static final long LOOK_AGAIN_NANOS = Duration.ofMinutes(10).toNanos();
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int WINDOW_GROWS_AFTER = 16;

    /** So often, and for so long, it may be unknown what a stream holds before rows are given up for possible duplicates. */
    private static final int UNCOUNTED_MAX = 3;

    private static final long UNCOUNTED_NANOS_MIN = Duration.ofSeconds(30).toNanos();

    enum Phase {
        CLOSED,
        OPENING,
        OPEN,
        SETTLING,
        RETIRING,
        WAITING,
        STOPPED
    }

    /** What a lane has in common with all others of its sink. */
    private final LaneWorld world;

    private final LaneOptions options;
    private final LaneMetrics metrics;
    private final LaneRows rows;
    private final LaneTrouble trouble;
    private final Refusals refusals;

    private volatile Phase phase = Phase.CLOSED;
    private boolean isWorkKnown;
    private boolean isDraining;

    private int window = WINDOW_MAX;
    private int successes;
    /** Whether the stream was made by this process, or has taken a new block from it. */
    private boolean isStreamKnown;
    /** Whether an answer named another place than its rows were sent to, and no block was settled since. */
    private boolean isMisplaced;
    /** How often in a row a stream was ended and did not say how many rows it holds. */
    private int uncounted;

    private long uncountedSinceNanos;

    private @Nullable Opening opening;
    private @Nullable CompletableFuture<Long> retiring;
    private @Nullable Connection connection;
    private @Nullable Block failedBlock;
    private long retryAtNanos;
    private long lastActiveNanos;
    private long openedNanos;

    TableLane(LaneWorld world, LaneState state) {
        this.world = world;
        this.options = world.options();
        this.metrics = world.metrics();
        this.rows = new LaneRows(world, state);
        this.refusals = new Refusals(world, rows);
        this.trouble = new LaneTrouble(table(), world);
        this.lastActiveNanos = world.nanos();
        rows.noteOldest(false);
    }

    @Override
    public String table() {
        return rows.table();
    }

    @Override
    public long wanted() {
        return rows.wanted();
    }

    @Override
    public boolean hasRoom() {
        if (phase != Phase.OPEN) {
            return false;
        }
        // What was promised has to be read whole, however much it is.
        return rows.areWaitedFor() || rows.bytesHeld() < world.laneBytesMax();
    }

    /** Bytes of rows in memory. */
    long bytesHeld() {
        return rows.bytesHeld();
    }

    @Override
    public void offer(long sequence, byte[] buffer, int offset, int length) {
        if (sequence < rows.wanted()) {
            return;
        }
        rows.known(sequence);
        if (phase != Phase.OPEN) {
            isWorkKnown = true;
            return;
        }
        rows.add(sequence, buffer, offset, length);
    }

    @Override
    public void passed(long next) {
        boolean isBehind =
                phase != Phase.OPEN && (isWorkKnown || !state().intents().isEmpty());
        if (!isBehind) {
            rows.passed(next);
        }
    }

    @Override
    public long settledBelow() {
        return rows.settledBelow();
    }

    @Override
    public boolean hasWork() {
        return isWorkKnown || rows.areHeld() || !state().intents().isEmpty();
    }

    @Override
    public long oldest() {
        return rows.oldest();
    }

    @Override
    public boolean isFailing() {
        return trouble.failure() != null;
    }

    @Override
    public boolean isConnected() {
        return phase == Phase.OPEN;
    }

    LaneState state() {
        return rows.state();
    }

    LaneStatus status() {
        LaneState current = state();
        Failure why = trouble.failure();
        return new LaneStatus(
                current.table(),
                phase.name().toLowerCase(Locale.ROOT),
                phase == Phase.STOPPED,
                why == null ? null : why.name().toLowerCase(Locale.ROOT),
                trouble.message(),
                why == null ? 0 : trouble.seconds(world.nanos()),
                current.intents().size(),
                rows.oldest(),
                current.delivered(),
                current.parked());
    }

    /** Sends what there is without waiting for more, and where it failed tries once more at once. */
    void drain() {
        isDraining = true;
        retryAtNanos = world.nanos();
    }

    /** Gives up the connection and does nothing any more. */
    void close() {
        disconnect();
        phase = Phase.STOPPED;
    }

    @Override
    public long step(boolean isMoreComing) {
        try {
            return move(isMoreComing);
        } finally {
            rows.noteOldest(isWorkKnown);
        }
    }

    private long move(boolean isMoreComing) {
        long now = world.nanos();
        try {
            return switch (phase) {
                case CLOSED -> closed(now);
                case OPENING -> opening(now);
                case OPEN -> open(now, isMoreComing);
                case SETTLING -> settling(now);
                case RETIRING -> retiring(now);
                case WAITING -> waiting(now);
                case STOPPED -> Long.MAX_VALUE;
            };
        } catch (IOException e) {
            // The state could not be saved or a row not parked: as if the last step had not been taken.
            return later(Failure.OTHER, "on this machine: " + e.getMessage(), e, now);
        } catch (RuntimeException e) {
            // A bug, which must not keep other lanes from their steps.
            return later(Failure.OTHER, e.toString(), e, now);
        }
    }

    // Opening and closing.

    private long closed(long now) {
        if (isWorkKnown || !state().intents().isEmpty()) {
            return connect();
        }
        if (state().stream() != null && now - lastActiveNanos >= IDLE_FORGET_NANOS) {
            // It would be gone in a day; ended now it can never surprise anybody.
            return retire(Failure.OTHER, "not used for three days", now);
        }
        return IDLE_CLOSE_NANOS;
    }

    private long connect() {
        phase = Phase.OPENING;
        String stream = options.hasStream() ? state().stream() : null; // One that another mode has left is not used.
        opening = Opening.start(world, table(), stream);
        return LOOK_NANOS;
    }

    private long opening(long now) throws IOException {
        Opening pending = opening;
        if (pending == null) {
            throw new IllegalStateException("opening without a try");
        }
        if (!pending.isDone()) {
            return pending.isLate(now)
                    ? later(Failure.TIMEOUT, "the table was not ready within " + Opening.MAX, null, now)
                    : LOOK_NANOS;
        }
        opening = null;
        try {
            connection = pending.result();
        } catch (CompletionException e) {
            ServiceException reason = ServiceException.of(e);
            if (reason.failure() == Failure.NOT_FOUND && state().stream() != null) {
                return retire(reason.failure(), String.valueOf(reason.getMessage()), now);
            }
            return later(reason.failure(), String.valueOf(reason.getMessage()), e, now);
        }
        String stream = connection.stream();
        if (!Objects.equals(stream, state().stream())) {
            rows.moved(state().on(stream));
            isStreamKnown = true;
            if (stream != null) {
                metrics.streamMade(table());
            }
        }
        phase = Phase.OPEN;
        isWorkKnown = false;
        refusals.opened();
        rows.rewind();
        lastActiveNanos = now;
        openedNanos = now;
        return 0;
    }

    /** Gives up the connection and all rows; they are wanted again. */
    private void letGo() {
        rows.noteUncertain();
        disconnect();
        rows.forget();
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.appender().close();
        }
        if (opening != null) {
            opening.giveUp();
            opening = null;
        }
    }

    // Open: answers in, blocks out.

    private long open(long now, boolean isMoreComing) throws IOException {
        while (!rows.blocks.isEmpty() && rows.blocks.get(0).isAnswered()) {
            Block first = rows.blocks.get(0);
            if (!isStored(first, now)) {
                phase = Phase.SETTLING;
                failedBlock = first;
                return settling(now);
            }
        }
        long wait = send(now, isMoreComing);
        if (rows.areHeld()) {
            lastActiveNanos = now;
        } else {
            rows.saveSettled();
            if (now - lastActiveNanos >= IDLE_CLOSE_NANOS) {
                disconnect();
                phase = Phase.CLOSED;
            }
            if (now - lastActiveNanos >= LaneTrouble.REPEAT_NANOS) {
                trouble.over(now); // What had failed turned out to be stored, or was parked.
            }
        }
        return wait;
    }

    /** Drops the first block if its answer says that its rows are in the table. */
    private boolean isStored(Block block, long now) throws IOException {
        AppendResult result = block.result();
        Intent intent = block.intent;
        int stored;
        if (result instanceof Stored where && (!options.hasStream() || isAt(where.offset(), intent))) {
            isStreamKnown = true;
            refusals.taken();
            stored = block.rows.rows();
            settled(block, stored, now);
            if (stored < intent.rows()) {
                LOG.warn("The spool has lost rows of a batch table={} rows={} sent={}", table(), intent.rows(), stored);
            }
        } else if (result instanceof AlreadyExists exists && found(exists, block) instanceof BlockThere there) {
            stored = there.rows();
            metrics.duplicatesSuppressed(table(), stored);
            settled(block, stored, now);
        } else {
            return false;
        }
        if (stored < intent.rows()) {
            rows.layOutFrom(intent.offset() + stored);
        }
        return true;
    }

    /**
     * Rows that nobody has sent to their place before cannot be there. Only until stream and state were seen to agree: a
     * lane that stops wants a person, and who knows how often the service itself does a request twice.
     */
    private Finding found(AlreadyExists exists, Block block) {
        boolean isSurprising = !isStreamKnown && !exists.mayBeOwn() && !block.mayBeThere();
        return Finding.of(exists, block, isSurprising || !options.hasStream(), state());
    }

    /** The service says where it has put a block; what is not where it was sent is somebody else's, or ours twice. */
    private static boolean isAt(long offset, Intent intent) {
        return offset < 0 || offset == intent.offset();
    }

    private void settled(Block block, int stored, long now) {
        rows.settled(block, stored);
        refusals.settled();
        isMisplaced = false;
        uncounted = 0;
        successes++;
        if (successes % WINDOW_GROWS_AFTER == 0) {
            window = Math.min(WINDOW_MAX, window + 1);
        }
        metrics.delivered(table(), stored);
        metrics.batch(stored, block.nanosSinceSent(now));
        trouble.over(now);
    }

    /** Nobody knows whether its rows were stored; if not, the next block finds its place out of range. */
    private void dropped(Block block) {
        rows.settled(block, 0);
        refusals.settled();
    }

    private long send(long now, boolean isMoreComing) throws IOException {
        Connection open = connection;
        if (open == null) {
            throw new IllegalStateException("open without a connection");
        }
        if (isToBeRenewed(open.appender(), now - openedNanos)) {
            return rows.blocks.stream().anyMatch(Block::isSent) ? LOOK_NANOS : renew();
        }
        int inFlight = 0;
        for (int i = 0; ; i++) {
            if (i < rows.blocks.size() && rows.blocks.get(i).isSent()) {
                inFlight++;
                continue;
            }
            if (inFlight >= (rows.areSentOneByOne() ? 1 : window)) {
                return LOOK_NANOS;
            }
            boolean isFresh = i == rows.blocks.size();
            if (isFresh && !rows.fresh.isDue(now, isMoreComing, isDraining)) {
                long wait = rows.fresh.isEmpty() ? LOOK_NANOS : rows.fresh.untilOld(now);
                return Math.max(1, Math.min(LOOK_NANOS, wait));
            }
            Block next = isFresh ? rows.take() : rows.blocks.get(i);
            if (!next.isComplete(rows.wanted())) {
                return LOOK_NANOS;
            }
            if (next.rows.rows() == 0) {
                LOG.warn("The spool has lost all rows of a batch table={} rows={}", table(), next.intent.rows());
                dropped(next);
                i--;
                continue;
            }
            if (refusals.isRefused(next)) {
                return go(refusals.refusedBefore(next), now);
            }
            CompletableFuture<AppendResult> request = open.appender().append(next.rows, next.intent.offset());
            next.sent(request, now);
            CompletableFuture<Void> unused = request.thenRun(world::wake);
            inFlight++;
        }
    }

    /**
     * Whether the table may have more columns by now: it says so, or it lacks some and was not looked at for long. The right
     * to add them may have been given since, and insertAll never says anything.
     */
    private static boolean isToBeRenewed(Appender appender, long openNanos) {
        return (openNanos >= RENEW_NANOS_MIN && appender.isOutdated())
                || (openNanos >= LOOK_AGAIN_NANOS && appender.lacksColumns());
    }

    /** With nothing under way: another connection, which sees the table as it is now. */
    private long renew() {
        LOG.info("A table has more columns than it had, or lacks some, and is looked at anew table={}", table());
        letGo();
        isWorkKnown = true;
        return connect();
    }

    // After a failure.

    /** Waits until nothing is on its way any more, and does then what the first failure asks for. */
    private long settling(long now) throws IOException {
        for (Block block : rows.blocks) {
            if (block.isSent() && !block.isAnswered()) {
                return LOOK_NANOS;
            }
        }
        rows.noteUncertain();
        Block cause = failedBlock;
        failedBlock = null;
        if (cause == null) {
            throw new IllegalStateException("settling without a cause");
        }
        if (!options.hasStream()) {
            dropStoredBehind(cause, now);
        }
        AppendResult result = cause.result();
        if (result instanceof RowsRefused refused) {
            return go(refusals.exclude(cause, refused), now);
        }
        if (result instanceof Failed failed) {
            return failed(cause, failed, now);
        }
        if (result instanceof Stored stored) {
            return misplaced(cause, stored, now);
        }
        if (found((AlreadyExists) result, cause) instanceof Contradiction contradiction) {
            return stop(contradiction.message(), now);
        }
        return retire(Failure.OFFSET_OUT_OF_RANGE, "the stream does not say where it goes on", now);
    }

    /**
     * Of one answer too many, or one too few, the client makes the answers of other requests: from here on they say
     * nothing. The rows are sent again to their places, where each block can be once; said again, it is no accident.
     */
    private long misplaced(Block cause, Stored stored, long now) {
        String message = "rows were sent to " + cause.intent.offset() + " and stored at " + stored.offset();
        if (isMisplaced) {
            return stop(message, now);
        }
        isMisplaced = true;
        rows.allAreUncertain();
        return later(Failure.CONNECTION, message, null, now);
    }

    /** Without a stream, blocks behind a failed one may have been stored. */
    private void dropStoredBehind(Block cause, long now) {
        for (Block block : List.copyOf(rows.blocks)) {
            if (block != cause && block.isSent() && block.result() instanceof Stored) {
                settled(block, block.rows.rows(), now);
            }
        }
    }

    private long failed(Block cause, Failed failed, long now) throws IOException {
        Failure why = failed.failure();
        boolean isOfStream =
                why == Failure.STREAM_FINALIZED || why == Failure.NOT_FOUND || why == Failure.OFFSET_OUT_OF_RANGE;
        if (isOfStream && options.hasStream()) {
            return retire(why, failed.message(), now);
        }
        if (why == Failure.INVALID || why == Failure.TOO_LARGE) {
            return go(refusals.refused(cause, failed), now);
        }
        if (why == Failure.QUOTA) {
            window = 1;
        }
        return later(why, failed.message(), failed.cause(), now);
    }

    /** Goes on as the refusal of a block asks for. */
    private long go(Remedy remedy, long now) {
        if (remedy instanceof ComeBack comeBack) {
            return later(comeBack.why(), comeBack.message(), comeBack.cause(), now);
        }
        if (remedy instanceof EndStream end) {
            // With the places as they are: what arrives until then still means the rows it was sent with.
            return retire(end.why(), end.message(), now);
        }
        isWorkKnown = false;
        phase = Phase.OPEN;
        return 0;
    }

    /** Lets the connection go and tries again after a while. */
    private long later(Failure why, String message, @Nullable Throwable cause, long now) {
        boolean wasMakingStream = connection == null && options.hasStream() && state().stream() == null;
        letGo();
        if (why == Failure.UNAUTHENTICATED) {
            world.connector().credentialsRefused();
        }
        isWorkKnown = true;
        retiring = null;
        trouble.failed(why, message, cause, now);
        long wait = isDraining && !trouble.isRepeated()
                ? 0
                : Math.max(trouble.nextWait(), why.leastWait(wasMakingStream).toNanos());
        retryAtNanos = now + wait;
        phase = Phase.WAITING;
        return wait;
    }

    private long waiting(long now) {
        return now - retryAtNanos >= 0 ? connect() : retryAtNanos - now;
    }

    // A stream is given up only when its rows are counted.

    private long retire(Failure why, String message, long now) {
        letGo();
        String stream = state().stream();
        if (stream == null) {
            return later(why, message, null, now);
        }
        if (!state().intents().isEmpty()) {
            isWorkKnown = true;
            trouble.failed(why, message, null, now);
        }
        LOG.info("Ending a stream and counting its rows table={} cause={} message={}", table(), why, message);
        phase = Phase.RETIRING;
        retiring = world.blocking(() -> world.connector().finalizeStream(stream));
        return LOOK_NANOS;
    }

    private long retiring(long now) throws IOException {
        CompletableFuture<Long> pending = retiring;
        if (pending == null || !pending.isDone()) {
            return LOOK_NANOS;
        }
        retiring = null;
        long count;
        try {
            count = pending.join();
        } catch (CompletionException e) {
            ServiceException reason = ServiceException.of(e);
            if (reason.failure() == Failure.NOT_FOUND || reason.failure() == Failure.STREAM_FINALIZED) {
                return uncounted(reason, now);
            }
            if (state().intents().isEmpty() && reason.failure() == Failure.PERMISSION_DENIED) {
                return uncounted(
                        reason, now); // One of a dataset that is ours no more, say. Nothing is under way in it.
            }
            if (state().intents().isEmpty() && !isWorkKnown) {
                // Nobody needs this stream; it goes by itself when it is not ended next time.
                lastActiveNanos = now;
                phase = Phase.CLOSED;
                return IDLE_CLOSE_NANOS;
            }
            return later(reason.failure(), String.valueOf(reason.getMessage()), e, now);
        }
        return counted(count, now);
    }

    private long counted(long count, long now) throws IOException {
        Finding finding = Finding.of(count, state());
        if (finding instanceof Contradiction contradiction) {
            return stop(contradiction.message(), now);
        }
        RowsThere there = (RowsThere) finding;
        long acknowledged = state().acknowledged();
        if (count < acknowledged) {
            LOG.error(
                    "A stream holds fewer rows than were acknowledged; was the volume restored, or the table made anew?"
                            + " table={} rows={} acknowledged={}",
                    table(),
                    count,
                    acknowledged);
        }
        uncounted = 0;
        rows.moved(there.left().on(null));
        if (there.rows() > 0) {
            refusals.settled();
            metrics.delivered(table(), there.rows());
            metrics.duplicatesSuppressed(table(), there.rows());
        }
        return reopen(now);
    }

    /**
     * The stream is gone, or has ended and does not tell its count a second time. That matters only where a request was
     * never answered: what was refused is not stored. Then it is asked for a few times, since it may be for a moment only.
     */
    private long uncounted(ServiceException reason, long now) throws IOException {
        long uncertain = rows.uncertain();
        if (uncounted == 0) {
            uncountedSinceNanos = now;
        }
        uncounted++;
        boolean isEarly = uncounted < UNCOUNTED_MAX || now - uncountedSinceNanos < UNCOUNTED_NANOS_MIN;
        if (uncertain > 0 && isEarly) {
            return later(reason.failure(), String.valueOf(reason.getMessage()), reason, now);
        }
        if (uncertain > 0) {
            LOG.error(
                    "A stream is gone, nobody knows which of its last rows are stored; they are sent again and may be"
                            + " there twice table={} rows={}",
                    table(),
                    uncertain);
            metrics.possibleDuplicates(table(), uncertain);
        }
        uncounted = 0;
        rows.moved(state().on(null));
        return reopen(now);
    }

    private long reopen(long now) {
        if (state().intents().isEmpty() && !isWorkKnown) {
            lastActiveNanos = now;
            phase = Phase.CLOSED;
            return 0;
        }
        isWorkKnown = true;
        if (!trouble.isRepeated()) {
            return connect();
        }
        // Streams that die as soon as they are made: each one counts against a quota.
        long wait = trouble.nextWait();
        retryAtNanos = now + wait;
        phase = Phase.WAITING;
        return wait;
    }

    /** State and stream contradict each other: going on would be guessing. Rows stay in the spool. */
    private long stop(String message, long now) {
        letGo();
        isWorkKnown = true;
        trouble.failed(Failure.OFFSET_OUT_OF_RANGE, message, null, now);
        LOG.error(
                "A lane has stopped: {} table={} stream={}; see docs/operations.md",
                message,
                table(),
                state().stream());
        phase = Phase.STOPPED;
        return Long.MAX_VALUE;
    }
}
