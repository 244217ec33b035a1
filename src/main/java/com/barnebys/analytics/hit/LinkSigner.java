package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Signs links: every link it hands out has passed {@link HitVerifier}. Any thread.
 *
 * <p>The path decides what is signed, as it decides when the link is clicked: {@code /r/collect} signs path and query,
 * every other path {@code /?} and the query. What a browser would escape on its way ({@code "}, {@code <}, {@code >},
 * {@code '}, blanks, everything beyond ASCII) is escaped before it is signed, so that what is sent is what was signed.
 */
public final class LinkSigner {
    /** What became of a link. */
    public sealed interface Outcome permits Signed, Refused {}

    /** The full link, printable ASCII. */
    public record Signed(String link) implements Outcome {}

    /** Why it cannot be signed; may show pieces of the link, nothing of the secret. */
    public record Refused(String reason) implements Outcome {}

    private static final Pattern TRAILING_SIGNATURE = Pattern.compile("(?:^|&)s=[^&]*$");
    private static final Pattern TRAILING_EXPIRY = Pattern.compile("&exp=[^&]*$");
    private static final Pattern HTML_AMPERSAND =
            Pattern.compile("&(?:amp|#0*38|#[xX]0*26);", Pattern.CASE_INSENSITIVE);
    private static final Pattern RESOLVED_BY_BROWSERS =
            Pattern.compile("\\\\|/(?i:\\.|%2e){1,2}(?=/|$)", Pattern.CASE_INSENSITIVE);

    private final Secret secret;
    private final boolean isHmac;
    private final @Nullable Instant expires;

    private LinkSigner(Secret secret, boolean isHmac, @Nullable Instant expires) {
        this.secret = secret;
        this.isHmac = isHmac;
        this.expires = expires;
    }

    /** As links in the wild are signed. */
    public static LinkSigner md5(Secret secret) {
        return new LinkSigner(secret, false, null);
    }

    /** As new links should be signed. */
    public static LinkSigner hmac(Secret secret) {
        return new LinkSigner(secret, true, null);
    }

    /** A link that is refused later than this, to the second. */
    public static LinkSigner hmacUntil(Secret secret, Instant expires) {
        if (expires.getEpochSecond() < 0) {
            throw new IllegalArgumentException("expires: " + expires + " (expected: 1970 or later)");
        }
        return new LinkSigner(secret, true, expires);
    }

    /**
     * Signs {@code https://host/path?query} or {@code /path?query}. A signature at its end is replaced, with
     * {@link #hmacUntil} an expiry before it too.
     */
    public Outcome sign(String text) {
        Link link = Link.parse(text);
        if (link == null) {
            return new Refused("Not a link: expected https://, http:// or a path, then ?p=..&k=..");
        }
        if (text.indexOf('\uFFFD') >= 0) {
            return new Refused(
                    "The link has characters that could not be read: expected UTF-8, also as the locale (LC_ALL)");
        }
        // Before the fragment, which &#38; would seem to be.
        if (HTML_AMPERSAND.matcher(text).find()) {
            return new Refused("The link is as HTML source has it: write & for &amp;");
        }
        if (link.fragment() != null) {
            return new Refused(
                    "The link has a fragment, which no browser sends: write %23 for a # that belongs to a value");
        }
        if (RESOLVED_BY_BROWSERS.matcher(link.path()).find()) {
            return new Refused("The path is not what a browser sends: write it without \\, . and ..");
        }
        String query =
                TRAILING_SIGNATURE.matcher(escapedAsByBrowsers(link.query())).replaceFirst("");
        if (expires != null) {
            query = TRAILING_EXPIRY.matcher(query).replaceFirst("") + "&exp=" + expires.getEpochSecond();
        }
        Link unsigned = link.withQuery(query);
        Refused refused = unsignable(unsigned);
        return refused == null ? verified(unsigned) : refused;
    }

    private static String escapedAsByBrowsers(String query) {
        return query.replace("\"", "%22")
                .replace("<", "%3C")
                .replace(">", "%3E")
                .replace("'", "%27");
    }

    private @Nullable Refused unsignable(Link link) {
        byte[] bytes = link.query().getBytes(StandardCharsets.US_ASCII);
        Query query = new Query();
        query.read(bytes, 0, bytes.length);
        if (query.pieces() == Query.PIECES_MAX) {
            return new Refused("Too many parameters: expected at most " + (Query.PIECES_MAX - 1));
        }
        if (query.has(Parameter.SIGNATURE)) {
            return new Refused("The link has a parameter s, which is the signature's name, and it is not the last");
        }
        if (link.route() == Route.COLLECT && query.is(Parameter.HANDLER, "event")) {
            return new Refused("A conversion event (_h=event) is not signed");
        }
        long expiries = link.unsignedPieces().stream()
                .filter(piece -> piece.startsWith("exp="))
                .count();
        return expires != null && expiries > 1
                ? new Refused("The link has a parameter exp already, and it is not the last")
                : null;
    }

    /** Signs, then asks the verifier, so that a link is refused here with the words it would be refused with later. */
    private Outcome verified(Link unsigned) {
        String signed = (unsigned.route() == Route.COLLECT ? unsigned.path() : "/") + "?" + unsigned.query();
        byte[] signature = SignatureChecker.sign(isHmac, secret, signed.getBytes(StandardCharsets.US_ASCII));
        Link link = unsigned.withQuery(unsigned.query() + "&s=" + HexFormat.of().formatHex(signature));
        Verdict verdict = verdict(link, SecretRing.of(secret, List.of()), 0);
        return verdict instanceof Rejection rejection ? new Refused(rejection.text()) : new Signed(link.text());
    }

    /** What the server will say to that link. */
    static Verdict verdict(Link link, SecretRing secrets, long nowSeconds) {
        Target target = new Target();
        if (!target.read(link.target()) || !target.hasPath()) {
            return Rejection.INVALID_TARGET;
        }
        HitVerifier verifier = new HitVerifier(secrets, new KindLimit(List.of()));
        return Route.of(target) == Route.COLLECT
                ? verifier.collect(target, nowSeconds)
                : verifier.catchAll(target, nowSeconds);
    }
}
