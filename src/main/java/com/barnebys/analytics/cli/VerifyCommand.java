package com.barnebys.analytics.cli;

import com.barnebys.analytics.hit.LinkExplanation;
import com.barnebys.analytics.hit.LinkExplanation.Difference;
import com.barnebys.analytics.hit.LinkExplanation.Finding;
import com.barnebys.analytics.hit.LinkExplanation.Reading;
import com.barnebys.analytics.hit.Rejection;
import com.barnebys.analytics.hit.Route;
import com.barnebys.analytics.hit.SecretRing;
import com.barnebys.analytics.hit.TrackHit;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code verify URL...}: says what the server would say, and why. */
@Command(
        name = "verify",
        description = "Says whether the server takes a link, and with --explain why not.",
        footer = {
            "",
            "--explain shows what was signed, undoes what usually happens to links (&amp;,",
            "appended parameters, another order, + for spaces, ...) until the signature",
            "matches, and prints the link without the damage.",
            "The secret is the server's: SECRET, SECRET_FILE or DATA_DIR/secret.",
            "",
            "  verify --explain 'https://t.example/?p=1&k=click&s=0123&fbclid=4'",
            "",
            "Exit code: 0 all valid, 1 some refused, 2 wrong call."
        })
public final class VerifyCommand implements Callable<Integer> {
    private final SecretSource source;
    private final Clock clock;
    private final InputStream stdin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "URL",
            description = "https://host/path?.. or /path?..; one a line from stdin for - or none")
    private List<String> links = List.of();

    @Option(
            names = {"-e", "--explain"},
            description = "show what was hashed, what was expected, and the likely cause")
    private boolean isExplaining;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable") // picocli asks its annotation, not its value
    private boolean isHelpAsked;

    public VerifyCommand(SecretSource source, Clock clock, InputStream stdin) {
        this.source = source;
        this.clock = clock;
        this.stdin = stdin;
    }

    @Override
    public Integer call() throws IOException {
        SecretRing secrets = Secrets.of(source, spec.commandLine());
        PrintWriter out = spec.commandLine().getOut();
        return Links.forEach(links, stdin, out, link -> {
            LinkExplanation explanation =
                    LinkExplanation.of(link, secrets, clock.instant().getEpochSecond());
            verdict(explanation, out);
            if (isExplaining) {
                explain(explanation, out);
            }
            return explanation.isValid();
        });
    }

    private void verdict(LinkExplanation explanation, PrintWriter out) {
        Ansi ansi = spec.commandLine().getColorScheme().ansi();
        if (explanation.verdict() instanceof TrackHit hit) {
            out.println(ansi.string("@|green valid|@") + ": kind " + hit.kind() + ", rule " + word(hit.rule())
                    + ", key " + key(hit.keyPosition()));
        } else if (explanation.verdict() instanceof Rejection rejection) {
            out.println(ansi.string("@|red refused|@") + ": " + rejection.text() + " (" + rejection.reason() + ")");
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String key(int position) {
        return position == 0 ? "0 (current)" : position + " (previous)";
    }

    private void explain(LinkExplanation explanation, PrintWriter out) {
        out.println("  sent:       " + explanation.target());
        out.println("  route:      " + (explanation.route() == Route.COLLECT ? "/r/collect" : "every other path"));
        out.println(
                "  signature:  " + (explanation.signature().isEmpty() ? "none" : Links.shown(explanation.signature())));
        for (Reading reading : explanation.readings()) {
            out.println("  rule " + word(reading.rule()) + ": " + reading.formula());
            out.println("    " + (reading.keyPosition() < 0 ? "would be:" : "matches: ") + " " + reading.expected()
                    + (reading.keyPosition() < 0 ? "" : " with key " + key(reading.keyPosition())));
        }
        for (Finding cause : explanation.causes()) {
            out.println("  cause:      " + cause.cause().text()
                    + (cause.detail().isEmpty() ? "" : ": " + Links.shown(cause.detail())));
        }
        Difference difference = explanation.difference();
        if (difference != null) {
            out.println("  difference: at character " + (difference.at() + 1) + ": signed "
                    + quoted(difference.signed()) + ", sent " + quoted(difference.sent()));
        }
        if (explanation.corrected() != null) {
            out.println("  " + (explanation.isSignedAnew() ? "signed anew:" : "corrected: ") + " "
                    + explanation.corrected());
        }
    }

    private static String quoted(String text) {
        return text.isEmpty() ? "nothing more" : "\"" + Links.shown(text) + "\"";
    }
}
