package com.barnebys.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.HitLoad.Hit;
import com.barnebys.analytics.event.MalformedRowException;
import com.barnebys.analytics.event.RowReader;
import com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Where the hits of a {@link HitLoad} are when nothing waits any more.
 *
 * @param stored by id: the table of each of its rows
 * @param parked by id: the sequence numbers it was parked under
 * @param ready what the process said of itself last
 * @param what was done, for messages
 */
record Findings(
        FakeBigQuery fake,
        List<Hit> answered,
        Map<String, List<String>> stored,
        Map<String, TreeSet<Long>> parked,
        JsonObject ready,
        String what) {
    private static final int SHOWN_MAX = 20;

    static Findings of(FakeBigQuery fake, List<Hit> answered, Path data, JsonObject ready, String what)
            throws IOException, MalformedRowException {
        Map<String, List<String>> stored = new HashMap<>();
        for (String table : fake.tables()) {
            String kind = table.substring(table.indexOf('.') + 1);
            for (Map<String, Object> row : fake.rows(table)) {
                stored.computeIfAbsent((String) row.get("dimension1"), id -> new ArrayList<>())
                        .add(kind);
            }
        }
        return new Findings(fake, answered, stored, parked(data), ready, what);
    }

    private static Map<String, TreeSet<Long>> parked(Path data) throws IOException, MalformedRowException {
        Map<String, TreeSet<Long>> parked = new TreeMap<>();
        RowReader reader = new RowReader();
        for (String line : Files.readAllLines(data.resolve("deadletter/parked.ndjson"))) {
            JsonObject letter = new JsonObject(line);
            byte[] record = Base64.getDecoder().decode(letter.getString("row"));
            reader.read(record, 0, record.length);
            int column = reader.schema().columns().stream()
                    .map(c -> c.name())
                    .toList()
                    .indexOf("dimension1");
            parked.computeIfAbsent((String) reader.value(column), id -> new TreeSet<>())
                    .add(letter.getLong("sequence"));
        }
        return parked;
    }

    /** Every answered hit is stored or parked, and in the table of its kind; no row is both. */
    void assertNothingIsLost(Predicate<String> isToBeParked) {
        List<String> missing = answered.stream()
                .map(Hit::id)
                .filter(id -> !stored.containsKey(id) && !parked.containsKey(id))
                .toList();
        assertThat(missing.stream().limit(SHOWN_MAX))
                .as("%s: answered, and neither stored nor parked: %d of %d", what, missing.size(), answered.size())
                .isEmpty();
        assertThat(parked.keySet()).as("%s: parked without a reason", what).allMatch(isToBeParked);
        assertThat(stored.keySet())
                .as("%s: stored, although it was refused and parked", what)
                .noneMatch(isToBeParked);
        assertThat(parked.values())
                .as("%s: sequence numbers of each parked row", what)
                .allMatch(sequences -> sequences.size() == 1);
        for (Hit hit : answered) {
            assertThat(stored.getOrDefault(hit.id(), List.of()))
                    .as("%s: tables with %s", what, hit.id())
                    .allMatch(hit.kind()::equals);
        }
        assertBooksBalance();
    }

    /** No event is anywhere twice, and the lanes have counted what is there. */
    void assertNothingIsTwice() {
        for (String table : fake.tables()) {
            assertThat(fake.countsByEventId(table).entrySet())
                    .as("%s: eventIds that table %s has more than once", what, table)
                    .filteredOn(count -> count.getValue() != 1)
                    .isEmpty();
        }
        assertThat(stored.entrySet())
                .as("%s: hits stored more than once", what)
                .filteredOn(row -> row.getValue().size() != 1)
                .isEmpty();
        for (Object each : ready.getJsonArray("lanes", new JsonArray())) {
            JsonObject lane = (JsonObject) each;
            String table = lane.getString("table");
            assertThat(lane.getLong("delivered"))
                    .as("%s: rows that the lane of %s says it has stored", what, table)
                    .isEqualTo(fake.rowCount(table));
            assertThat(lane.getLong("parked"))
                    .as("%s: rows that the lane of %s says it has parked", what, table)
                    .isEqualTo(parked.keySet().stream()
                            .filter(id -> id.startsWith(table + "-"))
                            .count());
        }
    }

    private void assertBooksBalance() {
        JsonObject books = ready.getJsonObject("books");
        long in = books.getLong("recovered") + books.getLong("accepted");
        long out = books.getLong("delivered") + books.getLong("parked") + books.getLong("lost");
        assertThat(in).as("%s: recovered and accepted, of %s", what, books).isEqualTo(out + books.getLong("inSpool"));
        assertThat(books.getLong("lost")).as("%s: lost", what).isZero();
    }

    /** How many rows are copies of others. */
    long copies() {
        return stored.values().stream().mapToLong(rows -> rows.size() - 1).sum();
    }

    @Override
    public String toString() {
        return what + "; " + answered.size() + " hits answered, " + stored.size() + " stored, " + copies() + " copies, "
                + parked.size() + " parked";
    }
}
