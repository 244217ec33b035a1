package com.barnebys.analytics.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** How the answer to a query is printed. */
enum ResultFormat {
    TABLE,
    CSV,
    JSON;

    ResultPrinter printer(PrintWriter out) {
        return switch (this) {
            case TABLE -> new TablePrinter(out);
            case CSV -> new CsvPrinter(out);
            case JSON -> new JsonPrinter(out);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
