package com.barnebys.analytics.hit;

import static com.barnebys.analytics.hit.Signing.hmac;
import static com.barnebys.analytics.hit.Signing.md5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkSignerTest {
    private static final Secret SECRET = new Secret(Signing.SECRET);

    private final LinkSigner signer = LinkSigner.md5(SECRET);

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                // link, what is signed, what stands before that in the result
                "/r/collect?p=1&k=view, /r/collect?p=1&k=view, ``",
                "https://t.example/r/collect?p=1&k=view, /r/collect?p=1&k=view, https://t.example",
                "HTTP://T.example:8080/r/collect?p=1&k=view, /r/collect?p=1&k=view, HTTP://T.example:8080",
                "/?p=1&k=view, /?p=1&k=view, ``",
                "https://t.example/?p=1&k=view, /?p=1&k=view, https://t.example",
                "`  /r/collect?p=1&k=view\t`, /r/collect?p=1&k=view, ``",
                "/r/collect?p=1&k=view&d1=a b, /r/collect?p=1&k=view&d1=a%20b, ``",
                "/r/collect?p=1&k=view&d1=a+b, /r/collect?p=1&k=view&d1=a+b, ``",
                "/r/collect?p=1&k=view&d1=å日😀, /r/collect?p=1&k=view&d1=%C3%A5%E6%97%A5%F0%9F%98%80, ``",
                "/r/collect?p=1&k=view&d1=%c3%a5, /r/collect?p=1&k=view&d1=%c3%a5, ``",
                "/r/collect?p=1&k=view&d1=it's<\"b\">, /r/collect?p=1&k=view&d1=it%27s%3C%22b%22%3E, ``",
                "/r/collect?p=1&k=view&d1=100%, /r/collect?p=1&k=view&d1=100%, ``",
                "/r/collect?p=1&k=click&url=https://shop.example/a?b=c, /r/collect?p=1&k=click&url=https://shop.example/a?b=c, ``",
                "/r/collect?p=1&k=view&s=0123, /r/collect?p=1&k=view, ``",
                "/r/collect?p=1&k=view&s=, /r/collect?p=1&k=view, ``",
                "/r/collect?_h=track&p=1&k=view, /r/collect?_h=track&p=1&k=view, ``",
                "/r/collect?p=1&k=view&exp=x, /r/collect?p=1&k=view&exp=x, ``",
            })
    void signsWhatWillBeSent(String link, String signed, String origin) {
        assertThat(signer.sign(link)).isEqualTo(new LinkSigner.Signed(origin + signed + "&s=" + md5(signed)));

        LinkSigner.Outcome hmac = LinkSigner.hmac(SECRET).sign(link.replace("&exp=x", ""));
        String text = signed.replace("&exp=x", "");
        assertThat(hmac).isEqualTo(new LinkSigner.Signed(origin + text + "&s=" + hmac(Signing.SECRET, text)));
    }

    @ParameterizedTest
    @CsvSource({
        "/x/y, /x/y",
        "//r/collect, //r/collect",
        "/r/collect/, /r/collect/",
        "/r/collec%74, /r/collec%74",
        "https://t.example, https://t.example"
    })
    void anyOtherPathSignsTheQueryAlone(String path, String kept) {
        assertThat(signer.sign(path + "?p=1&k=view"))
                .isEqualTo(new LinkSigner.Signed(kept + "?p=1&k=view&s=" + md5("/?p=1&k=view")));
    }

    @Test
    void linksExpire() {
        Instant expires = Instant.ofEpochSecond(1_800_000_000L, 999);
        LinkSigner until = LinkSigner.hmacUntil(SECRET, expires);
        String signed = "/r/collect?p=1&k=view&exp=1800000000";
        LinkSigner.Signed expected = new LinkSigner.Signed(signed + "&s=" + hmac(Signing.SECRET, signed));

        assertThat(until.sign("/r/collect?p=1&k=view")).isEqualTo(expected);
        assertThat(until.sign("/r/collect?p=1&k=view&s=0")).isEqualTo(expected);
        assertThat(until.sign("/r/collect?p=1&k=view&exp=17&s=0")).isEqualTo(expected);
        assertThat(until.sign(expected.link())).isEqualTo(expected);
        assertThat(until.sign("/r/collect?exp=17&p=1&k=view")).isInstanceOf(LinkSigner.Refused.class);
        assertThatIllegalArgumentException().isThrownBy(() -> LinkSigner.hmacUntil(SECRET, Instant.ofEpochSecond(-1)));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, Not a link",
                "t.example/r/collect?p=1&k=view, Not a link",
                "ftp://t.example/?p=1&k=view, Not a link",
                "javascript:alert(1), Not a link",
                "//t.example/r/collect?p=1&k=view, Not a link",
                "https:///r/collect?p=1&k=view, Not a link",
                "?p=1&k=view, Not a link",
                "/r/collect?p=1&k=view#top, The link has a fragment",
                "/r/collect?p=1&k=click&url=https://shop.example/#top, The link has a fragment",
                "/r/collect?p=1&k=view&s=0#, The link has a fragment",
                "/?p=1&k=view&amp;url=https://shop.example, The link is as HTML source has it",
                "/?p=1&k=view&#038;url=https://shop.example, The link is as HTML source has it",
                "/?p=1&k=view&d1=caf\uFFFD, The link has characters that could not be read",
                "/x/../r/collect?p=1&k=view, The path is not what a browser sends",
                "/r/./collect?p=1&k=view, The path is not what a browser sends",
                "/r/%2E%2e/collect?p=1&k=view, The path is not what a browser sends",
                "/r\\collect?p=1&k=view, The path is not what a browser sends",
                "/r/collect?s=0&p=1&k=view, The link has a parameter s",
                "/?p=1&s=0&k=view, The link has a parameter s",
                "/?p=1&%73=0&k=view, The link has a parameter s",
                "/?p=1&s=0&k=view&s=1, The link has a parameter s",
                "/r/collect?_h=event&p=1&k=view, A conversion event",
                "/r/collect, `Missing parameters: p (program), k (kind)`",
                "/, `Missing parameters: p (program), k (kind)`",
                "/?s=0, `Missing parameters: p (program), k (kind)`",
                "/r/collect?p=1, Missing parameter: k (kind)",
                "/?p=1&k=, Missing parameter: k (kind)",
                "/?k=view, Missing parameter: p (program)",
                "/r/collect?p=1&k=events, Invalid kind",
                "/r/collect?p=1&k=a.b, Invalid kind",
                "/?p=1&k=view&url=shop.example, Invalid url",
                "/?p=1&k=view&url=javascript:alert(1), Invalid url",
            })
    void refusesWhatWouldBeRefusedLater(String link, String words) {
        assertThat(signer.sign(link))
                .isInstanceOfSatisfying(
                        LinkSigner.Refused.class,
                        refused ->
                                assertThat(refused.reason()).startsWith(words).doesNotContain(Signing.SECRET));
    }

    @Test
    void theSignatureIsTheThousandthParameterAtMost() {
        assertThat(signer.sign("/?p=1&k=view" + "&x".repeat(997))).isInstanceOf(LinkSigner.Signed.class);
        assertThat(signer.sign("/?p=1&k=view" + "&x".repeat(998)))
                .isEqualTo(new LinkSigner.Refused("Too many parameters: expected at most 999"));
    }

    @Test
    void whatIsSignedIsTaken() {
        List<String> links = List.of(
                "/r/collect?p=å&k=a-b&url=https://shop.example/ü?x=1%26y&d1=\"<it's>\"",
                "https://t.example/any path?p=1&k=click&d1=%&d2=%zz&0=x&&a=\uD83D",
                "https://t.example?p=1&k=click&d1=\0\r\n");
        for (String link : links) {
            for (LinkSigner any :
                    List.of(signer, LinkSigner.hmac(SECRET), LinkSigner.hmacUntil(SECRET, Instant.ofEpochSecond(9)))) {
                assertThat(any.sign(link)).isInstanceOfSatisfying(LinkSigner.Signed.class, signed -> {
                    assertThat(signed.link()).matches("[!-~]+");
                    assertThat(LinkExplanation.of(signed.link(), SecretRing.of(SECRET, List.of()), 9)
                                    .isValid())
                            .isTrue();
                    assertThat(any.sign(signed.link())).isEqualTo(signed);
                });
            }
        }
    }

    /** The literal links of a client library, recorded in compat/examples.jsonl. */
    @ParameterizedTest
    @CsvSource({
        "/?p=123&k=click-test&url=http%3A%2F%2Fwww.barnebys.com%2F&d1=a&d2=b&d3=c, 3ea175e5980c6f1f13a46e7aade1b622",
        "/?p=123&k=impression&d1=a&d2=b&d3=c&d4=d&d5=e&sp=0, d76dec529c1a2bc523ecdf1be4fbc035",
        "/r/collect?_h=track&p=c1&k=click&url=https%3A%2F%2Fshop.example%2Flot%2F7, bfdf1697470f832fe02f537e0cd15b19"
    })
    void signsAsTheLinkBuildersDo(String link, String signature) {
        assertThat(signer.sign(link)).isEqualTo(new LinkSigner.Signed(link + "&s=" + signature));
    }
}
