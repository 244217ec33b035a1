package com.barnebys.analytics.cli;

import static com.barnebys.analytics.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.barnebys.analytics.cli.CommandRun.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyCommandTest {
    /** Recorded: compat/examples.jsonl. */
    private static final String COLLECT =
            "https://t.example/r/collect?p=c11&k=view&d1=a+b&s=bf40e596fcf15a36698424af5cafd78b";

    private static final String ROOT = "https://t.example/?p=l3&k=view&s=dd938de8d29f34ca0c4884af69150088";

    @Test
    void validLinksAreSaidToBeValid() {
        Result result = run("verify", COLLECT, ROOT, ROOT.replace("p=l3&", "&&p=l3&"));

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines())
                .containsExactly(
                        "valid: kind view, rule target, key 0 (current)",
                        "valid: kind view, rule raw, key 0 (current)",
                        "valid: kind view, rule canonical, key 0 (current)");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void linksOfStdinAreSaidOneALine() {
        Result result = run(CommandRun.TEST_SECRET, ROOT + "\n" + ROOT + "0\n\n" + COLLECT, "verify", "-");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .containsExactly(
                        "valid: kind view, rule raw, key 0 (current)",
                        "refused: Invalid signed value (invalid_signature)",
                        "valid: kind view, rule target, key 0 (current)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "t.example                                  | Invalid request target (invalid_target)",
                "/?p=l3&k=view&s=0                          | Invalid signed value (invalid_signature)",
                "/?p=l3                                     | Missing parameter: k (kind) (missing_kind)",
                "/                                          | Missing parameters: p (program), k (kind) (missing_program_and_kind)",
                "/?p=1&k=events&s=74eb1fe0f7d2cd5e4f6a5b7c  | Invalid signed value (invalid_signature)",
            })
    void refusedLinksSayWhy(String link, String reason) {
        Result result = run("verify", link);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines()).containsExactly("refused: " + reason);
    }

    @Test
    void expiredLinksAreRefused() {
        String link =
                run("sign", "--hmac", "--expires", "1s", "/?p=1&k=view").out().strip();

        assertThat(run("verify", link).exitCode()).isZero();
        String expired = run("sign", "--hmac", "/?p=1&k=view&exp=1").out().strip();
        assertThat(run("verify", expired).lines()).containsExactly("refused: Link expired (expired)");
    }

    @Test
    void anExplanationShowsTextsSignaturesCauseAndTheLinkWithoutTheDamage() {
        Result result = run("verify", "--explain", ROOT + "&fbclid=1");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .containsExactly(
                        "refused: Invalid signed value (invalid_signature)",
                        "  sent:       /?p=l3&k=view&s=dd938de8d29f34ca0c4884af69150088&fbclid=1",
                        "  route:      every other path",
                        "  signature:  dd938de8d29f34ca0c4884af69150088",
                        "  rule canonical: md5(SECRET + \"/?p=l3&k=view&fbclid=1\")",
                        "    would be: 0821f04ef89a5e4304d541d58eed7fee",
                        "  cause:      Parameters were appended behind the signature; on this path every parameter is signed: fbclid=1",
                        "  difference: at character 14: signed nothing more, sent \"&fbclid=1\"",
                        "  corrected:  " + ROOT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "https://t.example/r/collect?p=c11&amp;k=view&amp;d1=a+b&amp;s=bf40e596fcf15a36698424af5cafd78b | &amp; | corrected",
                "https://t.example/r/collect?p=c11&k=view&d1=a%20b&s=bf40e596fcf15a36698424af5cafd78b | + was signed, %20 was sent | corrected",
                "https://t.example/r/collect?k=view&p=c11&d1=a+b&s=bf40e596fcf15a36698424af5cafd78b | signed as p, k, d1 | corrected",
                "https://t.example/r/collect?p=c11&k=view&d1=a+b&s=BF40E596FCF15A36698424AF5CAFD78B | upper-case | corrected",
                "https://t.example/r/collect?s=bf40e596fcf15a36698424af5cafd78b&p=c11&k=view&d1=a+b | stand behind s | corrected",
                "https://t.example//r/collect?p=c11&k=view&d1=a+b&s=bf40e596fcf15a36698424af5cafd78b | exactly /r/collect | corrected",
                "https://t.example/?p=c11&k=view&d1=a+b&s=bf40e596fcf15a36698424af5cafd78b | other route | corrected",
                "https://t.example/r/collect?p=c11&k=view&d1=a+b&s=bf40e596fcf15a36698424af5cafd78b%22 | stuck to the signature | corrected",
                "https://t.example/r/collect?p=c12&k=view&d1=a+b&s=bf40e596fcf15a36698424af5cafd78b | another secret |",
                "https://t.example/r/collect?p=c11&k=view&d1=a+b&s=bf40e596fcf15a36698424af5cafd78 | cut off |",
                "https://t.example/r/collect?p=c11&k=view&d1=a+b | no signature |",
                "https://t.example/r/collect?_h=event&p=c11 | conversion event |",
                "t.example | Not a link |",
            })
    void eachCauseIsSaidInWords(String link, String words, String corrected) {
        Result result = run("verify", "-e", link);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .filteredOn(line -> line.startsWith("  cause: "))
                .hasSize(1)
                .first()
                .asString()
                .contains(words);
        assertThat(result.out().contains("corrected:  " + COLLECT)).isEqualTo(corrected != null);
        assertThat(result.out()).doesNotContain("\"test").doesNotContain("previous");
    }

    @Test
    void anExplanationOfAValidLinkNamesTheKey() {
        Result result = run("verify", "--explain", COLLECT);

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines()).first().isEqualTo("valid: kind view, rule target, key 0 (current)");
        assertThat(result.out()).contains("matches:  bf40e596fcf15a36698424af5cafd78b with key 0 (current)");
        assertThat(result.out()).doesNotContain("cause");
    }

    @Test
    void theSecretIsNeededAndNeverAnArgument() {
        assertThat(run(CommandRun.NO_SECRET, "", "verify", ROOT).exitCode()).isEqualTo(2);
        assertThat(run(CommandRun.NO_SECRET, "", "verify", ROOT).err()).startsWith("No secret: ");
        assertThat(run("verify", "--secret=test", ROOT).exitCode()).isEqualTo(2);
    }

    @Test
    void nothingOfALinkReachesTheTerminalRaw() {
        Result result = run("verify", "--explain", "/?p=\u001B[31m@|red x|@&k=view&s=\u001B%1B");

        assertThat(result.out()).doesNotContain("\u001B").contains("@|red");
    }
}
