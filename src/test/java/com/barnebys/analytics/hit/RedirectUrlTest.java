package com.barnebys.analytics.hit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectUrlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h", "https://h", "HTTPS://H/", "https://github.com", "http://h:80/", "http://user:pw@h/",
                        "http://u@h:80?x",
                "http://[::1]/", "http://[::1]:80/", "https://bücher.example/", "http://h?x", "http://h#x",
                        "http://h/\r\nx", "http://h/ x",
                "https://x.example/%zz", "http://a@b@h/", "http://1.2.3.4", "http://h\\x"
            })
    void absoluteUrlsWithAHostMayBeGoneTo(String url) {
        assertThat(RedirectUrl.isAbsolute(url)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/x",
                "//h/x",
                "x",
                "?x",
                "#x",
                "http",
                "http:",
                "http:/",
                "http:/h",
                "http://",
                "https://",
                "http:///",
                "http:///h",
                "http://?x",
                "http://#x",
                "http://\\h",
                "http://:80",
                "http://:80/",
                "http://@",
                "http://u@",
                "http://u@/",
                "http://u@:80/",
                "http:h",
                "ftp://h/",
                "javascript:alert(1)",
                "data:text/html,x",
                "javascript://h/%0Aalert(1)",
                " http://h/",
                "\thttp://h/",
                "ht\ttp://h/",
                "https//h",
                "httpss://h",
                "mailto:a@h",
                "\\\\h\\x",
                "\0http://h",
                "http\uFF1A//h"
            })
    void everythingElseIsRefused(String url) {
        assertThat(RedirectUrl.isAbsolute(url)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "https://github.com, https://github.com",
                "https://h/a b+c, https://h/a%20b+c",
                "https://h/å?q=日本, https://h/%C3%A5?q=%E6%97%A5%E6%9C%AC",
                "https://bücher.example/, https://b%C3%BCcher.example/",
                "`https://h/$&,;:@[]!~*()'`, `https://h/$&,;:@[]!~*()'`",
                "`https://h/\"<>\\^{|}`, https://h/%22%3C%3E%5C%5E%7B%7C%7D",
                "https://h/#c?d é#x, https://h/#c?d%20%C3%A9#x",
                "https://h/%20%c3%a5%2F, https://h/%20%c3%a5%2F",
                "https://h/😀, https://h/%F0%9F%98%80",
                "https://h/%zz, https://h/%25zz",
                "https://h/%2g, https://h/%252g",
                "https://h/%%41, https://h/%25%2541",
                "https://h/%[x, https://h/%25%5Bx",
                "https://h/%]x, https://h/%25%5Dx",
                "https://h/%1[, https://h/%251%5B",
                "https://h/%, https://h/%25",
                "https://h/%4, https://h/%4",
                "https://h/%%, https://h/%25%25",
                "https://h/%%%, https://h/%25%25%25",
                "https://h/%4%4, https://h/%254%254",
                "https://h/%4%41, https://h/%254%2541",
                "https://h/% x, https://h/%25%20x",
                "https://h/%é, https://h/%25%C3%A9",
                "https://h/%a😀, https://h/%25a%F0%9F%98%80",
            })
    void locationIsWrittenAsBefore(String url, String location) {
        assertThat(RedirectUrl.location(url)).isEqualTo(location);
    }

    @Test
    void backtickAndControlCharactersAreEncoded() {
        assertThat(RedirectUrl.location("https://h/`\r\n\0\u007F\u0080")).isEqualTo("https://h/%60%0D%0A%00%7F%C2%80");
    }

    @Test
    void loneSurrogatesAreReplaced() {
        assertThat(RedirectUrl.location("https://h/\uD83Dx\uDE00")).isEqualTo("https://h/%EF%BF%BDx%EF%BF%BD");
        assertThat(RedirectUrl.location("https://h/%\uD83D")).isEqualTo("https://h/%25%EF%BF%BD");
    }

    /** Against the rules as a script reads them: see vectors.mjs. */
    @Test
    void locationFollowsTheRules() throws IOException {
        List<String> vectors = PercentEncodingTest.lines("locations.jsonl");
        for (String line : vectors) {
            JsonObject vector = new JsonObject(line);
            assertThat(RedirectUrl.location(vector.getString("url"))).as(line).isEqualTo(vector.getString("location"));
        }
        assertThat(vectors).hasSizeGreaterThan(300);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void locationNeverLeavesPrintableAscii(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 5000; round++) {
            StringBuilder url = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                url.append((char)
                        (random.nextBoolean() ? "%4[]\r\n fz".charAt(random.nextInt(9)) : random.nextInt(0x10000)));
            }
            String location = RedirectUrl.location(url.toString());
            assertThat(location).as(url.toString()).matches("[!-~]*");
        }
    }
}
