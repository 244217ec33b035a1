package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TablePrinterTest {
    @Test
    void aValueCannotSteerTheTerminal() {
        StringWriter text = new StringWriter();
        TablePrinter table = new TablePrinter(new PrintWriter(text));

        table.columns(List.of("userAgent", "n"));
        table.row(new Object[] {"a\u001B[31m b\u009B31m c\r\nd\u2028e", null});
        table.end();

        assertThat(text.toString().lines()).last().isEqualTo("a?[31m b?31m c??d?e  NULL");
    }
}
