package com.barnebys.analytics.cli;

import com.barnebys.analytics.hit.LinkSigner;
import com.barnebys.analytics.hit.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sign URL...}: prints each link with its signature. */
@Command(
        name = "sign",
        description = "Signs links and prints them, one a line.",
        footer = {
            "",
            "The path decides what is signed: /r/collect signs path and query,",
            "every other path the query. A signature at the end is replaced.",
            "The secret is the server's: SECRET, SECRET_FILE or DATA_DIR/secret.",
            "",
            "  sign 'https://t.example/r/collect?p=1&k=click&url=https://shop.example'",
            "  sign --hmac --expires 30d < links.txt",
            "",
            "Exit code: 0 all signed, 1 some refused (see stderr), 2 wrong call."
        })
public final class SignCommand implements Callable<Integer> {
    private final SecretSource source;
    private final Clock clock;
    private final InputStream stdin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "URL",
            description = "https://host/path?p=..&k=.. or /path?..; one a line from stdin for - or none")
    private List<String> links = List.of();

    @Option(names = "--hmac", description = "sign with HMAC-SHA256 instead of MD5")
    private boolean isHmac;

    @Option(
            names = "--expires",
            paramLabel = "WHEN",
            description = "refuse the link later than this: 30d, 12h, 90m or 2027-01-31T00:00:00Z; needs --hmac")
    private @Nullable String expires;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable") // picocli asks its annotation, not its value
    private boolean isHelpAsked;

    public SignCommand(SecretSource source, Clock clock, InputStream stdin) {
        this.source = source;
        this.clock = clock;
        this.stdin = stdin;
    }

    @Override
    public Integer call() throws IOException {
        LinkSigner signer = signer();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        return Links.forEach(links, stdin, out, link -> {
            LinkSigner.Outcome outcome = signer.sign(link);
            if (outcome instanceof LinkSigner.Signed signed) {
                out.println(signed.link());
                return true;
            }
            if (outcome instanceof LinkSigner.Refused refused) {
                err.println(refused.reason() + ": " + Links.shown(link));
                err.flush();
            }
            return false;
        });
    }

    private LinkSigner signer() {
        CommandLine command = spec.commandLine();
        if (expires != null && !isHmac) {
            throw new ParameterException(command, "--expires needs --hmac: links signed with MD5 do not expire");
        }
        Secret secret = Secrets.of(source, command).current();
        if (expires == null) {
            return isHmac ? LinkSigner.hmac(secret) : LinkSigner.md5(secret);
        }
        try {
            return LinkSigner.hmacUntil(secret, Expiry.parse(expires, clock.instant()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, "--expires: " + e.getMessage(), e);
        }
    }
}
