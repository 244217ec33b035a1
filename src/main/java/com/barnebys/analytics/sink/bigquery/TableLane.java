package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.sink.Backoff;
import com.barnebys.analytics.sink.Lane;
import com.barnebys.analytics.sink.LaneMetrics;
import com.barnebys.analytics.sink.LaneStatus;
import com.barnebys.analytics.sink.ParkReason;
import com.barnebys.analytics.sink.RowBatch;
import com.barnebys.analytics.sink.bigquery.AppendResult.AlreadyExists;
import com.barnebys.analytics.sink.bigquery.AppendResult.Failed;
import com.barnebys.analytics.sink.bigquery.AppendResult.RowsRefused;
import com.barnebys.analytics.sink.bigquery.AppendResult.Stored;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
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
 */

/** The lane of one table. One thread; what blocks is done by others, whose results are looked at in {@link #step}. */
final class TableLane implements Lane {
    static final int WINDOW_MAX = 4;
    static final int BLOCK_BYTES_MAX = 8 << 20;
    static final long IDLE_CLOSE_NANOS = Duration.ofMinutes(9).toNanos();
    static final long IDLE_FORGET_NANOS = Duration.ofDays(3).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(TableLane.class);
    private static final int BATCH_BYTES = 1 << 20;
    private static final int BLOCK_BYTES_MIN = 64 << 10;
    private static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long RENEW_NANOS_MIN = Duration.ofSeconds(10).toNanos();
    /** More than all calls of an opening take that end by their own limits. */
    private static final Duration OPENING_MAX = Duration.ofMinutes(5);

    private static final long OPENING_NANOS_MAX = OPENING_MAX.toNanos();
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** So many parts of blocks may be refused, and none taken, before the lane waits; twice as many the next time. */
    private static final int REFUSALS_WITHOUT_SUCCESS_MIN = 32;

    private static final int REFUSALS_WITHOUT_SUCCESS_MAX = 128;

    private static final int WINDOW_GROWS_AFTER = 16;

    /** So often it may be unknown what a stream holds before its rows under way are given up for possible duplicates. */
    private static final int UNCOUNTED_MAX = 3;

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
    private final Backoff backoff;

    /** Read by other threads for counters. */
    private volatile LaneState state;
    /** As on the disk: what may be forgotten by the spool. */
    private LaneState saved;

    private volatile Phase phase = Phase.CLOSED;
    private long wanted;
    /** Of the rows it knows of, the first that is not settled. Read by other threads. */
    private volatile long oldest = LaneStatus.NONE;

    private boolean isWorkKnown;
    private boolean isDraining;

    /** One for each intent, in their order. */
    private final List<Block> blocks = new ArrayList<>();
    /** Rows without an intent; the last batch is being filled. */
    private final ArrayDeque<RowBatch> filling = new ArrayDeque<>();

    private long fillingSinceNanos;
    /** Blocks in front that were there when the connection was opened, or changed since: sent one by one. */
    private int oneByOne;
    /** Below this place of the stream something may still arrive of which nobody has heard: it was given up unanswered. */
    private long uncertainBelow;

    private int window = WINDOW_MAX;
    private int successes;
    private int blockBytesMax = BLOCK_BYTES_MAX;
    private boolean isProven;
    private int unprovenRefusals;
    private int unprovenRefusalsMax = REFUSALS_WITHOUT_SUCCESS_MIN;
    /** Whether the stream was made by this process, or has taken a new block from it. */
    private boolean isStreamKnown;
    /** Whether the table was looked at since no row of a block was taken, and no block was stored since. */
    private boolean isLookedAt;
    /** Whether an answer named another place than its rows were sent to, and no block was settled since. */
    private boolean isMisplaced;
    /** How often in a row a stream was ended and did not say how many rows it holds. */
    private int uncounted;
    /** The intents as they were before blocks were cut in parts of which none was taken yet. */
    private @Nullable List<Intent> uncut;

    private @Nullable CompletableFuture<Connection> opening;
    private AtomicBoolean openingIsGivenUp = new AtomicBoolean();
    private long openingSinceNanos;
    private @Nullable CompletableFuture<Long> retiring;
    private @Nullable Connection connection;
    private @Nullable Block failedBlock;
    private long retryAtNanos;
    private long lastActiveNanos;
    private long openedNanos;

    private @Nullable Failure failure;
    private String failureMessage = "";
    private int failures;
    private long failingSinceNanos;
    private long lastLogNanos;

    /** An open way to the table. */
    record Connection(TableShape shape, @Nullable String stream, Appender appender) {}

    TableLane(LaneWorld world, LaneState state) {
        this.world = world;
        this.options = world.options();
        this.metrics = world.metrics();
        this.backoff = new Backoff(world.random());
        this.state = state;
        this.saved = state;
        this.wanted = state.firstUnsettled();
        // What a life before has sent may arrive after its death.
        this.uncertainBelow = state.intents().isEmpty() ? 0 : state.nextOffset();
        this.lastActiveNanos = world.nanos();
        noteOldest();
    }

    @Override
    public String table() {
        return state.table();
    }

    @Override
    public long wanted() {
        return wanted;
    }

    @Override
    public boolean hasRoom() {
        if (phase != Phase.OPEN) {
            return false;
        }
        // What was promised has to be read whole, however much it is.
        boolean isWaitedFor =
                oneByOne > 0 && !blocks.get(0).isSent() && !blocks.get(0).isComplete(wanted);
        return isWaitedFor || bytesHeld() < world.laneBytesMax();
    }

    /** Bytes of rows in memory. */
    long bytesHeld() {
        long bytes = 0;
        for (Block block : blocks) {
            bytes += block.rows.size();
        }
        for (RowBatch batch : filling) {
            bytes += batch.size();
        }
        return bytes;
    }

    @Override
    public void offer(long sequence, byte[] buffer, int offset, int length) {
        if (sequence < wanted) {
            return;
        }
        if (oldest == LaneStatus.NONE) {
            oldest = sequence;
        }
        if (phase != Phase.OPEN) {
            isWorkKnown = true;
            return;
        }
        if (sequence > state.taken()) {
            batchFor(length).add(sequence, buffer, offset, length);
        } else {
            for (Block block : blocks) {
                if (block.intent.holds(sequence)) {
                    block.rows.add(sequence, buffer, offset, length);
                    break;
                }
            }
        }
        wanted = sequence + 1;
    }

    private RowBatch batchFor(int length) {
        RowBatch last = filling.peekLast();
        if (last != null && last.rows() < options.rowsMax() && last.size() + length <= blockBytesMax) {
            return last;
        }
        if (last == null) {
            fillingSinceNanos = world.nanos();
        }
        RowBatch fresh = new RowBatch();
        fresh.clear(world.spoolId());
        filling.add(fresh);
        return fresh;
    }

    @Override
    public void passed(long next) {
        boolean isBehind =
                phase != Phase.OPEN && (isWorkKnown || !state.intents().isEmpty());
        if (!isBehind) {
            wanted = Math.max(wanted, next);
        }
    }

    @Override
    public long settledBelow() {
        long below = Math.min(wanted, saved.intents().isEmpty() ? Long.MAX_VALUE : saved.firstUnsettled());
        RowBatch first = filling.peek();
        return first == null ? below : Math.min(below, first.firstSequence());
    }

    @Override
    public boolean hasWork() {
        return isWorkKnown
                || !blocks.isEmpty()
                || !filling.isEmpty()
                || !state.intents().isEmpty();
    }

    @Override
    public long oldest() {
        return oldest;
    }

    @Override
    public boolean isFailing() {
        return failure != null;
    }

    @Override
    public boolean isConnected() {
        return phase == Phase.OPEN;
    }

    LaneState state() {
        return state;
    }

    LaneStatus status() {
        Failure why = failure;
        return new LaneStatus(
                state.table(),
                phase.name().toLowerCase(Locale.ROOT),
                phase == Phase.STOPPED,
                why == null ? null : why.name().toLowerCase(Locale.ROOT),
                failureMessage,
                why == null ? 0 : TimeUnit.NANOSECONDS.toSeconds(world.nanos() - failingSinceNanos),
                state.intents().size(),
                oldest,
                state.delivered(),
                state.parked());
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
            noteOldest();
        }
    }

    /** A row that was forgotten with a connection is still waited for: it is known until it, or none, is left. */
    private void noteOldest() {
        if (!state.intents().isEmpty()) {
            oldest = state.firstUnsettled();
        } else if (!filling.isEmpty()) {
            oldest = filling.element().firstSequence();
        } else if (!isWorkKnown) {
            oldest = LaneStatus.NONE;
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
        if (isWorkKnown || !state.intents().isEmpty()) {
            return connect();
        }
        if (state.stream() != null && now - lastActiveNanos >= IDLE_FORGET_NANOS) {
            // It would be gone in a day; ended now it can never surprise anybody.
            return retire(Failure.OTHER, "not used for three days", now);
        }
        return IDLE_CLOSE_NANOS;
    }

    private long connect() {
        phase = Phase.OPENING;
        String table = state.table();
        String stream = options.hasStream() ? state.stream() : null; // One that another mode has left is not used.
        AtomicBoolean isGivenUp = new AtomicBoolean();
        openingIsGivenUp = isGivenUp;
        openingSinceNanos = world.nanos();
        opening = world.blocking(() -> {
            TableShape shape = isGivenUp.get() ? null : world.connector().prepare(table);
            if (shape == null || isGivenUp.get()) {
                throw new ServiceException(Failure.TIMEOUT, "too late", null); // Nobody waits, so no stream is made.
            }
            String name =
                    stream == null && options.hasStream() ? world.connector().createStream(table) : stream;
            return new Connection(shape, name, world.connector().open(shape, name));
        });
        return LOOK_NANOS;
    }

    private long opening(long now) throws IOException {
        CompletableFuture<Connection> pending = opening;
        if (pending == null || !pending.isDone()) {
            // Each call has its limit of time, but for an answer that comes byte by byte.
            return now - openingSinceNanos < OPENING_NANOS_MAX
                    ? LOOK_NANOS
                    : later(Failure.TIMEOUT, "the table was not ready within " + OPENING_MAX, null, now);
        }
        opening = null;
        try {
            connection = pending.join();
        } catch (CompletionException e) {
            ServiceException reason = ServiceException.of(e);
            if (reason.failure() == Failure.NOT_FOUND && state.stream() != null) {
                return retire(reason.failure(), String.valueOf(reason.getMessage()), now);
            }
            return later(reason.failure(), String.valueOf(reason.getMessage()), e, now);
        }
        String stream = connection.stream();
        if (!Objects.equals(stream, state.stream())) {
            save(state.on(stream), true);
            uncertainBelow = 0;
            isStreamKnown = true;
            if (stream != null) {
                metrics.streamMade(state.table());
            }
        }
        phase = Phase.OPEN;
        isWorkKnown = false;
        isProven = false;
        unprovenRefusals = 0;
        rewind();
        lastActiveNanos = now;
        openedNanos = now;
        return 0;
    }

    /** Forgets all rows; they are wanted again. */
    private void rewind() {
        blocks.clear();
        filling.clear();
        state.intents().forEach(intent -> blocks.add(Block.of(intent)));
        oneByOne = blocks.size();
        wanted = state.firstUnsettled();
    }

    /** Gives up the connection and all rows; they are wanted again. */
    private void letGo() {
        noteUncertain();
        disconnect();
        blocks.clear();
        filling.clear();
        oneByOne = 0;
        wanted = state.firstUnsettled();
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.appender().close();
        }
        CompletableFuture<Connection> pending = opening;
        opening = null;
        openingIsGivenUp.set(true);
        if (pending != null) {
            CompletableFuture<Void> unused =
                    pending.thenAccept(late -> late.appender().close());
        }
    }

    // Open: answers in, blocks out.

    private long open(long now, boolean isMoreComing) throws IOException {
        while (!blocks.isEmpty() && blocks.get(0).isAnswered()) {
            Block first = blocks.get(0);
            if (!isStored(first, now)) {
                phase = Phase.SETTLING;
                failedBlock = first;
                return settling(now);
            }
        }
        long wait = send(now, isMoreComing);
        if (!blocks.isEmpty() || !filling.isEmpty()) {
            lastActiveNanos = now;
        } else {
            if (!saved.equals(state)) {
                save(state, false);
            }
            if (now - lastActiveNanos >= IDLE_CLOSE_NANOS) {
                disconnect();
                phase = Phase.CLOSED;
            }
            if (failure != null && now - lastActiveNanos >= REPEAT_NANOS) {
                recovered(now); // What had failed turned out to be stored, or was parked.
            }
        }
        return wait;
    }

    /** Drops the first block if its answer says that its rows are in the table. */
    private boolean isStored(Block block, long now) throws IOException {
        AppendResult result = block.result();
        Intent intent = block.intent;
        int sent = block.rows.rows();
        if (result instanceof Stored stored && (!options.hasStream() || isAt(stored.offset(), intent))) {
            isProven = true;
            isStreamKnown = true;
            isLookedAt = false;
            unprovenRefusals = 0;
            unprovenRefusalsMax = REFUSALS_WITHOUT_SUCCESS_MIN;
            settled(block, sent, now);
            if (sent < intent.rows()) {
                LOG.warn("The spool has lost rows of a batch table={} rows={} sent={}", table(), intent.rows(), sent);
                save(state.laidOutFrom(intent.offset() + sent), true);
                refresh();
            }
            return true;
        }
        if (result instanceof AlreadyExists exists && options.hasStream()) {
            long expected = exists.expectedOffset();
            if (expected > state.nextOffset() || isSurprising(exists, block)) {
                return false; // Somebody else has written: what is there need not be these rows.
            }
            if (expected >= intent.end()) {
                metrics.duplicatesSuppressed(table(), intent.rows());
                settled(block, intent.rows(), now);
                return true;
            }
            if (expected == intent.offset() + sent) {
                metrics.duplicatesSuppressed(table(), sent);
                settled(block, sent, now);
                save(state.laidOutFrom(expected), true);
                refresh();
                return true;
            }
        }
        return false;
    }

    /**
     * Rows that nobody has sent to their place before cannot be there. Only until stream and state were seen to agree: a
     * lane that stops wants a person, and who knows how often the service itself does a request twice.
     */
    private boolean isSurprising(AlreadyExists exists, Block block) {
        return !isStreamKnown
                && !exists.mayBeOwn()
                && !block.mayBeThere()
                && exists.expectedOffset() > block.intent.offset();
    }

    /** The service says where it has put a block; what is not where it was sent is somebody else's, or ours twice. */
    private static boolean isAt(long offset, Intent intent) {
        return offset < 0 || offset == intent.offset();
    }

    private void settled(Block block, int rows, long now) {
        boolean unused = blocks.remove(block);
        uncut = null;
        isMisplaced = false;
        uncounted = 0;
        state = state.stored(block.intent, rows);
        oneByOne = Math.max(0, oneByOne - 1);
        successes++;
        if (successes % WINDOW_GROWS_AFTER == 0) {
            window = Math.min(WINDOW_MAX, window + 1);
        }
        metrics.delivered(table(), rows);
        metrics.batch(rows, block.nanosSinceSent(now));
        if (failure != null) {
            recovered(now);
        }
    }

    /** Nobody knows whether its rows were stored; if not, the next block finds its place out of range. */
    private void dropped(Block block) {
        boolean unused = blocks.remove(block);
        uncut = null;
        state = state.stored(block.intent, 0);
        oneByOne = Math.max(0, oneByOne - 1);
    }

    /** Gives the blocks the places their intents have now. */
    private void refresh() {
        for (int i = 0; i < blocks.size(); i++) {
            blocks.get(i).intent = state.intents().get(i);
        }
    }

    private long send(long now, boolean isMoreComing) throws IOException {
        Connection open = connection;
        if (open == null) {
            throw new IllegalStateException("open without a connection");
        }
        if (now - openedNanos >= RENEW_NANOS_MIN && open.appender().isOutdated()) {
            return blocks.stream().anyMatch(Block::isSent) ? LOOK_NANOS : renew();
        }
        int inFlight = 0;
        for (int i = 0; ; i++) {
            if (i < blocks.size() && blocks.get(i).isSent()) {
                inFlight++;
                continue;
            }
            if (inFlight >= (oneByOne > 0 ? 1 : window)) {
                return LOOK_NANOS;
            }
            if (i == blocks.size()) {
                RowBatch batch = due(now, isMoreComing);
                if (batch == null) {
                    return filling.isEmpty() ? LOOK_NANOS : untilDue(now);
                }
                blocks.add(taken(batch));
            }
            Block next = blocks.get(i);
            if (!next.isComplete(wanted)) {
                return LOOK_NANOS;
            }
            if (next.rows.rows() == 0) {
                LOG.warn("The spool has lost all rows of a batch table={} rows={}", table(), next.intent.rows());
                dropped(next);
                i--;
                continue;
            }
            CompletableFuture<AppendResult> request = open.appender().append(next.rows, next.intent.offset());
            next.sent(request, now);
            CompletableFuture<Void> unused = request.thenRun(world::wake);
            inFlight++;
        }
    }

    /** With nothing under way: another connection, which sees the table as it is now. */
    private long renew() {
        LOG.info("A table has more columns than it had, and is looked at anew table={}", table());
        letGo();
        isWorkKnown = true;
        return connect();
    }

    private @Nullable RowBatch due(long now, boolean isMoreComing) {
        RowBatch first = filling.peek();
        if (first == null) {
            return null;
        }
        boolean isFull = filling.size() > 1 || first.rows() >= options.rowsMax();
        boolean isEnough = first.rows() >= options.batchRows() || first.size() >= BATCH_BYTES;
        boolean isOld = now - fillingSinceNanos >= options.batchWait().toNanos();
        return isFull || isOld || isDraining || (isEnough && !isMoreComing) ? first : null;
    }

    private long untilDue(long now) {
        return Math.max(
                1, Math.min(LOOK_NANOS, fillingSinceNanos + options.batchWait().toNanos() - now));
    }

    /** Writes down what will be sent, before it is. */
    private Block taken(RowBatch batch) throws IOException {
        Intent intent = new Intent(
                state.nextOffset(), batch.firstSequence(), batch.nextSequence() - 1, batch.rows(), List.of());
        save(state.with(intent), true);
        RowBatch unused = filling.remove();
        fillingSinceNanos = world.nanos();
        return new Block(intent, batch);
    }

    // After a failure.

    /** Waits until nothing is on its way any more, and does then what the first failure asks for. */
    private long settling(long now) throws IOException {
        for (Block block : blocks) {
            if (block.isSent() && !block.isAnswered()) {
                return LOOK_NANOS;
            }
        }
        noteUncertain();
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
            return exclude(cause, refused, now);
        }
        if (result instanceof Failed failed) {
            return failed(cause, failed, now);
        }
        if (result instanceof Stored stored) {
            return misplaced(cause, stored, now);
        }
        AlreadyExists exists = (AlreadyExists) result;
        if (exists.expectedOffset() > state.nextOffset()) {
            return stop(
                    "the stream goes on at " + exists.expectedOffset() + ", and only " + state.nextOffset()
                            + " rows were sent; is this an older copy of the data directory, or a second process on it?",
                    now);
        }
        if (exists.expectedOffset() >= cause.intent.end()) {
            return stop(
                    "the rows from " + cause.intent.offset() + " to " + cause.intent.end()
                            + " were sent for the first time, and are there already; is this an older copy of the data"
                            + " directory, or a second process on it?",
                    now);
        }
        if (exists.expectedOffset() > cause.intent.offset()) {
            return stop(
                    "the stream goes on at " + exists.expectedOffset() + ", in the middle of the rows from "
                            + cause.intent.offset() + " to " + cause.intent.end(),
                    now);
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
        uncertainBelow = state.nextOffset();
        return later(Failure.CONNECTION, message, null, now);
    }

    /** Without a stream, blocks behind a failed one may have been stored. */
    private void dropStoredBehind(Block cause, long now) {
        for (Block block : List.copyOf(blocks)) {
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
        boolean isOfRequest = why == Failure.INVALID || why == Failure.TOO_LARGE;
        if (!isOfRequest) {
            if (why == Failure.QUOTA) {
                window = 1;
            }
            return later(why, failed.message(), failed.cause(), now);
        }
        metrics.retry(table(), why.retryCause());
        if (why == Failure.TOO_LARGE && cause.rows.rows() > 1) {
            blockBytesMax = Math.max(BLOCK_BYTES_MIN, Math.min(blockBytesMax, cause.rows.size() / 2));
        }
        boolean isProvenSince = isProven && cause.isSuspect();
        if (cause.rows.rows() == 1 && (why == Failure.TOO_LARGE || isProvenSince)) {
            return park(cause, new TreeMap<>(Map.of(0, failed.message())), now);
        }
        // A proof is good for the rows it leaves alone, not for ever: perhaps nothing is taken any more.
        isProven = isProvenSince && cause.rows.rows() == 1;
        cause.suspect();
        unprovenRefusals++;
        if (unprovenRefusals == 1) {
            uncut = state.intents();
        }
        boolean isAlone = cause.rows.rows() == 1 && blocks.size() == 1 && filling.isEmpty();
        if (isAlone || unprovenRefusals > unprovenRefusalsMax) {
            // Whatever is sent is refused: that is no row's fault.
            if (uncut != null && mayRenumber(cause)) {
                save(state.with(uncut, 0), true);
            }
            unprovenRefusalsMax = Math.min(unprovenRefusalsMax * 2, REFUSALS_WITHOUT_SUCCESS_MAX);
            return later(why, failed.message(), failed.cause(), now);
        }
        if (!mayRenumber(cause)) {
            return retireBeforeRenumbering(now);
        }
        if (!filling.isEmpty() && blocks.stream().allMatch(block -> block.rows.rows() == 1)) {
            // Nothing new is sent behind blocks that are sent again: what could prove anything has to join them.
            Block fresh = taken(filling.element());
            blocks.add(fresh);
            if (uncut != null) {
                uncut = Stream.concat(uncut.stream(), Stream.of(fresh.intent)).toList();
            }
        }
        return again(inParts(cause), 0);
    }

    /**
     * A block nobody wants as it is, in halves, behind all others: large parts are tried before small ones. One that is
     * taken proves that it is the rows of others that are at fault; a row alone comes last.
     */
    private List<Block> inParts(Block cause) {
        List<Block> parts = new ArrayList<>(blocks);
        boolean unused = parts.remove(cause);
        int rows = cause.rows.rows();
        if (rows == 1) {
            parts.add(cause);
        } else {
            parts.add(cause.part(0, rows / 2));
            parts.add(cause.part(rows / 2, rows));
        }
        return parts;
    }

    /** Parks the rows the service has named, which are durable then, and goes on without them. */
    private long exclude(Block cause, RowsRefused refused, long now) throws IOException {
        TreeMap<Integer, String> errors = new TreeMap<>(refused.errors());
        errors.keySet().removeIf(place -> place < 0 || place >= cause.rows.rows());
        if (errors.isEmpty()) {
            return later(Failure.INVALID, "rows refused, and none named", null, now);
        }
        if (errors.size() == cause.rows.rows() && !isLookedAt) {
            // So it is with a table that wants a column of each row; which is seen when it is prepared anew.
            isLookedAt = true;
            return later(Failure.INVALID, "no row of a block is taken: " + errors.get(0), null, now);
        }
        return park(cause, errors, now);
    }

    private long park(Block cause, SortedMap<Integer, String> errors, long now) throws IOException {
        if (!mayRenumber(cause)) {
            return retireBeforeRenumbering(now); // They will be refused again, and then nothing is under way.
        }
        world.parking().park(cause.rows, errors, ParkReason.REFUSED_ROW);
        List<Long> parked = errors.keySet().stream().map(cause.rows::sequence).toList();
        LOG.warn("Rows were set aside, see deadletter/ table={} rows={}", table(), parked.size());
        List<Block> left = new ArrayList<>();
        for (Block block : blocks) {
            if (block != cause) {
                left.add(block);
            } else if (parked.size() < cause.rows.rows()) {
                left.add(cause.without(errors.keySet(), cause.intent.without(parked)));
            }
        }
        uncut = null;
        long next = again(left, parked.size());
        parked.forEach(sequence -> metrics.parked(table(), ParkReason.REFUSED_ROW));
        return next;
    }

    /** Whether nothing sent before can arrive at a place of the stream that is to mean other rows from now on. */
    private boolean mayRenumber(Block first) {
        return !options.hasStream() || first.intent.offset() >= uncertainBelow;
    }

    /** With the places as they are: what arrives until the stream is ended still means the rows it was sent with. */
    private long retireBeforeRenumbering(long now) {
        return retire(Failure.CONNECTION, "rows need other places while something may be on its way", now);
    }

    /** To be called before requests are given up: those that nobody has answered may still arrive. */
    private void noteUncertain() {
        for (Block block : blocks) {
            if (block.isSent() && (!block.isAnswered() || isDoubtful(block.result()))) {
                uncertainBelow = state.nextOffset();
            }
        }
    }

    private static boolean isDoubtful(AppendResult result) {
        return result instanceof Failed failed
                && switch (failed.failure()) {
                    case CONNECTION, TIMEOUT, OTHER -> true;
                    default -> false;
                };
    }

    /** Sends other blocks in place of those there were, to other places of the stream. */
    private long again(List<Block> others, int parked) throws IOException {
        List<Intent> intents = others.stream().map(block -> block.intent).toList();
        save(state.with(intents, parked), true);
        blocks.clear();
        blocks.addAll(others);
        blocks.forEach(Block::unsent);
        refresh();
        oneByOne = blocks.size();
        isWorkKnown = false;
        phase = Phase.OPEN;
        return 0;
    }

    /** Lets the connection go and tries again after a while. */
    private long later(Failure why, String message, @Nullable Throwable cause, long now) {
        boolean wasOpening = connection == null;
        letGo();
        if (why == Failure.UNAUTHENTICATED) {
            world.connector().credentialsRefused();
        }
        isWorkKnown = true;
        retiring = null;
        failing(why, message, cause, now);
        long wait = isDraining && failures == 1
                ? 0
                : Math.max(backoff.nextNanos(), why.leastWait(wasOpening).toNanos());
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
        String stream = state.stream();
        if (stream == null) {
            return later(why, message, null, now);
        }
        if (!state.intents().isEmpty()) {
            isWorkKnown = true;
            failing(why, message, null, now);
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
            if (state.intents().isEmpty() && reason.failure() == Failure.PERMISSION_DENIED) {
                return uncounted(
                        reason, now); // One of a dataset that is ours no more, say. Nothing is under way in it.
            }
            if (state.intents().isEmpty() && !isWorkKnown) {
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
        LaneState left = state;
        long stored = 0;
        for (Intent intent : state.intents()) {
            if (intent.end() <= count) {
                left = left.stored(intent, intent.rows());
                stored += intent.rows();
            } else if (intent.offset() < count) {
                return stop(
                        "the stream ends at " + count + ", in the middle of the rows from " + intent.offset() + " to "
                                + intent.end(),
                        now);
            }
        }
        if (count > state.nextOffset()) {
            return stop("the stream holds " + count + " rows, and only " + state.nextOffset() + " were sent", now);
        }
        long acknowledged = state.intents().isEmpty()
                ? state.nextOffset()
                : state.intents().get(0).offset();
        if (count < acknowledged) {
            LOG.error(
                    "A stream holds fewer rows than were acknowledged; was the volume restored, or the table made anew?"
                            + " table={} rows={} acknowledged={}",
                    table(),
                    count,
                    acknowledged);
        }
        uncounted = 0;
        save(left.on(null), true);
        if (stored > 0) {
            metrics.delivered(table(), stored);
            metrics.duplicatesSuppressed(table(), stored);
        }
        return reopen(now);
    }

    /**
     * The stream is gone, or has ended and does not tell its count a second time. That matters only where a request was
     * never answered: what was refused is not stored. Then it is asked for a few times, since it may be for a moment only.
     */
    private long uncounted(ServiceException reason, long now) throws IOException {
        long rows = state.intents().stream()
                .filter(intent -> intent.offset() < uncertainBelow)
                .mapToLong(Intent::rows)
                .sum();
        uncounted++;
        if (rows > 0 && uncounted < UNCOUNTED_MAX) {
            return later(reason.failure(), String.valueOf(reason.getMessage()), reason, now);
        }
        if (rows > 0) {
            LOG.error(
                    "A stream is gone, nobody knows which of its last rows are stored; they are sent again and may be"
                            + " there twice table={} rows={}",
                    table(),
                    rows);
            metrics.possibleDuplicates(table(), rows);
        }
        uncounted = 0;
        save(state.on(null), true);
        return reopen(now);
    }

    private long reopen(long now) {
        uncertainBelow = 0;
        if (state.intents().isEmpty() && !isWorkKnown) {
            lastActiveNanos = now;
            phase = Phase.CLOSED;
            return 0;
        }
        isWorkKnown = true;
        if (failures <= 1) {
            return connect();
        }
        // Streams that die as soon as they are made: each one counts against a quota.
        long wait = backoff.nextNanos();
        retryAtNanos = now + wait;
        phase = Phase.WAITING;
        return wait;
    }

    /** State and stream contradict each other: going on would be guessing. Rows stay in the spool. */
    private long stop(String message, long now) {
        letGo();
        isWorkKnown = true;
        failing(Failure.OFFSET_OUT_OF_RANGE, message, null, now);
        LOG.error(
                "A lane has stopped: {} table={} stream={}; see docs/operations.md", message, table(), state.stream());
        phase = Phase.STOPPED;
        return Long.MAX_VALUE;
    }

    // What was saved, and what went wrong.

    private void save(LaneState next, boolean isDurable) throws IOException {
        world.store().save(next, isDurable);
        state = next;
        saved = next;
    }

    private void failing(Failure why, String message, @Nullable Throwable cause, long now) {
        metrics.retry(table(), why.retryCause());
        failures++;
        if (failure == null) {
            failingSinceNanos = now;
            lastLogNanos = now;
            // With many tables an outage would else fill the log with stacks that all say the same.
            LOG.warn(
                    "A table takes no rows, they stay in the spool table={} cause={} message={}",
                    table(),
                    why,
                    message + Failures.root(cause),
                    why == Failure.OTHER ? cause : null);
        } else if (now - lastLogNanos >= REPEAT_NANOS) {
            lastLogNanos = now;
            LOG.warn(
                    "A table still takes no rows table={} cause={} failures={} seconds={} message={}",
                    table(),
                    why,
                    failures,
                    TimeUnit.NANOSECONDS.toSeconds(now - failingSinceNanos),
                    message);
        }
        failure = why;
        failureMessage = message;
    }

    private void recovered(long now) {
        LOG.info(
                "A table takes rows again table={} failures={} seconds={}",
                table(),
                failures,
                TimeUnit.NANOSECONDS.toSeconds(now - failingSinceNanos));
        failure = null;
        failureMessage = "";
        failures = 0;
        backoff.reset();
    }
}
