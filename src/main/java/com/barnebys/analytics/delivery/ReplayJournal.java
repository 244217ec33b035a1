package com.barnebys.analytics.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was done with dead letters, in {@code deadletter/replayed.ndjson}. Each line is on the disk when the method that
 * writes it returns; a torn one is passed over, for what it says had not begun or is found out anew.
 *
 * <pre>
 * {"step":"append","spool":"…","next":40,"rows":["17-…","18-…"],…}   these rows go into the spool, at 40 or behind
 * {"step":"appended","first":41,…}                                 they are there
 * {"step":"not-appended",…}                                        they are not, and will not be
 * {"step":"withdrawn","rows":["19-…"],"lines":[1],…}               a row's first so many lines do not count: see Replay
 * </pre>
 *
 * <p>One thread at a time. Memory: some 100 bytes for each row that was ever replayed.
 */
final class ReplayJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayJournal.class);
    private static final int FOR_EVER = Integer.MAX_VALUE;

    private final Path path;
    private final Clock clock;
    /** How many of a row's lines do not count any more. */
    private final Map<RowKey, Integer> spent = new HashMap<>();

    private @Nullable Group open;
    private final DurableLines file;

    /** Rows on their way into the spool, of which nobody has written down yet whether they are there. */
    record Group(UUID spool, long next, List<RowKey> rows) {
        Group {
            rows = List.copyOf(rows);
        }
    }

    private ReplayJournal(Path path, Clock clock, DurableLines.Opener opener) {
        this.path = path;
        this.clock = clock;
        file = new DurableLines(path, opener);
    }

    /** Reads what is there; writes nothing yet. */
    static ReplayJournal read(Path directory, Clock clock, DurableLines.Opener opener) throws IOException {
        ReplayJournal journal = new ReplayJournal(directory.resolve("replayed.ndjson"), clock, opener);
        // Latin: what a power cut may leave is text then, too, and a line that is none.
        try (BufferedReader lines = Files.newBufferedReader(journal.path, ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                journal.take(line);
            }
        } catch (NoSuchFileException e) {
            return journal;
        }
        return journal;
    }

    private void take(String line) {
        try {
            JsonObject json = new JsonObject(line);
            String step = json.getString("step", "");
            switch (step) {
                case "append" ->
                    open = new Group(UUID.fromString(json.getString("spool")), json.getLong("next"), keys(json));
                case "appended" -> closeOpen(true);
                case "not-appended" -> closeOpen(false);
                case "withdrawn" -> {
                    List<RowKey> rows = keys(json);
                    for (int i = 0; i < rows.size(); i++) {
                        spent.merge(rows.get(i), json.getJsonArray("lines").getInteger(i), Math::max);
                    }
                }
                default -> {} // a later version's
            }
        } catch (RuntimeException e) { // no JSON, or not with what a step has
            LOG.warn("A line of a torn write, or an edited one, is passed over. file={} bytes={}", path, line.length());
        }
    }

    private static List<RowKey> keys(JsonObject json) {
        return json.getJsonArray("rows").stream()
                .map(text -> RowKey.parse((String) text))
                .toList();
    }

    private void closeOpen(boolean isAppended) {
        Group group = open;
        open = null;
        if (group != null && isAppended) {
            spend(group);
        }
    }

    private void spend(Group group) {
        group.rows().forEach(row -> spent.put(row, FOR_EVER));
    }

    /** What a crash has left undecided. */
    @Nullable Group open() {
        return open;
    }

    /** How many lines of this row do not count; all of them when it was replayed. */
    int spentLines(RowKey row) {
        return spent.getOrDefault(row, 0);
    }

    boolean isReplayed(RowKey row) {
        return spentLines(row) == FOR_EVER;
    }

    /** The rows will be appended, at that number or behind it. */
    void append(Group group) throws IOException {
        write(new JsonObject()
                .put("step", "append")
                .put("spool", group.spool().toString())
                .put("next", group.next())
                .put("rows", array(group.rows())));
        open = group;
    }

    /** They were. Known from now on, also when this throws: then the group stays open, to be written down later. */
    void appended(long first) throws IOException {
        Group group = open;
        if (group != null) {
            spend(group);
        }
        write(new JsonObject().put("step", "appended").put("first", first));
        open = null;
    }

    void notAppended() throws IOException {
        write(new JsonObject().put("step", "not-appended"));
        open = null;
    }

    /** For a look only: as {@link #appended}, in memory. */
    void assumeAppended() {
        Group group = open;
        if (group != null) {
            spend(group);
        }
    }

    /** So many lines of each of these rows do not count. */
    void withdraw(Map<RowKey, Integer> linesByRow) throws IOException {
        List<RowKey> rows = new ArrayList<>(linesByRow.keySet());
        JsonArray lines = new JsonArray();
        rows.forEach(row -> lines.add(linesByRow.getOrDefault(row, 0)));
        write(new JsonObject().put("step", "withdrawn").put("rows", array(rows)).put("lines", lines));
        linesByRow.forEach((row, count) -> spent.merge(row, count, Math::max));
    }

    private static JsonArray array(List<RowKey> rows) {
        JsonArray array = new JsonArray();
        rows.forEach(row -> array.add(row.toString()));
        return array;
    }

    private void write(JsonObject line) throws IOException {
        file.append((line.put("time", clock.instant().toString()).encode() + "\n").getBytes(UTF_8));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
