package com.barnebys.analytics.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Columns side by side, for people. Widths come from the first {@value #SAMPLE_ROWS} rows, so memory does not grow with
 * the answer; a longer value later on pushes its line out of shape, and nothing is cut.
 */
final class TablePrinter implements ResultPrinter {
    private static final int SAMPLE_ROWS = 200;
    private static final String GAP = "  ";
    /**
     * A line break in a value must not look like a new row, and no stranger's user agent may steer the terminal; those of
     * the upper half (U+009B begins a sequence as ESC [ does) do that too.
     */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\u2028\u2029]");

    private final PrintWriter out;
    private final List<List<String>> sample = new ArrayList<>();
    private List<String> names = List.of();
    private int[] widths = {};
    private boolean isPrinting;

    TablePrinter(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void columns(List<String> columns) {
        names = columns;
    }

    @Override
    public void row(@Nullable Object[] values) {
        List<String> texts = new ArrayList<>(values.length);
        for (Object value : values) {
            texts.add(value == null ? "NULL" : CONTROL.matcher(value.toString()).replaceAll("?"));
        }
        if (isPrinting) {
            line(texts);
            return;
        }
        sample.add(texts);
        if (sample.size() == SAMPLE_ROWS) {
            end();
        }
    }

    @Override
    public void end() {
        if (isPrinting) {
            return;
        }
        isPrinting = true;
        widths = new int[names.size()];
        List<List<String>> all = new ArrayList<>(sample);
        all.add(names);
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        line(names);
        List<String> rule = new ArrayList<>();
        for (int width : widths) {
            rule.add("-".repeat(width));
        }
        line(rule);
        sample.forEach(this::line);
    }

    private void line(List<String> texts) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            line.append(text);
            if (i < texts.size() - 1) {
                line.append(" ".repeat(Math.max(0, widths[i] - text.length()))).append(GAP);
            }
        }
        out.println(line);
    }
}
