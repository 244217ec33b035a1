package com.barnebys.analytics.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What the script promises about its own text. BrowserScriptIT has what it does. */
class ScriptTextTest {
    private static final int GZIPPED_BYTES_MAX = 3 * 1024;

    @Test
    void isUnderThreeKilobytesGzipped() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(ScriptText.served().getBytes(StandardCharsets.UTF_8));
        }

        assertThat(out.size()).isLessThan(GZIPPED_BYTES_MAX);
    }

    @Test
    void servedIsTheSourceWithoutCommentsAndIndentation() {
        List<String> served = ScriptText.served().lines().toList();

        assertThat(served).noneMatch(line -> line.isBlank() || line.startsWith("//") || !line.equals(line.strip()));
        assertThat(ScriptText.source().lines().map(String::strip)).containsSubsequence(served);
        assertThat(ScriptText.served()).startsWith("(function (").endsWith(");\n");
    }

    /** What {@link ScriptText} relies on. */
    @Test
    void commentsHaveTheirLineToThemselves() {
        String served = ScriptText.served();

        assertThat(served).doesNotContain("/*", "*/", "`", "\\\n").isASCII();
        assertThat(served.replaceAll("https\\?:\\\\/\\\\/", "")).doesNotContain("//");
    }

    /** A net with wide meshes; the browser tests parse it, but in a new browser. */
    @Test
    void isWrittenInSyntaxOfOldBrowsers() {
        String script = ScriptText.served();

        assertThat(script).doesNotContain("=>", "...", "?.", "??", "**", "async ", "await ");
        assertThat(Pattern.compile("\\b(let|const|class|of|yield|import|export)\\b")
                        .matcher(script.replaceAll("'[^'\n]*'", "''"))
                        .results())
                .isEmpty();
        // A comma at the end of arguments is ES2017; a reserved word as a name behind a dot is ES5, yet not in IE 8.
        assertThat(script).doesNotContainPattern(",\\s*\\)").doesNotContain(".catch(", ".finally(");
    }

    @Test
    void isStrictAndSaysNothingOfWhereItIsServed() {
        assertThat(ScriptText.served()).contains("'use strict'").doesNotContainPattern("https?://");
    }
}
