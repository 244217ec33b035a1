package com.barnebys.analytics.config;

import com.barnebys.analytics.hit.RedirectUrl;
import com.barnebys.analytics.hit.Secret;
import com.barnebys.analytics.http.PublicPaths;
import com.barnebys.analytics.http.TrustedProxies;
import com.barnebys.analytics.reference.PostgresUrl;
import io.netty.util.NetUtil;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the text of a setting is read.
 *
 * @param expectation what a good value looks like, to follow "expected: "
 * @param parser throws {@link IllegalArgumentException} on a bad one
 */
record ValueType<T>(String expectation, Function<Sourced, T> parser) {
    /** RFC 6265 section 4.1.1: a token of RFC 9110. */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final Pattern DOMAIN = Pattern.compile(
            "(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern PROJECT = Pattern.compile("[a-z0-9]([a-z0-9.:-]{0,61}[a-z0-9])?");
    private static final Pattern DATASET = Pattern.compile("[A-Za-z0-9_]{1,1024}");
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+");

    /** Nothing that a Router, a proxy or a page could read in two ways. */
    private static final Pattern SCRIPT_PATH = Pattern.compile("(?=.{2,200}$)(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+");

    T parse(Sourced value) {
        return parser.apply(value);
    }

    static ValueType<Integer> wholeNumber(int min, int max) {
        return stripped(min + " to " + max, text -> {
            int number = Integer.parseInt(text);
            require(number >= min && number <= max && text.charAt(0) != '+');
            return number;
        });
    }

    static ValueType<Optional<Integer>> numberOrOff(int min, int max) {
        ValueType<Integer> number = wholeNumber(min, max);
        return new ValueType<>(
                number.expectation() + ", or off",
                value -> isOff(value.text()) ? Optional.empty() : Optional.of(number.parse(value)));
    }

    private static boolean isOff(String text) {
        return text.strip().equalsIgnoreCase("off") || text.isBlank();
    }

    static ValueType<Long> size(String min) {
        long least = Quantity.bytes(min);
        return stripped("bytes or a size like 256MiB or 10GB, at least " + min, text -> {
            long bytes = Quantity.bytes(text);
            require(bytes >= least);
            return bytes;
        });
    }

    static ValueType<Duration> duration(String min, String max) {
        Duration least = Quantity.duration(min);
        Duration most = Quantity.duration(max);
        return stripped("a duration like 200ms, 1s, 5m, 1h or 30d, " + min + " to " + max, text -> {
            Duration duration = Quantity.duration(text);
            require(duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0);
            return duration;
        });
    }

    static ValueType<Duration> durationOrZero(String min, String max) {
        ValueType<Duration> duration = duration(min, max);
        return new ValueType<>(
                "0, or " + duration.expectation(),
                value -> value.text().strip().equals("0") ? Duration.ZERO : duration.parse(value));
    }

    static ValueType<Boolean> flag() {
        return stripped("true or false", text -> {
            require(text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"));
            return Boolean.parseBoolean(text);
        });
    }

    /** One of the constants, in any case, with hyphens. */
    static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
        String expectation = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
        return stripped(
                expectation,
                text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_')));
    }

    static ValueType<String> text() {
        return that("text that is not empty", text -> !text.isEmpty());
    }

    static ValueType<Path> path() {
        return stripped("a path", text -> {
            require(!text.isEmpty());
            return Path.of(text);
        });
    }

    static ValueType<String> cookieName() {
        return that(
                "a cookie name: letters, digits and !#$%&'*+-.^_`|~",
                text -> TOKEN.matcher(text).matches());
    }

    static ValueType<String> host() {
        return that(
                "an address or a host name, without port",
                text -> NetUtil.isValidIpV4Address(text)
                        || NetUtil.isValidIpV6Address(text)
                        || DOMAIN.matcher(text).matches());
    }

    static ValueType<Optional<String>> domain() {
        return maybe(that(
                "empty or a domain like example.com",
                text -> DOMAIN.matcher(text).matches() && !NetUtil.isValidIpV4Address(text)));
    }

    /** It goes out as it is, so it has to be fit for a header. */
    static ValueType<Optional<String>> url() {
        return maybe(that(
                "empty or an absolute http or https URL in printable ASCII",
                text -> RedirectUrl.isAbsolute(text) && text.chars().allMatch(c -> c > ' ' && c <= '~')));
    }

    static ValueType<Optional<String>> scriptPath() {
        return maybe(that(
                "empty or a path like /assets/stats.js that is none of the tracker's own",
                text -> SCRIPT_PATH.matcher(text).matches() && !PublicPaths.isTaken(text)));
    }

    static ValueType<Optional<Path>> optionalPath() {
        return maybe(path());
    }

    /** https://cloud.google.com/resource-manager/docs/creating-managing-projects; also numbers and old ones of a domain. */
    static ValueType<Optional<String>> projectId() {
        return maybe(that(
                "empty or a project such as my-project-123",
                text -> PROJECT.matcher(text).matches()));
    }

    /** https://cloud.google.com/bigquery/docs/datasets#dataset-naming. */
    static ValueType<String> datasetId() {
        return that(
                "a dataset's name without its project: letters, digits and _",
                text -> DATASET.matcher(text).matches());
    }

    static ValueType<Optional<String>> email() {
        return maybe(that(
                "empty or an address such as name@my-project.iam.gserviceaccount.com",
                text -> EMAIL.matcher(text).matches()));
    }

    /** Only what a glance tells: how stores garble a key, and repairing that, is known to who uses it. */
    static ValueType<Optional<Secret>> privateKey() {
        return maybe(new ValueType<>(
                "empty or the private_key of a key file, from -----BEGIN PRIVATE KEY----- on", value -> {
                    require(value.text().contains("-----BEGIN PRIVATE KEY-----"));
                    require(value.text().contains("-----END PRIVATE KEY-----"));
                    return new Secret(value.text());
                }));
    }

    static ValueType<Optional<Address>> address() {
        return maybe(stripped("empty or host:port or http://host:port", Address::parse));
    }

    /** What is wrong with it is said in place of the whole expectation: it is never shown. */
    static ValueType<Optional<PostgresUrl>> postgresUrl() {
        return maybe(stripped("empty or postgresql://user:password@host:5432/database?sslmode=verify-full", text -> {
            try {
                return PostgresUrl.parse(text);
            } catch (IllegalArgumentException e) {
                throw new BadValueException(String.valueOf(e.getMessage()));
            }
        }));
    }

    static ValueType<TrustedProxies> networks() {
        return stripped(
                "addresses or CIDR ranges like 10.0.0.0/8, separated by commas",
                text -> TrustedProxies.parse(list(text, ",")));
    }

    /** Literal: no blank is taken off and no escape resolved. */
    static ValueType<Optional<Secret>> secret() {
        return new ValueType<>(
                "text",
                value -> Optional.of(value.text())
                        .filter(text -> !text.isEmpty())
                        .map(Secret::new));
    }

    /** Separated by commas, with blanks around them not counted; in a file of their own one a line, literally. */
    static ValueType<List<Secret>> secrets() {
        return new ValueType<>("secrets separated by commas", value -> {
            Stream<String> texts = value.layer() == Layer.VALUE_FILE
                    ? value.text().lines().filter(line -> !line.isEmpty())
                    : list(value.text(), ",").stream();
            return texts.map(Secret::new).toList();
        });
    }

    private static ValueType<String> that(String expectation, Predicate<String> isGood) {
        return stripped(expectation, text -> {
            require(isGood.test(text));
            return text;
        });
    }

    private static <T> ValueType<T> stripped(String expectation, Function<String, T> parser) {
        return new ValueType<>(expectation, value -> parser.apply(value.text().strip()));
    }

    private static <T> ValueType<Optional<T>> maybe(ValueType<T> type) {
        return new ValueType<>(
                type.expectation,
                value -> value.text().isBlank() ? Optional.empty() : Optional.of(type.parser.apply(value)));
    }

    private static List<String> list(String text, String separator) {
        return Stream.of(text.split(separator, -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    /** A value of which is known what exactly is wrong. Its message follows "expected: ", and shows nothing of the value. */
    static final class BadValueException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        BadValueException(String expectation) {
            super(expectation);
        }
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException();
        }
    }
}
