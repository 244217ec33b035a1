package com.barnebys.analytics.cli;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Comma-separated values (RFC 4180), a header line first; NULL is empty and unquoted, an empty text is {@code ""}. */
final class CsvPrinter implements ResultPrinter {
    private final PrintWriter out;

    CsvPrinter(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void columns(List<String> names) {
        line(names.toArray());
    }

    @Override
    public void row(@Nullable Object[] values) {
        line(values);
    }

    private void line(@Nullable Object[] values) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            if (i > 0) {
                line.append(',');
            }
            Object value = values[i];
            if (value != null) {
                line.append(field(value.toString()));
            }
        }
        out.print(line.append("\r\n"));
    }

    private static String field(String text) {
        boolean isPlain =
                !text.isEmpty() && text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
        return isPlain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    @Override
    public void end() {}
}
