package com.barnebys.analytics.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeadLinesTest {
    private final HeadLines lines = new HeadLines();

    @Test
    void blankAtTheBeginningOfALineIsFoundAtEveryPlace() {
        for (int before = 0; before < 40; before++) {
            String value = "A: " + "x".repeat(before);
            assertThat(isFolded(value + "\r\nB: c d\r\n\r\n")).as(value).isFalse();
            assertThat(isFolded(value + "\r\n B: c\r\n\r\n")).as(value).isTrue();
            assertThat(isFolded(value + "\n\tB: c\n\n")).as(value).isTrue();
        }
    }

    @Test
    void firstLineMayBeOne() {
        assertThat(isFolded(" A: b\r\n")).isTrue();
        assertThat(isFolded("")).isFalse();
    }

    @Test
    void whatALongerHeadLeftBehindIsNotRead() {
        assertThat(isFolded("A: bcdefgh\r\n i\r\n")).isTrue();
        assertThat(isFolded("A: bcdefgh\r\n")).isFalse();
    }

    @Test
    void headLongerThanTheCopyIsRead() {
        String head = "A: b\r\n".repeat(2000);

        assertThat(isFolded(head)).isFalse();
        assertThat(isFolded(head + "\tc\r\n")).isTrue();
    }

    private boolean isFolded(String head) {
        ByteBuf bytes = Unpooled.copiedBuffer("GET / HTTP/1.1\r\n" + head, StandardCharsets.US_ASCII);
        try {
            return lines.hasFolded(bytes, 16, bytes.writerIndex());
        } finally {
            bytes.release();
        }
    }
}
