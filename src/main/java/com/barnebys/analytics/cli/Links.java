package com.barnebys.analytics.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The links of a command: its arguments, or one a line from stdin when there is none or {@code -}. */
final class Links {
    /** What is done with one link; false when it was refused. */
    interface Action {
        boolean isDone(String link);
    }

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private Links() {}

    /**
     * The exit code: 0 when all are done and what was said of each has been written. Lines are handled as they come, so that
     * the command can stand in a pipe; when nobody reads its end any more, or the disk is full, the rest is left.
     */
    static int forEach(List<String> arguments, InputStream stdin, PrintWriter out, Action action) throws IOException {
        boolean isAllDone = true;
        for (String argument : arguments.isEmpty() ? List.of("-") : arguments) {
            if (!argument.equals("-")) {
                isAllDone &= action.isDone(argument);
                continue;
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8));
            String line = withoutMark(lines.readLine());
            while (line != null && !out.checkError()) {
                isAllDone &= line.isBlank() || action.isDone(line);
                line = lines.readLine();
            }
        }
        return isAllDone && !out.checkError() ? Commands.OK : Commands.NO;
    }

    /** Spreadsheets begin their lists with one. */
    private static @Nullable String withoutMark(@Nullable String line) {
        return line != null && line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
    }

    /** What a terminal may be shown of a link: no control characters, not endless. */
    static String shown(String link) {
        StringBuilder text = new StringBuilder();
        link.strip()
                .codePoints()
                .limit(200)
                .forEach(c -> text.appendCodePoint(c < 0x20 || (c >= 0x7F && c < 0xA0) ? '\uFFFD' : c));
        return link.strip().codePointCount(0, link.strip().length()) > 200 ? text + "..." : text.toString();
    }
}
