package com.barnebys.analytics.hit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A link as a person or a log has it, cut at the places a browser cuts it.
 *
 * @param origin {@code https://host}, empty for a link that begins with its path
 * @param path as written, may be empty behind an origin
 * @param query without its {@code ?}
 * @param fragment behind the first {@code #}, which a browser keeps to itself; null when there is none
 */
record Link(
        String origin, String path, String query, @Nullable String fragment) {
    private static final Pattern FORM =
            Pattern.compile("((?i:https?)://[^/?#\\\\]+)?([^?#]*)(?:\\?([^#]*))?(?:#(.*))?");

    /** Null when the text is neither an absolute http(s) URL nor a path. Anything but printable ASCII is escaped. */
    static @Nullable Link parse(String text) {
        Matcher form = FORM.matcher(printable(text.strip()));
        if (!form.matches()) {
            return null;
        }
        String origin = orEmpty(form.group(1));
        String path = orEmpty(form.group(2));
        boolean isPath =
                path.startsWith("/") && (!origin.isEmpty() || !path.startsWith("//") || path.startsWith("//r/"));
        if (!isPath && (origin.isEmpty() || !path.isEmpty())) {
            return null;
        }
        return new Link(origin, path, orEmpty(form.group(3)), form.group(4));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** As a browser sends it: blanks, control characters and everything beyond ASCII as escapes of their UTF-8. */
    static String printable(String text) {
        StringBuilder to = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c > 0x20 && c < 0x7F) {
                to.append((char) c);
            } else {
                boolean isSurrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
                String character = Character.toString(isSurrogate ? 0xFFFD : c);
                for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
                    PercentEncoding.escape(b, to);
                }
            }
        });
        return to.toString();
    }

    Route route() {
        return Route.ofPath(path);
    }

    /** The request target this link makes a client send. */
    String target() {
        return (path.isEmpty() ? "/" : path) + (query.isEmpty() ? "" : "?" + query);
    }

    /** The link again, without the fragment. */
    String text() {
        return origin + path + (query.isEmpty() ? "" : "?" + query);
    }

    Link withQuery(String newQuery) {
        return new Link(origin, path, newQuery, null);
    }

    Link withPath(String newPath) {
        return new Link(origin, newPath, query, null);
    }

    /** The pieces of the query that are not its signature, empty ones included. */
    List<String> unsignedPieces() {
        List<String> pieces = new ArrayList<>();
        for (String piece : query.split("&", -1)) {
            if (!isSignature(piece)) {
                pieces.add(piece);
            }
        }
        return pieces;
    }

    /** The pieces that are called s. */
    List<String> signaturePieces() {
        List<String> pieces = new ArrayList<>();
        for (String piece : query.split("&", -1)) {
            if (isSignature(piece)) {
                pieces.add(piece);
            }
        }
        return pieces;
    }

    private static boolean isSignature(String piece) {
        int equals = piece.indexOf('=');
        return decode(equals < 0 ? piece : piece.substring(0, equals)).equals("s");
    }

    static String decode(String encoded) {
        byte[] bytes = encoded.getBytes(StandardCharsets.US_ASCII);
        return PercentEncoding.decode(bytes, 0, bytes.length);
    }
}
