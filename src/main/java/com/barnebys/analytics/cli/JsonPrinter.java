package com.barnebys.analytics.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One JSON object a line. */
final class JsonPrinter implements ResultPrinter {
    private final PrintWriter out;
    private List<String> names = List.of();

    JsonPrinter(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void columns(List<String> columns) {
        names = columns;
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
