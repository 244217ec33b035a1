package com.barnebys.analytics.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line. A second column of one name, as a join has it, is {@code name:1}, as SQLite itself calls it in a
 * subquery; under the same name it would take the place of the first.
 */
final class JsonPrinter implements ResultPrinter {
    private final PrintWriter out;
    private List<String> names = List.of();

    JsonPrinter(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void columns(List<String> columns) {
        Set<String> unique = new LinkedHashSet<>();
        for (String column : columns) {
            String name = column;
            for (int i = 1; !unique.add(name); i++) {
                name = column + ":" + i;
            }
        }
        names = List.copyOf(unique);
    }

    @Override
    public void row(@Nullable Object[] values) {
        JsonObject row = new JsonObject();
        for (int i = 0; i < values.length; i++) {
            row.put(names.get(i), values[i]);
        }
        out.print(row.encode() + "\n");
    }

    @Override
    public void end() {}
}
