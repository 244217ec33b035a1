package com.barnebys.analytics.delivery;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a replay did, or would do.
 *
 * @param rows put into the spool, by kind and reason
 * @param before lines of rows that were replayed before
 * @param waiting lines of rows that the sink may still store by itself: to be tried later
 * @param unreadable lines that are no dead letter, torn by a power cut
 * @param isMore time was up, and there may be more
 * @param stopped why it ended early; null when it did not
 */
public record ReplayReport(
        Map<String, Map<String, Long>> rows,
        long before,
        long waiting,
        long unreadable,
        boolean isMore,
        @Nullable String stopped) {
    public static final ReplayReport NOTHING = new ReplayReport(Map.of(), 0, 0, 0, false, null);

    public ReplayReport {
        rows = new TreeMap<>(rows);
    }

    public long replayed() {
        return rows.values().stream()
                .flatMap(reasons -> reasons.values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    /** For the management port and the command. */
    public JsonObject toJson() {
        JsonArray list = new JsonArray();
        rows.forEach((kind, reasons) -> reasons.forEach((reason, count) -> list.add(
                new JsonObject().put("kind", kind).put("reason", reason).put("rows", count))));
        return new JsonObject()
                .put("replayed", replayed())
                .put("rows", list)
                .put("before", before)
                .put("waiting", waiting)
                .put("unreadable", unreadable)
                .put("isMore", isMore)
                .put("stopped", stopped);
    }
}
