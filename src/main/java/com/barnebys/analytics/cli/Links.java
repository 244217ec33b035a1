package com.barnebys.analytics.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The links of a command: its arguments, or one a line from stdin when there is none or {@code -}. */
final class Links {
    /** What is done with one link; false when it was refused. */
    interface Action {
        boolean isDone(String link);
    }

    private Links() {}

    /** The exit code: 0 when all are done. Lines are handled as they come, so that the command can stand in a pipe. */
    static int forEach(List<String> arguments, InputStream stdin, Action action) throws IOException {
        boolean isAllDone = true;
        for (String argument : arguments.isEmpty() ? List.of("-") : arguments) {
            if (!argument.equals("-")) {
                isAllDone &= action.isDone(argument);
                continue;
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                isAllDone &= line.isBlank() || action.isDone(line);
            }
        }
        return isAllDone ? 0 : 1;
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
