package com.barnebys.analytics.delivery;

import com.barnebys.analytics.delivery.ReplayJournal.Group;
import com.barnebys.analytics.spool.Spool;
import com.barnebys.analytics.spool.SpoolFullException;
import com.barnebys.analytics.spool.SpoolReader;
import com.barnebys.analytics.spool.SpoolState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Why a row is put in once. A group is written down before it is appended, appended whole or not at all, flushed, and
 * then written down as done. A crash in between leaves it open; the next opening of the spool looks whether the group is
 * in it, from the number on that was the next one when it was written down. That is before anything is delivered, so the
 * group cannot have been trimmed away by then.
 *
 *   crash ...                        journal        spool          the next start
 *   before the intent is on disk     nothing, torn  no group       nothing to do
 *   before the append                open           no group       "not-appended"; the rows may be replayed
 *   after it, not flushed, power cut open           perhaps        as the spool says
 *   before "appended" is on disk     open           the group      "appended"
 *
 * Why a row that is parked is not stored as well. A line is on the disk before the sink steps over its row. After a crash
 * between the two the row is still in the spool, and if its cause was mended meanwhile it is stored: the line is about
 * nothing. So a start withdraws the lines of rows that are in the spool and not settled, before delivery begins; a row
 * that is refused again is parked with a line more, and lines are counted. While delivery runs, letters of rows that are
 * not settled wait.
 */

/**
 * Puts dead letters into the spool again, byte for byte, behind all else: so each goes its normal way to the sink, under
 * the {@code eventId} it has, and once, however often it is replayed and whenever the process dies. What is refused again
 * is parked under its new number, and may be replayed again.
 *
 * <p>One for each open spool. Any thread may call, one at a time works; it reads and writes files.
 */
public final class Replay implements AutoCloseable {
    /** Small, for the intake waits while a group is written. */
    static final int GROUP_BYTES_MAX = 1 << 20;

    static final int GROUP_ROWS_MAX = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int LENGTH_BYTES = 4;
    private static final int SCAN_RECORDS = 1000;
    private static final long SCAN_BYTES = 1 << 20;

    private final Path directory;
    private final Spool spool;
    private final SettledRows settled;
    private final ReplayMetrics metrics;
    private final long spoolBytesMax;
    private final ReplayJournal journal;
    private final RecordTables tables = new RecordTables();

    private Replay(
            Path directory,
            Spool spool,
            SettledRows settled,
            ReplayMetrics metrics,
            long spoolBytesMax,
            ReplayJournal journal) {
        this.directory = directory;
        this.spool = spool;
        this.settled = settled;
        this.metrics = metrics;
        this.spoolBytesMax = spoolBytesMax;
        this.journal = journal;
    }

    /**
     * Reads what was replayed before; changes nothing.
     *
     * @param spoolBytesMax replaying ends where the spool would grow beyond: visitors' hits want room, too
     */
    public static Replay open(Path dataDir, Spool spool, SettledRows settled, ReplayMetrics metrics, long spoolBytesMax)
            throws IOException {
        return open(dataDir, spool, settled, metrics, spoolBytesMax, LineFile::open);
    }

    static Replay open(
            Path dataDir,
            Spool spool,
            SettledRows settled,
            ReplayMetrics metrics,
            long spoolBytesMax,
            DurableLines.Opener opener)
            throws IOException {
        Path directory = dataDir.resolve("deadletter");
        ReplayJournal journal = ReplayJournal.read(directory, Clock.systemUTC(), opener);
        return new Replay(directory, spool, settled, metrics, spoolBytesMax, journal);
    }

    /** To be called after the spool was opened and before delivery starts: clears up what a crash has left. */
    public synchronized void recover() throws IOException {
        settleOpenGroup();
        long held = spool.firstSequence();
        Map<RowKey, Integer> lines = new HashMap<>();
        try (Look look = new Look()) {
            DeadLetter.forEachLine(directory, (line, sequence) -> {
                DeadLetter letter = sequence < held ? null : DeadLetter.parse(line);
                if (letter != null && !journal.isReplayed(letter.key()) && look.isOnItsWay(letter)) {
                    lines.merge(letter.key(), 1, Integer::sum);
                }
            });
        }
        lines.entrySet().removeIf(line -> line.getValue() <= journal.spentLines(line.getKey()));
        if (!lines.isEmpty()) {
            LOG.info("Dead letters of rows that are not done with are withdrawn. rows={}", lines.size());
            journal.withdraw(lines);
        }
    }

    /**
     * Replays the letters that fit, oldest first.
     *
     * @param isDry only count what would be replayed
     * @param atMost no group is begun after that time
     * @throws IOException the disk does not do as it should. What was replayed before is, and is known to be
     */
    public synchronized ReplayReport run(ReplayFilter filter, boolean isDry, Duration atMost) throws IOException {
        if (spool.state() == SpoolState.FAILED) {
            throw new IOException("the spool has failed (expected: a new start of the process)");
        }
        if (isDry) {
            lookAtOpenGroup();
        } else {
            settleOpenGroup();
        }
        Run run = new Run(filter, isDry, System.nanoTime(), atMost.toNanos());
        try (Look look = new Look()) {
            DeadLetter.forEachLine(directory, (line, sequence) -> run.take(line, look));
        }
        run.send();
        ReplayReport report = run.report();
        if (!isDry && report.replayed() > 0) {
            LOG.info("Dead letters were put into the spool again. rows={}", report.replayed());
        }
        return report;
    }

    private void lookAtOpenGroup() throws IOException {
        Group group = journal.open();
        if (group != null && group.spool().equals(spool.id()) && find(group) >= 0) {
            journal.assumeAppended();
        }
    }

    private void settleOpenGroup() throws IOException {
        Group group = journal.open();
        if (group == null) {
            return;
        }
        boolean isOurs = group.spool().equals(spool.id());
        long first = isOurs ? find(group) : -1;
        if (first >= 0) {
            spool.force();
            journal.appended(first);
        } else if (isOurs && spool.firstSequence() <= group.next()) {
            journal.notAppended();
        } else {
            LOG.error(
                    "Nobody can tell any more whether dead letters were replayed: the spool they went to is gone. They"
                            + " count as replayed. rows={} first={} journal={}",
                    group.rows().size(),
                    group.rows().get(0),
                    directory.resolve("replayed.ndjson"));
            journal.appended(-1);
        }
    }

    /** Where a group is in the spool; -1 when it is not there. */
    private long find(Group group) throws IOException {
        try (SpoolReader reader = spool.peek(group.next())) {
            Match match = new Match(group.rows());
            while (reader.read(SCAN_RECORDS, SCAN_BYTES, match::take) > 0) {
                if (match.isWhole()) {
                    return match.first;
                }
                if (match.again >= 0) {
                    reader.seek(match.again);
                    match.again = -1;
                }
            }
            return match.isWhole() ? match.first : -1;
        }
    }

    /** A run of records with the bytes of a group's. */
    private static final class Match {
        private final List<RowKey> rows;
        private int count;
        private long first = -1;
        /** Where to look next after a run that broke off; -1 to go on. */
        private long again = -1;

        Match(List<RowKey> rows) {
            this.rows = rows;
        }

        boolean isWhole() {
            return count == rows.size();
        }

        void take(long sequence, byte[] buffer, int offset, int length) {
            if (isWhole() || again >= 0) {
                return;
            }
            boolean isNext = count == 0 || sequence == first + count;
            if (isNext && rows.get(count).hasBytesOf(RowKey.of(sequence, buffer, offset, length))) {
                first = count == 0 ? sequence : first;
                count++;
            } else if (count > 0) {
                again = first + 1;
                count = 0;
            }
        }
    }

    /** Looks into the spool for single rows. */
    private final class Look implements AutoCloseable {
        private @Nullable SpoolReader reader;
        private boolean isThere;

        /** Whether the row may still be stored under its old number. */
        boolean isOnItsWay(DeadLetter letter) throws IOException {
            long sequence = letter.key().sequence();
            String table = tables.of(letter.record(), 0, letter.record().length);
            if (sequence < spool.firstSequence()
                    || sequence >= spool.nextSequence()
                    || settled.isSettled(table == null ? "" : table, sequence)) {
                return false;
            }
            SpoolReader open = reader;
            if (open == null) {
                open = spool.peek(sequence);
                reader = open;
            } else if (open.position() != sequence) {
                open.seek(sequence);
            }
            isThere = false;
            int unused = open.read(
                    1,
                    1,
                    (at, buffer, offset, length) -> isThere = at == sequence
                            && RowKey.of(at, buffer, offset, length).equals(letter.key()));
            return isThere;
        }

        @Override
        public void close() throws IOException {
            SpoolReader open = reader;
            if (open != null) {
                open.close();
            }
        }
    }

    /** One pass over all letters. */
    private final class Run {
        private final ReplayFilter filter;
        private final boolean isDry;
        private final long beganNanos;
        private final long nanosMax;

        private final Map<RowKey, Integer> linesSeen = new HashMap<>();
        private final Set<RowKey> taken = new HashSet<>();
        private final List<DeadLetter> group = new ArrayList<>();
        private int groupBytes;

        private final Map<String, Map<String, Long>> rows = new TreeMap<>();
        private long before;
        private long waiting;
        private long unreadable;
        private boolean isMore;
        private @Nullable String stopped;

        Run(ReplayFilter filter, boolean isDry, long beganNanos, long nanosMax) {
            this.filter = filter;
            this.isDry = isDry;
            this.beganNanos = beganNanos;
            // Counting goes through at once: a second look would begin where this one began.
            this.nanosMax = isDry ? Long.MAX_VALUE : nanosMax;
        }

        void take(String line, Look look) throws IOException {
            if (stopped != null || isMore) {
                return;
            }
            DeadLetter letter = DeadLetter.parse(line);
            if (letter == null) {
                unreadable++;
                return;
            }
            if (!filter.fits(letter)) {
                return;
            }
            RowKey key = letter.key();
            int spent = journal.spentLines(key);
            if (journal.isReplayed(key)) {
                // Twice in this run is once, and was counted.
                before += taken.contains(key) ? 0 : 1;
            } else if (spent > 0 && linesSeen.merge(key, 1, Integer::sum) <= spent) {
                return; // Withdrawn: if the row was parked after all, a later line says so.
            } else if (!taken.contains(key)) {
                if (look.isOnItsWay(letter)) {
                    waiting++;
                    return;
                }
                add(letter);
            }
        }

        private void add(DeadLetter letter) throws IOException {
            int bytes = LENGTH_BYTES + letter.record().length;
            boolean isFull = group.size() == GROUP_ROWS_MAX || groupBytes + bytes > GROUP_BYTES_MAX;
            if (isFull && !group.isEmpty()) {
                send();
                isMore = System.nanoTime() - beganNanos >= nanosMax;
                if (isMore || stopped != null) {
                    return;
                }
            }
            boolean unused = taken.add(letter.key());
            group.add(letter);
            groupBytes += bytes;
        }

        void send() throws IOException {
            if (group.isEmpty() || stopped != null) {
                return;
            }
            if (!isDry && !isAppended()) {
                return;
            }
            for (DeadLetter letter : group) {
                rows.computeIfAbsent(letter.kind(), kind -> new TreeMap<>()).merge(letter.reason(), 1L, Long::sum);
            }
            group.clear();
            groupBytes = 0;
        }

        private boolean isAppended() throws IOException {
            if (spool.bytes() + groupBytes > spoolBytesMax) {
                stopped = "the spool is half full with " + spool.bytes() + " bytes; again when it is delivered";
                return false;
            }
            ByteBuffer bodies = ByteBuffer.allocate(groupBytes);
            List<RowKey> keys = new ArrayList<>();
            Map<String, Integer> byTable = new TreeMap<>();
            for (DeadLetter letter : group) {
                byte[] record = letter.record();
                bodies.putInt(record.length).put(record);
                keys.add(letter.key());
                String table = tables.of(record, 0, record.length);
                byTable.merge(table == null ? "" : table, 1, Integer::sum);
            }
            journal.append(new Group(spool.id(), spool.nextSequence(), keys));
            long first;
            try {
                first = spool.append(keys.size(), List.of(bodies.flip()));
            } catch (SpoolFullException e) {
                journal.notAppended();
                stopped = e.getMessage();
                return false;
            }
            byTable.forEach(metrics::replayed);
            spool.force();
            journal.appended(first);
            return true;
        }

        ReplayReport report() {
            return new ReplayReport(rows, before, waiting, unreadable, isMore, stopped);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        journal.close();
    }
}
