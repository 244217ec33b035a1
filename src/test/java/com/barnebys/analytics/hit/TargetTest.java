package com.barnebys.analytics.hit;

import static com.barnebys.analytics.hit.Signing.target;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    private static final byte[] COLLECT = "/r/collect".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                // raw, path, query
                "/, /, ``",
                "/?, /, ``",
                "/?p=1, /, p=1",
                "/a/b?p=1&k=2, /a/b, p=1&k=2",
                "/?p=1?k=2, /, p=1?k=2",
                "/#, /, ``",
                "/#?p=1, /, ``",
                "/?p=1#k=2, /, p=1",
                "/?p=1#?k=2#, /, p=1",
                "/?#p, /, ``",
                "//r/collect?p=1, //r/collect, p=1",
                "/r/collect/?p=1, /r/collect/, p=1",
                "/r/collec%74?p=1, /r/collec%74, p=1",
                "http://h/r/collect?p=1, /r/collect, p=1",
                "https://h:8443/r/collect?p=1, /r/collect, p=1",
                "HTTP://h/a?p=1, /a, p=1",
                "http://h?p=1, ``, p=1",
                "http://h, ``, ``",
                "http://h#/r/collect, ``, ``",
                "http://h?/r/collect, ``, /r/collect",
                "http://h//a, //a, ``",
                "http:///a, /a, ``",
            })
    void isCutIntoPathAndQuery(String raw, String path, String query) {
        Target target = target(raw);

        assertThat(target.hasPath()).isTrue();
        assertThat(target.path()).isEqualTo(path);
        assertThat(target.text(target.queryStart(), target.end())).isEqualTo(query);
        assertThat(raw).startsWith(target.text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "h:443",
                "r/collect",
                "?p=1",
                "#",
                "ftp://h/r/collect",
                "http:/h",
                "http:",
                "https:/",
                "h"
            })
    void hasNoPathUnlessItBeginsWithASlashOrHttp(String raw) {
        assertThat(target(raw).hasPath()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/r/collect",
                "/r/collect?",
                "/r/collect?p=1",
                "/r/collect#x",
                "http://h/r/collect?p=1",
                "HTTPS://H/r/collect"
            })
    void collectIsExactlyItsPath(String raw) {
        assertThat(target(raw).isPath(COLLECT)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/r",
                "/r/collec",
                "/r/collectx",
                "/r/collect/",
                "//r/collect",
                "/R/collect",
                "/r/Collect",
                "/r/collec%74",
                "/r%2Fcollect",
                "/./r/collect",
                "/x/../r/collect",
                "/r/collect;x",
                "/r/collect&p=1",
                "/?/r/collect",
                "http://h//r/collect",
                "http://h/r/collect/",
                "http:///x/r/collect",
                "http://r/collect",
                "*",
                "",
                "r/collect"
            })
    void everythingElseIsNotCollect(String raw) {
        assertThat(target(raw).isPath(COLLECT)).isFalse();
    }

    @Test
    void anythingButPrintableAsciiIsRefusedWhereverItStands() {
        String link = "http://h/r/collect?p=1&k=view&s=0#end";
        for (int at = 0; at <= link.length(); at++) {
            for (int c = 0; c < 0x200; c++) {
                boolean isPrintable = c > 0x20 && c < 0x7F;
                String raw = link.substring(0, at) + (char) c + link.substring(at);
                assertThat(new Target().read(raw)).as("%02x at %d", c, at).isEqualTo(isPrintable);
            }
        }
        assertThat(new Target().read("/\uD83D\uDE00")).isFalse();
        assertThat(new Target().read("/\uFF0Fr")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "/?p=1&s=0, 5",
                "/?p=1&s=, 5",
                "/?p=1&s=0&s=1, 9",
                "/?&s=0, 2",
                "/?s=0, -1",
                "/?p=1, -1",
                "/?p=1&s, -1",
                "/?p=1&S=0, -1",
                "/?p=1&%73=0, -1",
                "/?p=1&ss=0, -1",
                "/?p=1&&s=0, 6",
                "/?p=1&s=0#&s=1, 5",
                "/a&s=0, -1",
                "/a&s=0?p=1, -1",
                "/a&s=?&s=1, 6",
                "``, -1",
                "/?, -1",
            })
    void lastSignatureIsFoundInTheQuery(String raw, int at) {
        assertThat(target(raw).lastSignature()).isEqualTo(at);
    }

    @Test
    void nothingStaysFromTheTargetReadBefore() {
        Target target = target("http://h/some/long/path?p=1&s=" + "0".repeat(5000));

        assertThat(target.read("/x")).isTrue();

        assertThat(target.text()).isEqualTo("/x");
        assertThat(target.path()).isEqualTo("/x");
        assertThat(target.lastSignature()).isEqualTo(-1);
    }

    @Test
    void aRefusedTargetIsEmpty() {
        Target target = target("/?p=1&s=0");

        assertThat(target.read("/?p=\0&s=0")).isFalse();

        assertThat(target.hasPath()).isFalse();
        assertThat(target.text()).isEmpty();
        assertThat(target.lastSignature()).isEqualTo(-1);
    }

    @Test
    void readingEightAtATimeIsTheSameAsOneByOne() {
        Target one = new Target();
        Target eight = new Target();
        String text = "/r/collect?_h=track&p=1#x&s=2?3#4";
        for (int length = 0; length <= text.length(); length++) {
            for (int at = 0; at < length; at++) {
                for (char c = 0; c <= 0xFF; c++) {
                    String raw = text.substring(0, at) + c + text.substring(at + 1, length);

                    assertThat(eight.readLatin1(raw)).as(raw).isEqualTo(one.read(raw));
                    assertThat(eight.hasPath()).isEqualTo(one.hasPath());
                    assertThat(eight.path()).isEqualTo(one.path());
                    assertThat(eight.text()).isEqualTo(one.text());
                    assertThat(eight.queryStart()).isEqualTo(one.queryStart());
                }
            }
        }
    }
}
