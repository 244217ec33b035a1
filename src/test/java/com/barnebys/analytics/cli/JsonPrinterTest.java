package com.barnebys.analytics.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonPrinterTest {
    @Test
    void columnsOfOneNameAreAllThere() {
        StringWriter text = new StringWriter();
        JsonPrinter json = new JsonPrinter(new PrintWriter(text));

        json.columns(List.of("url", "url", "n", "url:1", "url"));
        json.row(new Object[] {"a", "b", 1, "c", null});
        json.end();

        assertThat(text).hasToString("{\"url\":\"a\",\"url:1\":\"b\",\"n\":1,\"url:1:1\":\"c\",\"url:2\":null}\n");
    }
}
