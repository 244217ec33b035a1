package com.barnebys.analytics.hit;

import com.barnebys.analytics.hit.Claim.SignedText;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What may have happened to a link, undone: each repair names a cause and the link as it may have been. Whether it was so
 * is for a signature to prove.
 */
final class LinkRepairs {
    /**
     * @param claim what would have to match
     * @param link the link without the damage; it may need a new signature
     * @param detail what was found, may be empty
     */
    record Repair(Cause cause, String detail, Claim claim, Link link) {
        static Repair of(Cause cause, String detail, Link link) {
            return new Repair(cause, detail, Claim.of(link), link);
        }
    }

    /** All orders of so many parameters are tried, 5040; of more only the likely ones. */
    private static final int PERMUTED_MAX = 7;

    private static final int MOVED_MAX = 40;

    private static final String LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final Pattern SIGNATURE_WITHIN =
            Pattern.compile("(^|.*&)(s=)([^&]*?)([0-9a-fA-F]{64}|[0-9a-fA-F]{32})([^&]*)(.*)");
    private static final Pattern ESCAPE = Pattern.compile("%[0-9a-fA-F]{2}");
    private static final Pattern TRACKER = Pattern.compile(
            "(utm_\\w+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|ttclid|twclid|igshid|mc_[ce]id|_hs\\w+|_g[al]|mkt_tok)(=.*)?");
    /** How the link builders order them. */
    private static final List<String> BUILDER_ORDER =
            List.of("p", "k", "url", "d1", "d2", "d3", "d4", "d5", "sp", "dt", "a", "source", "medium", "fpv");

    private LinkRepairs() {}

    /** The repairs that are few; {@link #orders} are many. */
    static List<Repair> of(Link link) {
        List<Repair> repairs = new ArrayList<>();
        copied(link, repairs);
        signature(link, repairs);
        parameters(link, repairs);
        path(link, repairs);
        spaces(link, repairs);
        encodedOnceMoreOrLess(link, repairs);
        characters(link, repairs);
        encoders(link, repairs);
        fragment(link, repairs);
        wrongTexts(link, repairs);
        return repairs;
    }

    private static void copied(Link link, List<Repair> to) {
        String query = withFragment(link);
        String unescaped = query.replace("&amp;", "&")
                .replace("&#38;", "&")
                .replace("&#038;", "&")
                .replace("&#x26;", "&");
        if (!unescaped.equals(query)) {
            to.add(Repair.of(Cause.HTML_ESCAPED, "", link.withQuery(unescaped)));
        }
        String joined = link.query().replaceAll("=?(%0D)?%0A(%20|%09)*", "").replace("=3D", "=");
        if (!joined.equals(link.query())) {
            to.add(Repair.of(Cause.LINE_BROKEN, "", link.withQuery(joined)));
        }
        if (joined.contains("%20")) {
            to.add(Repair.of(Cause.LINE_BROKEN, "", link.withQuery(joined.replace("%20", ""))));
        }
    }

    private static void signature(Link link, List<Repair> to) {
        Matcher within = SIGNATURE_WITHIN.matcher(link.query());
        if (within.matches() && !(within.group(3).isEmpty() && within.group(5).isEmpty())) {
            String query = within.group(1) + within.group(2) + within.group(4) + within.group(6);
            to.add(Repair.of(Cause.SIGNATURE_SURROUNDED, within.group(3) + within.group(5), link.withQuery(query)));
        }
        List<String> signatures = link.signaturePieces();
        List<String> rest = link.unsignedPieces();
        for (String signature : signatures) {
            Link last = link.withQuery(String.join("&", rest) + "&" + signature);
            String lower = last.query().substring(0, last.query().length() - signature.length())
                    + signature.toLowerCase(Locale.ROOT);
            if (!lower.equals(last.query()) && signatures.size() == 1) {
                to.add(Repair.of(
                        Cause.UPPER_CASE,
                        "",
                        link.withQuery(link.query().replace(signature, signature.toLowerCase(Locale.ROOT)))));
            }
            if (signatures.size() > 1) {
                to.add(Repair.of(Cause.SIGNATURE_TWICE, String.join(" and ", signatures), last));
                to.add(Repair.of(Cause.SIGNATURE_TWICE, String.join(" and ", signatures), last.withQuery(lower)));
            }
        }
    }

    private static void parameters(Link link, List<Repair> to) {
        List<String> signatures = link.signaturePieces();
        if (signatures.size() != 1) {
            return;
        }
        String signature = signatures.get(0);
        List<String> pieces = List.of(link.query().split("&", -1));
        int at = pieces.indexOf(signature);
        List<String> behind = pieces.subList(at + 1, pieces.size());
        if (!behind.isEmpty()) {
            Link cut = link.withQuery(String.join("&", pieces.subList(0, at + 1)));
            to.add(Repair.of(Cause.PARAMETERS_BEHIND, String.join("&", behind), cut));
        }
        List<String> rest = link.unsignedPieces();
        if (at < pieces.size() - 1 && link.route() == Route.COLLECT) {
            to.add(Repair.of(Cause.SIGNATURE_NOT_LAST, String.join("&", behind), joined(link, rest, signature)));
        }
        List<String> own =
                rest.stream().filter(piece -> !TRACKER.matcher(piece).matches()).toList();
        if (own.size() < rest.size()) {
            List<String> added = rest.stream()
                    .filter(piece -> TRACKER.matcher(piece).matches())
                    .toList();
            to.add(Repair.of(Cause.PARAMETER_ADDED, String.join("&", added), joined(link, own, signature)));
        }
        for (int i = 0; i < rest.size() && rest.size() <= MOVED_MAX; i++) {
            List<String> fewer = new ArrayList<>(rest);
            String removed = fewer.remove(i);
            to.add(Repair.of(Cause.PARAMETER_ADDED, removed, joined(link, fewer, signature)));
        }
        for (int count = rest.size() - 2; count > 0 && rest.size() <= MOVED_MAX; count--) {
            String added = String.join("&", rest.subList(count, rest.size()));
            to.add(Repair.of(Cause.PARAMETER_ADDED, added, joined(link, rest.subList(0, count), signature)));
        }
    }

    private static Link joined(Link link, List<String> pieces, String signature) {
        return link.withQuery(String.join("&", pieces) + "&" + signature);
    }

    private static void path(Link link, List<Repair> to) {
        if (link.route() == Route.COLLECT) {
            to.add(Repair.of(Cause.OTHER_ROUTE, "its path is not /r/collect, but /", link.withPath("/")));
            return;
        }
        String normal = Link.decode(link.path())
                .replaceAll("/+", "/")
                .replaceAll("(?<=.)/$", "")
                .toLowerCase(Locale.ROOT);
        boolean isNearly = normal.endsWith(Route.COLLECT_PATH);
        to.add(Repair.of(
                isNearly ? Cause.PATH_CHANGED : Cause.OTHER_ROUTE,
                isNearly ? link.path() : "its path is /r/collect",
                link.withPath(Route.COLLECT_PATH)));
    }

    private static void spaces(Link link, List<Repair> to) {
        if (link.query().contains("+")) {
            to.add(Repair.of(
                    Cause.SPACES,
                    "%20 was signed, + was sent",
                    link.withQuery(link.query().replace("+", "%20"))));
        }
        if (link.query().contains("%20")) {
            to.add(Repair.of(
                    Cause.SPACES,
                    "+ was signed, %20 was sent",
                    link.withQuery(link.query().replace("%20", "+"))));
        }
    }

    private static void encodedOnceMoreOrLess(Link link, List<Repair> to) {
        String query = link.query();
        if (query.contains("%25")) {
            String once = query.replace("%25", "%");
            to.add(Repair.of(Cause.DOUBLE_ENCODED, "", link.withQuery(once)));
            to.add(Repair.of(Cause.DOUBLE_ENCODED, "twice", link.withQuery(once.replace("%25", "%"))));
        }
        if (query.contains("%3D") || query.contains("%26")) {
            // All of the query, its = and & too.
            String decoded = query.replace("%26", "&").replace("%3D", "=").replace("%25", "%");
            to.add(Repair.of(Cause.DOUBLE_ENCODED, "", link.withQuery(decoded)));
        }
        if (query.contains("%")) {
            to.add(Repair.of(Cause.DECODED, "", link.withQuery(query.replace("%", "%25"))));
        }
    }

    /** One character escaped or not, everywhere in the values. */
    private static void characters(Link link, List<Repair> to) {
        for (char c : "'!()*~,/:;@$[]|\"<>?=-_.\\^`{}".toCharArray()) {
            String escape = "%%%02X".formatted((int) c);
            reencoded(
                    link,
                    piece -> piece.replaceAll("(?i)" + escape, Matcher.quoteReplacement(String.valueOf(c))),
                    c + " was signed, " + escape + " was sent",
                    to);
            reencoded(
                    link,
                    piece -> piece.replace(String.valueOf(c), escape),
                    escape + " was signed, " + c + " was sent",
                    to);
        }
        reencoded(link, piece -> escapes(piece, false), "escapes were signed in lower case", to);
        reencoded(link, piece -> escapes(piece, true), "escapes were signed in upper case", to);
    }

    private static String escapes(String piece, boolean isUpper) {
        return ESCAPE.matcher(piece)
                .replaceAll(m ->
                        isUpper ? m.group().toUpperCase(Locale.ROOT) : m.group().toLowerCase(Locale.ROOT));
    }

    /** Names and values read, and written again as the usual libraries do. */
    private static void encoders(Link link, List<Repair> to) {
        encoder(link, "as encodeURIComponent does", "-_.!~*'()", "%20", StandardCharsets.UTF_8, to);
        encoder(link, "as PHP's urlencode does", "-_.", "+", StandardCharsets.UTF_8, to);
        encoder(link, "as PHP's rawurlencode does", "-_.~", "%20", StandardCharsets.UTF_8, to);
        encoder(link, "as a form does", "-_.*", "+", StandardCharsets.UTF_8, to);
        encoder(link, "as Python's quote does", "-_.~/", "%20", StandardCharsets.UTF_8, to);
        encoder(link, "as encodeURI does", "-_.!~*'();/?:@=$,", "%20", StandardCharsets.UTF_8, to);
        encoder(link, "hardly at all", "-_.!~*'();/?:@=$,[]{}|^`\"<>\\", "%20", StandardCharsets.UTF_8, to);
        encoder(link, "in ISO 8859-1", "-_.!~*'()", "%20", StandardCharsets.ISO_8859_1, to);
        encoder(link, "in ISO 8859-1, as PHP's urlencode does", "-_.", "+", StandardCharsets.ISO_8859_1, to);
        StringBuilder text = new StringBuilder();
        for (String piece : link.unsignedPieces()) {
            text.append(text.isEmpty() ? "" : "&").append(Link.decode(piece));
        }
        String prefix = link.route() == Route.COLLECT ? link.path() + "?" : "/?";
        to.add(new Repair(Cause.RE_ENCODED, "the decoded text was signed", claim(link, prefix + text), link));
    }

    private static void encoder(Link link, String how, String kept, String space, Charset charset, List<Repair> to) {
        reencoded(link, piece -> encoded(Link.decode(piece), kept, space, charset), "signed " + how, to);
        reencoded(
                link,
                piece -> escapes(encoded(Link.decode(piece), kept, space, charset), false),
                "signed " + how + ", in lower case",
                to);
    }

    private static String encoded(String text, String kept, String space, Charset charset) {
        StringBuilder to = new StringBuilder();
        for (byte b : text.getBytes(charset)) {
            if (b == ' ') {
                to.append(space);
            } else if (b > 0 && (LETTERS_AND_DIGITS.indexOf(b) >= 0 || kept.indexOf(b) >= 0)) {
                to.append((char) b);
            } else {
                PercentEncoding.escape(b, to);
            }
        }
        return to.toString();
    }

    private interface Rewriting {
        String of(String nameOrValue);
    }

    private static void reencoded(Link link, Rewriting rewriting, String detail, List<Repair> to) {
        List<String> pieces = new ArrayList<>();
        for (String piece : link.query().split("&", -1)) {
            int equals = piece.indexOf('=');
            pieces.add(
                    equals < 0
                            ? rewriting.of(piece)
                            : rewriting.of(piece.substring(0, equals)) + "="
                                    + rewriting.of(piece.substring(equals + 1)));
        }
        String query = String.join("&", pieces);
        if (!query.equals(link.query())) {
            to.add(Repair.of(Cause.RE_ENCODED, detail, link.withQuery(query)));
        }
    }

    private static void fragment(Link link, List<Repair> to) {
        if (link.fragment() == null) {
            return;
        }
        String full = withFragment(link);
        Link escaped = link.withQuery(full.replace("#", "%23"));
        to.add(Repair.of(Cause.FRAGMENT, "", escaped));
        to.add(new Repair(Cause.FRAGMENT, "", Claim.of(link.withQuery(full)), escaped));
    }

    private static String withFragment(Link link) {
        String fragment = link.fragment();
        return fragment == null ? link.query() : link.query() + "#" + fragment;
    }

    /** Texts that a link builder may take for the one to sign. */
    private static void wrongTexts(Link link, List<Repair> to) {
        String query = String.join("&", link.unsignedPieces());
        if (!link.origin().isEmpty()) {
            to.add(new Repair(Cause.HOST_SIGNED, "", claim(link, link.origin() + link.path() + "?" + query), link));
        }
        if (link.route() == Route.CATCH_ALL) {
            to.add(new Repair(Cause.PATH_SIGNED, link.path(), claim(link, link.path() + "?" + query), link));
        }
        to.add(new Repair(Cause.PREFIX_NOT_SIGNED, "only the query", claim(link, query), link));
        to.add(new Repair(Cause.PREFIX_NOT_SIGNED, "only ? and the query", claim(link, "?" + query), link));
    }

    private static Claim claim(Link link, String text) {
        String signature = Claim.of(link).signature();
        SignatureRule rule = Claim.isHmac(signature)
                ? SignatureRule.HMAC
                : link.route() == Route.COLLECT ? SignatureRule.TARGET : SignatureRule.RAW;
        return new Claim(signature, List.of(new SignedText(rule, text)));
    }

    /** Other orders of the parameters, s at the end. */
    static List<Repair> orders(Link link) {
        List<String> signatures = link.signaturePieces();
        List<String> pieces = link.unsignedPieces();
        if (signatures.size() != 1 || pieces.size() < 2 || pieces.size() > MOVED_MAX) {
            return List.of();
        }
        List<List<String>> orders = new ArrayList<>();
        orders.add(sorted(pieces, Comparator.comparingInt(LinkRepairs::builderPlace)));
        orders.add(sorted(pieces, Comparator.naturalOrder()));
        if (pieces.size() <= PERMUTED_MAX) {
            permute(pieces, 0, orders);
        } else {
            for (int from = 0; from < pieces.size(); from++) {
                for (int to = 0; to < pieces.size(); to++) {
                    List<String> moved = new ArrayList<>(pieces);
                    moved.add(to, moved.remove(from));
                    orders.add(moved);
                    List<String> swapped = new ArrayList<>(pieces);
                    Collections.swap(swapped, from, to);
                    orders.add(swapped);
                }
            }
        }
        return orders.stream()
                .filter(order -> !order.equals(pieces))
                .map(order -> Repair.of(Cause.ORDER, names(order), joined(link, order, signatures.get(0))))
                .toList();
    }

    private static void permute(List<String> pieces, int from, List<List<String>> to) {
        if (from == pieces.size() - 1) {
            to.add(pieces);
            return;
        }
        IntStream.range(from, pieces.size()).forEach(i -> {
            List<String> swapped = new ArrayList<>(pieces);
            Collections.swap(swapped, from, i);
            permute(swapped, from + 1, to);
        });
    }

    private static List<String> sorted(List<String> pieces, Comparator<String> order) {
        List<String> sorted = new ArrayList<>(pieces);
        sorted.sort(order);
        return sorted;
    }

    private static int builderPlace(String piece) {
        int place = BUILDER_ORDER.indexOf(name(piece));
        return place < 0 ? BUILDER_ORDER.size() : place;
    }

    private static String name(String piece) {
        int equals = piece.indexOf('=');
        return equals < 0 ? piece : piece.substring(0, equals);
    }

    private static String names(List<String> pieces) {
        return "signed as "
                + String.join(", ", pieces.stream().map(LinkRepairs::name).toList());
    }
}
